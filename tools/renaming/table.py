"""The table of a step: which files move, which names change, and what else may differ."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from renaming.edits import RenameError

_IDENTIFIER = r"[A-Za-z_]\w*"
_SCOPE = re.compile(
    rf"(?P<module>{_IDENTIFIER}(?:\.{_IDENTIFIER})*)"
    rf":(?P<path>{_IDENTIFIER}(?:\.{_IDENTIFIER})*)(?:\((?P<parameter>{_IDENTIFIER})\))?"
)
_MOVE_KEYS = {"from", "to"}
_MERGE_KEYS = {"from", "to", "docstring"}
_LOCALS = ("local", "attribute")
_LOCAL_KEYS = {"in", "from", "to"}
_NAME_KEYS = {"from", "to", "prose", "untyped"}


@dataclass(frozen=True, slots=True)
class Move:
    """A file or folder, below the root, that moves with all that names it."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Modules that become one file, in this order; `target` may be one of them."""

    sources: tuple[str, ...]
    target: str
    docstring: str

    @property
    def moves(self) -> tuple[Move, ...]:
        return tuple(Move(source, self.target) for source in self.sources)


@dataclass(frozen=True, slots=True)
class NameRow:
    """`module:Name`, `module:Class.member`, `module:function(parameter)` or `module:Class.method(parameter)`.

    `untyped` says what happens to `x.member` where the type of x is unknown: "keep" or "rename"; "" makes it an error.
    """

    module: str
    path: tuple[str, ...]
    parameter: str
    new: str
    prose: bool = False
    untyped: str = ""

    @property
    def old(self) -> str:
        return self.parameter or self.path[-1]

    @property
    def is_top_level(self) -> bool:
        return len(self.path) == 1 and not self.parameter

    @property
    def scope(self) -> str:
        return f"{self.module}:{'.'.join(self.path)}" + (f"({self.parameter})" if self.parameter else "")


@dataclass(frozen=True, slots=True)
class LocalRow:
    """A name that functions bind, in a file or below a folder: `path.py` or `path.py:Class.function`."""

    place: str
    old: str
    new: str

    @property
    def path(self) -> tuple[str, ...]:
        _, _, path = self.place.partition(":")
        return tuple(path.split(".")) if path else ()

    def __str__(self) -> str:
        return f"{self.place}: {self.old} -> {self.new}"

    def is_in(self, path: str) -> bool:
        file = self.place.partition(":")[0]
        return path == file or path.startswith(f"{file}/")


@dataclass(frozen=True, slots=True)
class Table:
    """All rows apply at once: scopes are given in the words of the tree before."""

    moves: tuple[Move, ...] = ()
    names: tuple[NameRow, ...] = ()
    locals: tuple[LocalRow, ...] = ()
    attributes: tuple[LocalRow, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)  # folder -> docstring of its new __init__.py
    prose: tuple[str, ...] = ()  # globs of texts that may differ
    generated: tuple[str, ...] = ()  # globs of files that `make generate` writes
    merges: tuple[Merge, ...] = ()

    @property
    def all_moves(self) -> tuple[Move, ...]:
        return self.moves + tuple(move for merge in self.merges for move in merge.moves)

    @property
    def is_empty(self) -> bool:
        return not (self.all_moves or self.names or self.locals or self.attributes)

    def without(self, earlier: "Table") -> "Table":
        """The rows that an earlier state of the table lacks."""
        return Table(
            tuple(row for row in self.moves if row not in earlier.moves),
            tuple(row for row in self.names if row not in earlier.names),
            tuple(row for row in self.locals if row not in earlier.locals),
            tuple(row for row in self.attributes if row not in earlier.attributes),
            self.packages,
            self.prose,
            self.generated,
            tuple(row for row in self.merges if row not in earlier.merges),
        )

    def joined(self, other: "Table") -> "Table":
        return Table(
            self.moves + other.moves,
            self.names + other.names,
            self.locals + other.locals,
            self.attributes + other.attributes,
            {**self.packages, **other.packages},
            self.prose + other.prose,
            self.generated + other.generated,
            self.merges + other.merges,
        )


