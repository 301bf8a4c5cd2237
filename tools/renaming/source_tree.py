"""The files of a tree, and which module each is."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

BASES = ("tools/",)  # folders of pyproject's `pythonpath`: modules in them have no prefix
_SKIPPED = {"__pycache__", "node_modules", "build", "dist", "var"}
TABLES = "tools/renames/"


@dataclass(frozen=True)
class SourceTree:
    """Path below the root -> bytes, for every text file."""

    files: Mapping[str, bytes]

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """Dotted name -> path, packages included; folders without `__init__.py` are left out."""
        return {name: path for path in self.files if (name := module_of(path))}

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(str(parent) for path in self.files for parent in Path(path).parents)

    def has(self, path: str) -> bool:
        return path in self.files or path in self.folders


def module_of(path: str) -> str:
    """The dotted name of a Python file; "" for others."""
    if not path.endswith(".py"):
        return ""
    base = next((base for base in BASES if path.startswith(base)), "")
    return path.removeprefix(base).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def read_folder(root: Path) -> SourceTree:
    """What git tracks or would track, in a repository; else every file outside hidden folders."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        every = (path.relative_to(root) for path in root.rglob("*"))
        paths = [str(path) for path in every if not any(part[0] == "." or part in _SKIPPED for part in path.parts)]
    return SourceTree({path: (root / path).read_bytes() for path in sorted(paths) if _is_text(root / path)})


def _is_text(path: Path) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)
