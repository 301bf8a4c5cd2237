"""Prove two trees equal after a table of renames: `tools/same_code.py OLD NEW --table TABLE`, or `--range A..B`.

OLD and NEW are commits or folders. Docstrings, comments, formatting and the order of imports may differ; files that the
table lists as prose or generated are left out. Every other difference is printed, and the exit code is 1.
"""

import argparse
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from comparing.syntax import Allowed, differences
from comparing.trees import Snapshot, commits_of, snapshot, tables_of
from renaming.edits import RenameError
from renaming.merges import merged
from renaming.source_tree import TABLES, module_of
from renaming.table import Table, parse_table, read_table
from renaming.texts import TextMap
from renaming.words import Words, new_packages, words_of


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: equal; 1: differences; 2: the table does not fit the old tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", metavar="OLD NEW")
    parser.add_argument("--table", type=Path, action="append", default=[])
    parser.add_argument("--range", dest="span", default="")
    parser.add_argument("--root", type=Path, default=Path(), help="repository of the commits")
    options = parser.parse_args(arguments)
    if bool(options.span) == bool(options.trees) or len(options.trees) not in (0, 2):
        parser.error("give OLD and NEW with --table, or --range")
    try:
        found = list(_of_range(options.span, options.root) if options.span else _of_trees(options))
    except RenameError as error:
        sys.stderr.write("".join(f"error: {reason}\n" for reason in error.reasons))
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in found) or "the same code\n")
    return 1 if found else 0


def _of_trees(options: argparse.Namespace) -> Iterator[str]:
    table = Table()
    for path in options.table:
        table = table.joined(read_table(path))
    old, new = (snapshot(name, options.root) for name in options.trees)
    yield from compare(old, new, table)


def _of_range(span: str, root: Path) -> Iterator[str]:
    """Each commit that adds lines to a table, against its parent, by these lines."""
    for commit in commits_of(span, root):
        table = Table()
        for before, after in tables_of(commit, root, TABLES).values():
            table = table.joined(parse_table(after).without(parse_table(before)))
        if not table.is_empty:
            found = compare(snapshot(f"{commit}^", root), snapshot(commit, root), table)
            yield from (f"{commit[:12]} {line}" for line in found)


def compare(old: Snapshot, new: Snapshot, table: Table) -> Iterator[str]:
    """Each difference as `file:line: what`. Raises RenameError where the table does not fit the old tree."""
    words = words_of(table, old.tree({}))
    allowed = _allowed(words)
    made = new_packages(words, old.tree({}))
    expected = {words.paths.get(path, path): path for path in old.ids}
    merges = {merge.target: merge for merge in table.merges}
    for path in sorted({*expected, *new.ids, *made}):
        if path.startswith(TABLES) or any(fnmatch(path, glob) for glob in (*table.prose, *table.generated)):
            continue
        source = expected.get(path)
        if path not in new.ids:
            yield f"{path}: is missing"
        elif source is None:
            yield from _added(path, new, made)
        elif path in merges:
            sources = [source for source in merges[path].sources if source in old.ids]
            modules = {module_of(source) for source in sources}
            text = merged([old.read(source) for source in sources], modules, "", path)
            yield from _of_file(path, (text, new.read(path)), allowed)
        elif old.ids[source] != new.ids[path]:
            yield from _of_file(path, (old.read(source), new.read(path)), allowed)


def _added(path: str, new: Snapshot, made: dict[str, bytes]) -> Iterator[str]:
    """A file without predecessor: an `__init__.py` that the moves need."""
    if path not in made:
        yield f"{path}: is new"
    else:
        yield from (
            f"{path}:{line}: {what}" for line, what in differences(b"", new.read(path), Allowed(str, frozenset(), str))
        )


def _of_file(path: str, texts: tuple[bytes, bytes], allowed: Allowed) -> Iterator[str]:
    if path.endswith(".py"):
        try:
            yield from (f"{path}:{line}: {what}" for line, what in differences(*texts, allowed))
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}"
        return
    old, new = (text.decode(errors="replace").split("\n") for text in texts)
    if len(old) != len(new):
        yield f"{path}: {len(old)} lines became {len(new)}"
    for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
        if not allowed.same_text(before, after):
            yield f"{path}:{number}: {before[:80]!r} became {after[:80]!r}"


def _allowed(words: Words) -> Allowed:
    names = {(row.old, row.new) for row in words.table.names}
    names |= {(row.old, row.new) for row in (*words.table.locals, *words.table.attributes)}
    names |= {(old.rpartition(".")[2], new.rpartition(".")[2]) for old, new in words.modules.items()}
    return Allowed(words.after, frozenset(names), TextMap(words).mapped)


if __name__ == "__main__":
    sys.exit(main())
