"""Edits of one file for modules that move and top-level names that change."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from renaming.edits import Edit, RenameError
from renaming.scopes import ImportedName, Reader, Reference, Scope
from renaming.words import Words

_BASE = re.compile(rb"from\s+(\.*\s*[\w.]*)\s+import")


@dataclass(frozen=True)
class SourceFile:
    """A parsed module."""

    path: str
    module: str
    source: bytes
    reader: Reader

    def line_of(self, offset: int) -> int:
        return self.source.count(b"\n", 0, offset) + 1


def aliases_of(files: Sequence[SourceFile]) -> dict[str, str]:
    """`package.name` -> what the package imported under this name: re-exports."""
    return {
        f"{file.module}.{local}": target
        for file in files
        for local, target in file.reader.module_scope.imports.items()
        if f"{file.module}.{local}" != target
    }


class ImportEdits:
    """Edits of one file; `edits` raises RenameError for clashes."""

    def __init__(self, file: SourceFile, words: Words, aliases: Mapping[str, str]) -> None:
        self._file, self._words, self._aliases = file, words, aliases
        self._reader = file.reader
        self._every_name = {name for scope in self._all_scopes() for name in scope.bound}
        self._locals: dict[tuple[int, str], str] = {}  # scope and local name -> local name afterwards
        self._faults: list[str] = []

    def edits(self) -> list[Edit]:
        found = [edit for statement in self._statements() for edit in self._statement(statement)]
        for reference in self._reader.references:
            found += self._reference(reference)
        found += self._exports()
        if self._faults:
            raise RenameError(self._faults)
        return found

    def _all_scopes(self) -> set[Scope]:
        return {self._reader.module_scope, *(reference.scope for reference in self._reader.references)} | set(
            self._reader.scope_of_node.values()
        )

    def _statements(self) -> Iterator[list[ImportedName]]:
        for _, group in groupby(self._reader.imports, key=lambda imported: id(imported.statement)):
            yield list(group)

    # Import statements

    def _statement(self, names: list[ImportedName]) -> Iterator[Edit]:
        if isinstance(names[0].statement, ast.Import):
            for imported in names:
                yield from self._plain_import(imported)
            return
        places = [self._place_of(imported) for imported in names]
        bases = list(dict.fromkeys(base for base, _ in places))
        if len(bases) == 1:
            yield from self._base(names[0], bases[0])
            for imported, (_, text) in zip(names, places, strict=True):
                yield from self._replace(imported.alias, text)
        else:
            yield self._split(names[0].statement, bases, places)

    def _plain_import(self, imported: ImportedName) -> Iterator[Edit]:
        after = self._words.after(imported.alias.name)
        if after != imported.alias.name and not self._words.is_taken(imported.alias.name):
            start = self._reader.start_of(imported.alias)
            yield Edit(start, start + len(imported.alias.name.encode()), after.encode())

    def _place_of(self, imported: ImportedName) -> tuple[str, str]:
        """Where an imported name comes from afterwards, and the text of its alias."""
        alias, target = imported.alias, f"{imported.base}.{imported.alias.name}"
        if target in self._words.modules and not self._words.is_taken(target):
            base, _, name = self._words.after(target).rpartition(".")
            return base, self._alias_text(imported, name, is_module=True)
        name = self._identifier(target, alias.name)
        if target in self._words.known and target not in self._words.modules:  # a module that stays where it is
            after = self._words.after(target).rpartition(".")[0]
            return after, self._alias_text(imported, name, is_module=True)
        return self._words.after(imported.base), self._alias_text(imported, name, is_module=False)

    def _alias_text(self, imported: ImportedName, name: str, *, is_module: bool) -> str:
        alias = imported.alias
        if alias.asname == alias.name:  # an explicit re-export
            self._locals[id(imported.scope), alias.name] = name
            return f"{name} as {name}"
        if alias.asname is not None:
            return f"{name} as {alias.asname}"
        if is_module and name != alias.name and name in self._every_name:
            return f"{name} as {alias.name}"
        self._locals[id(imported.scope), alias.name] = name
        return name

    def _base(self, imported: ImportedName, base: str) -> Iterator[Edit]:
        statement = imported.statement
        assert isinstance(statement, ast.ImportFrom)
        if base == imported.base and not (statement.level and self._file.path in self._words.paths):
            return
        start = self._reader.start_of(statement)
        match = _BASE.match(self._file.source, start)
        assert match is not None
        yield Edit(match.start(1), match.end(1), base.encode())

    def _replace(self, alias: ast.alias, text: str) -> Iterator[Edit]:
        start, end = self._reader.start_of(alias), self._reader.end_of(alias)
        before = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        if text != before:
            yield Edit(start, end, text.encode())

    def _split(self, statement: ast.Import | ast.ImportFrom, bases: list[str], places: list[tuple[str, str]]) -> Edit:
        start, end = self._reader.start_of(statement), self._reader.end_of(statement)
        comments = re.findall(rb"#[^\n]*", self._file.source[start:end])
        line_start = self._file.source.rfind(b"\n", 0, start) + 1
        indent = re.match(rb"\s*", self._file.source[line_start:start])
        assert indent is not None
        lines = [
            f"from {base} import {', '.join(text for of, text in places if of == base)}".encode() for base in bases
        ]
        return Edit(start, end, (b"\n" + indent[0]).join([*lines, *comments]))

    # Uses

    def _reference(self, reference: Reference) -> Iterator[Edit]:
        home = reference.scope.home_of(reference.parts[0])
        if home is None or (home is not self._reader.module_scope and reference.parts[0] not in home.imports):
            return
        first = reference.parts[0]
        prefix = home.imports.get(first, f"{self._file.module}.{first}")
        yield from self._first(reference, home, prefix)
        moved = 0
        for number in range(len(reference.parts) - 1, 0, -1):
            dotted = ".".join((prefix, *reference.parts[1 : number + 1]))
            name = self._identifier(dotted, reference.parts[number])
            if name != reference.parts[number]:
                yield Edit(*reference.spans[number], name.encode())
            if dotted in self._words.modules and not moved and not self._words.is_taken(dotted):
                moved = number
                yield from self._chain(reference, home, dotted, number)

    def _first(self, reference: Reference, home: Scope, prefix: str) -> Iterator[Edit]:
        first = reference.parts[0]
        after = self._locals.get((id(home), first), first)
        if home is self._reader.module_scope and first not in home.imports:
            after = self._identifier(prefix, first)
        if after == first:
            return
        for scope in reference.scope.chain():
            if after in scope.bound and not self._same(scope, after, prefix):
                at = f"{self._file.path}:{self._file.line_of(reference.spans[0][0])}"
                self._faults.append(f"{at}: {first} -> {after}: the name is bound here already")
            if scope is home:
                break
        yield Edit(*reference.spans[0], after.encode())

    def _same(self, scope: Scope, after: str, prefix: str) -> bool:
        """Whether the new name already stands for the same thing here: new code beside old."""
        there = scope.imports.get(after, "")
        return bool(there) and there == f"{prefix.rpartition('.')[0]}.{after}"

    def _chain(self, reference: Reference, home: Scope, dotted: str, number: int) -> Iterator[Edit]:
        after = self._words.after(dotted)
        if home.imports.get(reference.parts[0]) == reference.parts[0]:  # import a.b.c
            yield Edit(reference.spans[0][0], reference.spans[number][1], after.encode())
            return
        if self._words.after(dotted.rpartition(".")[0]) != after.rpartition(".")[0]:
            at = f"{self._file.path}:{self._file.line_of(reference.spans[0][0])}"
            self._faults.append(f"{at}: {'.'.join(reference.parts)} reads a module that moves away from its package")
            return
        if after.rpartition(".")[2] != reference.parts[number]:
            yield Edit(*reference.spans[number], after.rpartition(".")[2].encode())

    def _exports(self) -> Iterator[Edit]:
        for constant in self._reader.exports:
            name = str(constant.value)
            target = self._reader.module_scope.imports.get(name, f"{self._file.module}.{name}")
            after = self._identifier(target, name)
            if after != name:
                start, end = self._reader.start_of(constant), self._reader.end_of(constant)
                yield Edit(start + 1, end - 1, after.encode())

    def _identifier(self, dotted: str, name: str) -> str:
        """The name of a thing afterwards, re-exports followed; another name of it stays."""
        for _ in range(10):
            if dotted in self._words.entities and dotted.rpartition(".")[2] == name:
                return self._words.entities[dotted]
            if dotted not in self._aliases:
                return name
            dotted = self._aliases[dotted]
        return name
