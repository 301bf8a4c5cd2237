"""Edits for attributes by their name alone, in the files that a row lists: mypy and the tests show what was meant."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from renaming.edits import Edit
from renaming.imports import SourceFile
from renaming.table import LocalRow

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class AttributeNames:
    """`makers`: name of an attribute -> classes whose constructors have it as a keyword, `replace` included."""

    file: SourceFile
    rows: Sequence[LocalRow]
    makers: Mapping[str, frozenset[str]]

    def edits(self) -> Iterator[Edit]:
        after = {row.old: row.new for row in sorted(self.rows, key=lambda row: len(row.place))}
        reader = self.file.reader
        for node in ast.walk(reader.tree):
            if isinstance(node, ast.Attribute) and node.attr in after:
                end = reader.end_of(node)
                yield Edit(end - len(node.attr.encode()), end, after[node.attr].encode())
            elif isinstance(node, ast.Call):
                yield from self._keywords(node, after)
            elif isinstance(node, ast.ClassDef):
                yield from self._methods(node, after)
        for reference in reader.references:
            name = reference.parts[0]
            home = reference.scope.home_of(name) if name in after else None
            if home is not None and home.is_class:
                yield Edit(*reference.spans[0], after[name].encode())

    def _keywords(self, node: ast.Call, after: Mapping[str, str]) -> Iterator[Edit]:
        callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for keyword in node.keywords:
            name = keyword.arg or ""
            if name in after and callee in self.makers[name] | {"replace", "_replace"}:
                start = self.file.reader.start_of(keyword)
                yield Edit(start, start + len(name.encode()), after[name].encode())

    def _methods(self, node: ast.ClassDef, after: Mapping[str, str]) -> Iterator[Edit]:
        for inner in node.body:
            if isinstance(inner, _Function) and inner.name in after:
                start = self.file.reader.name_start(inner)
                yield Edit(start, start + len(inner.name.encode()), after[inner.name].encode())
            for text in ast.walk(inner) if isinstance(inner, ast.Assign) and _is_slots(inner) else ():
                if isinstance(text, ast.Constant) and text.value in after:
                    start = self.file.reader.start_of(text) + 1
                    yield Edit(start, start + len(str(text.value).encode()), after[str(text.value)].encode())


def makers_of(files: Sequence[SourceFile], rows: Sequence[LocalRow]) -> dict[str, frozenset[str]]:
    """Classes of these files that have an attribute of a row as a field."""
    found: dict[str, set[str]] = {row.old: set() for row in rows}
    for file in files:
        for node in ast.walk(file.reader.tree):
            if isinstance(node, ast.ClassDef):
                for name in _fields_of(node) & {row.old for row in rows if row.is_in(file.path)}:
                    found[name].add(node.name)
    return {name: frozenset(classes) for name, classes in found.items()}


def _fields_of(node: ast.ClassDef) -> set[str]:
    targets = (inner.target for inner in node.body if isinstance(inner, ast.AnnAssign))
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_slots(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "__slots__" for target in node.targets)
