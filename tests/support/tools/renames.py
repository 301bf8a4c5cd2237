"""A small tree, and a table applied to it."""

from pathlib import Path
from textwrap import dedent

from renaming.plan import Plan, plan
from renaming.source_tree import read_folder
from renaming.table import parse_table

MOVE = '[[move]]\nfrom = "{}"\nto = "{}"\n'
NAME = '[[name]]\nfrom = "{}"\nto = "{}"\n'


def grow(root: Path, **files: str) -> None:
    """Write files; `__` in a name is a slash, a name without suffix is a module."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
        package = path.parent
        while package != root and not name.startswith("tests"):
            (package / "__init__.py").touch()
            package = package.parent


def planned(root: Path, table: str) -> Plan:
    return plan(parse_table(table), read_folder(root), root)


def moved(old: str, new: str) -> str:
    return MOVE.format(old, new)


def named(old: str, new: str, more: str = "") -> str:
    return NAME.format(old, new) + more