def read_table(path: Path) -> Table:
    """Raises RenameError for a row that is malformed, double or contradicts another."""
    try:
        return parse_table(path.read_text())
    except OSError as error:
        raise RenameError([f"{path}: {error.strerror}"]) from error


def parse_table(text: str) -> Table:
    """Raises RenameError for a row that is malformed, double or contradicts another."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RenameError([f"table: {error}"]) from error
    faults = [
        f"table: unknown key {key}"
        for key in document.keys() - {"move", "merge", "name", "local", "attribute", "packages", "prose", "generated"}
    ]
    faults += [f"table: move {row} needs from and to" for row in document.get("move", []) if set(row) != _MOVE_KEYS]
    faults += [f"table: merge {row} is malformed" for row in document.get("merge", []) if not _is_merge(row)]
    faults += [f"table: name {row} is malformed" for row in document.get("name", []) if not _is_name_row(row)]
    faults += [
        f"table: {kind} {row} is malformed" for kind in _LOCALS for row in document.get(kind, []) if not _is_local(row)
    ]
    if faults:
        raise RenameError(faults)
    table = Table(
        tuple(Move(row["from"].rstrip("/"), row["to"].rstrip("/")) for row in document.get("move", [])),
        tuple(_name_row(row) for row in document.get("name", [])),
        _local_rows(document.get("local", [])),
        _local_rows(document.get("attribute", [])),
        document.get("packages", {}),
        tuple(document.get("prose", ())),
        tuple(document.get("generated", ())),
        tuple(Merge(tuple(row["from"]), row["to"], row["docstring"]) for row in document.get("merge", [])),
    )
    _require_distinct(table)
    return table


def _is_merge(row: Mapping[str, object]) -> bool:
    sources = row.get("from")
    return (
        set(row) == _MERGE_KEYS
        and isinstance(sources, list)
        and len(sources) > 1
        and all(str(path).endswith(".py") for path in (*sources, row["to"]))
    )


def _is_name_row(row: Mapping[str, object]) -> bool:
    return (
        {"from", "to"} <= set(row) <= _NAME_KEYS
        and _SCOPE.fullmatch(str(row["from"])) is not None
        and str(row["to"]).isidentifier()
        and row.get("untyped", "") in {"", "keep", "rename"}
    )


def _is_local(row: Mapping[str, object]) -> bool:
    return set(row) == _LOCAL_KEYS and str(row["from"]).isidentifier() and str(row["to"]).isidentifier()


def _local_rows(rows: Iterable[Mapping[str, str]]) -> tuple[LocalRow, ...]:
    return tuple(LocalRow(row["in"].rstrip("/"), row["from"], row["to"]) for row in rows)


def _name_row(row: Mapping[str, object]) -> NameRow:
    match = _SCOPE.fullmatch(str(row["from"]))
    assert match is not None
    return NameRow(
        match["module"],
        tuple(match["path"].split(".")),
        match["parameter"] or "",
        str(row["to"]),
        row.get("prose") is True,
        str(row.get("untyped", "")),
    )


def _require_distinct(table: Table) -> None:
    """A source or a target that stands twice is a slip in the table."""
    seen: dict[str, str] = {}
    faults = []
    keys = [f"move of {row.source}" for row in table.all_moves] + [f"name {row.scope}" for row in table.names]
    keys += [f"local {row.old} in {row.place}" for row in table.locals]
    keys += [f"attribute {row.old} in {row.place}" for row in table.attributes]
    for key in keys:
        faults += [f"table: {key} stands twice"] * (key in seen)
        seen[key] = key
    targets = [f"move to {row.target}" for row in table.moves]
    targets += [f"{row.module}:{'.'.join((*row.path[:-1], row.new))}" for row in table.names if not row.parameter]
    faults += [f"table: two rows lead to {target}" for target in set(targets) if targets.count(target) > 1]
    if faults:
        raise RenameError(faults)
