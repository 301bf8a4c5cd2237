"""What the rows of a table mean for one tree: modules that move, names that change."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from renaming.edits import RenameError
from renaming.source_tree import SourceTree, module_of
from renaming.table import Move, NameRow, Table


@dataclass(frozen=True)
class Words:
    """The table, resolved against a tree; rows that are applied already still map what new code brings."""

    paths: Mapping[str, str]  # file -> file, for what still has to move
    modules: Mapping[str, str]  # module or package -> its name afterwards
    entities: Mapping[str, str]  # dotted top-level name -> identifier afterwards
    renamed_paths: tuple[Move, ...]
    table: Table
    packages: frozenset[str] = frozenset()  # modules that are folders: what lies below moves with them
    known: frozenset[str] = frozenset()  # modules of the tree
    merged: frozenset[str] = frozenset()  # modules that others become a part of

    def after(self, module: str) -> str:
        """The name of a module afterwards: by its own row, or by that of the nearest folder above."""
        if module in self.modules:
            return self.modules[module]
        above = module.rpartition(".")[0]
        while above:
            if above in self.packages:
                return self.modules[above] + module[len(above) :]
            above = above.rpartition(".")[0]
        return module

    def is_taken(self, module: str) -> bool:
        """Whether an old name is by now that of a package which the move made."""
        after = self.modules.get(module, "")
        return module in self.known and after in self.known and after not in self.merged

    def spellings_of(self, module: str) -> tuple[str, str]:
        """A module under both of its names, the present one first."""
        after = self.after(module)
        return (after, module) if self.is_taken(module) else (module, after)


def words_of(table: Table, tree: SourceTree) -> Words:
    """Raises RenameError for a move without source or onto another file."""
    paths = dict(_file_moves(table.all_moves, tree))
    modules: dict[str, str] = {}
    for row in sorted(table.all_moves, key=lambda move: len(move.source)):
        modules |= dict(_module_moves(row, tree))
    _require_free_targets(paths, tree, {merge.target for merge in table.merges})
    folders = frozenset(_dotted(row.source) for row in table.moves if not row.source.endswith(".py"))
    merged = frozenset(module_of(merge.target) for merge in table.merges)
    words = Words(paths, modules, {}, table.all_moves, table, folders, frozenset(tree.modules), merged)
    entities = {
        f"{module}.{row.old}": row.new
        for row in table.names
        if row.is_top_level
        for module in words.spellings_of(row.module)
    }
    return replace(words, entities=entities)


def _file_moves(moves: tuple[Move, ...], tree: SourceTree) -> Iterator[tuple[str, str]]:
    faults = []
    for row in sorted(moves, key=lambda move: len(move.source)):  # the row of a file wins over that of its folder
        if row.source == row.target and tree.has(row.source):
            continue  # the file that others become a part of
        if row.source in tree.files:
            yield row.source, row.target
        elif row.source in tree.folders:
            prefix = f"{row.source}/"
            yield from ((path, row.target + path[len(row.source) :]) for path in tree.files if path.startswith(prefix))
        elif not tree.has(row.target):
            faults.append(f"move {row.source} -> {row.target}: neither exists")
    if faults:
        raise RenameError(faults)


def _module_moves(row: Move, tree: SourceTree) -> Iterator[tuple[str, str]]:
    old, new = _dotted(row.source), _dotted(row.target)
    if old and new:
        yield old, new
    for path in tree.files:
        for here, there in ((row.source, row.target), (row.target, row.source)):
            if path.startswith(f"{here}/") and (module := module_of(path)):
                other = module_of(there + path[len(here) :])
                yield (module, other) if here == row.source else (other, module)


def _dotted(path: str) -> str:
    """The module of a file, or the package of a folder."""
    return module_of(path if path.endswith(".py") else f"{path}/__init__.py") if "." not in path[:-3] else ""


def _require_free_targets(paths: Mapping[str, str], tree: SourceTree, merged: Collection[str]) -> None:
    faults = [
        f"move {source} -> {target}: the target exists"
        for source, target in paths.items()
        if target in tree.files and target not in {*paths, *merged} and tree.files[target] != tree.files[source]
    ]
    faults += [f"two files move to {target}" for target in {*paths.values()} - {*merged} if _count(paths, target) > 1]
    if faults:
        raise RenameError(faults)


def _count(paths: Mapping[str, str], target: str) -> int:
    return sum(other == target for other in paths.values())


def new_packages(words: Words, tree: SourceTree) -> dict[str, bytes]:
    """`__init__.py` for folders that modules of regular packages move into: path -> text."""
    made = {}
    for source, target in words.paths.items():
        parent, top = PurePosixPath(source).parent, PurePosixPath(source).parts[0]
        if not source.endswith(".py") or not {f"{parent}/__init__.py", f"{top}/__init__.py"} <= tree.files.keys():
            continue  # below `tests`, folders without `__init__.py` are packages too
        for folder in PurePosixPath(target).parents:
            path = f"{folder}/__init__.py"
            if str(folder) == "." or path in tree.files or path in words.paths.values():
                continue
            doc = words.table.packages.get(str(folder), "")
            made[path] = f'"""{doc}"""\n'.encode() if doc else b""
    return made


def rows_of_class(table: Table) -> tuple[NameRow, ...]:
    """Rows that need types: members and parameters."""
    return tuple(row for row in table.names if not row.is_top_level)
