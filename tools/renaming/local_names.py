"""Edits for names that functions bind: variables and parameters, with the keywords of calls."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from renaming.edits import Edit
from renaming.imports import SourceFile
from renaming.scopes import Reader, Reference, Scope, arguments_of
from renaming.table import LocalRow

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class LocalNames:
    """Rows of a file, and what they change in it. `keywords`: name of a function -> its parameters, afterwards."""

    file: SourceFile
    rows: Sequence[LocalRow]
    keywords: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def edits(self) -> list[Edit]:
        reader = self.file.reader
        found: list[Edit] = []
        for row in self.rows:
            found += [*self._references(row), *self._parameters(row, reader.tree, ())]
        return found

    def _references(self, row: LocalRow) -> Iterator[Edit]:
        for reference in self.file.reader.references:
            name = reference.parts[0]
            home = reference.scope.home_of(name) if name in {row.old, row.new} else None
            if name == row.old and home is not None and self._is_meant(row, home):
                self._require_free(row, reference, home)
                yield Edit(*reference.spans[0], row.new.encode())
            elif name == row.new and any(self._hides(row, scope) for scope in _below(reference.scope, home)):
                self._fault(row, reference.spans[0][0], f"would hide {row.new}")

    def _require_free(self, row: LocalRow, reference: Reference, home: Scope) -> None:
        for scope in reference.scope.chain():
            if row.new in scope.bound and (scope is home or not scope.is_class):
                self._fault(row, reference.spans[0][0], f"{row.new} is bound here already")
            if scope is home:
                return

    def _is_meant(self, row: LocalRow, scope: Scope) -> bool:
        """Whether a scope is that of a function, and no closer row is about it."""
        if scope.parent is None or scope.is_class:
            return False
        rows = [each for each in self.rows if each.old == row.old and scope.path[: len(each.path)] == each.path]
        return bool(rows) and max(rows, key=lambda each: len(each.place)) is row

    def _hides(self, row: LocalRow, scope: Scope) -> bool:
        return row.old in scope.bound and row.old not in scope.elsewhere and self._is_meant(row, scope)

    def _fault(self, row: LocalRow, offset: int, reason: str) -> None:
        self.faults.append(f"{self.file.path}:{self.file.line_of(offset)}: {row.old} -> {row.new}: {reason}")

    def _parameters(self, row: LocalRow, node: ast.AST, classes: tuple[str, ...]) -> Iterator[Edit]:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, _Function | ast.Lambda) and self._is_meant(row, self.file.reader.scope_of_node[inner]):
                yield from self._of_function(row, inner, classes)
            yield from self._parameters(row, inner, (inner.name,) if isinstance(inner, ast.ClassDef) else classes)

    def _of_function(self, row: LocalRow, node: _Function | ast.Lambda, classes: tuple[str, ...]) -> Iterator[Edit]:
        reader = self.file.reader
        scope = reader.scope_of_node[node]
        for argument in arguments_of(node.args):
            if argument.arg != row.old:
                continue
            if row.new in scope.bound:
                self._fault(row, reader.start_of(argument), f"{row.new} is bound here already")
            start = reader.start_of(argument)
            yield Edit(start, start + len(row.old.encode()), row.new.encode())
            if not isinstance(node, ast.Lambda):
                called = classes[-1] if node.name == "__init__" and classes else node.name
                self.keywords.setdefault(called, {})[row.old] = row.new
                yield from _in_decorators(row, node, reader)


def keyword_edits(file: SourceFile, renamed: Mapping[str, Mapping[str, str]]) -> Iterator[Edit]:
    """Keywords of calls of these functions, also through `partial`."""
    for node in ast.walk(file.reader.tree):
        if not isinstance(node, ast.Call):
            continue
        callee = _name_of(node.func)
        if callee == partial.__name__ and node.args:
            callee = _name_of(node.args[0])
        for keyword in node.keywords:
            new = renamed.get(callee, {}).get(keyword.arg or "")
            if new is not None:
                yield _keyword(keyword, new, file.reader)


def others_with(file: SourceFile, renamed: Mapping[str, Mapping[str, str]], edits: Sequence[Edit]) -> Iterator[str]:
    """Functions of these names whose parameter keeps its name: a keyword could mean theirs."""
    changed = {edit.start for edit in edits}
    for node in ast.walk(file.reader.tree):
        if isinstance(node, _Function):
            for argument in arguments_of(node.args):
                if argument.arg in renamed.get(node.name, {}) and file.reader.start_of(argument) not in changed:
                    yield f"{file.path}:{node.lineno}: {node.name}({argument.arg}) keeps its name"


def _below(scope: Scope, home: Scope | None) -> Iterator[Scope]:
    """The scopes that a name passes on its way home."""
    for each in scope.chain():
        if each is home:
            return
        yield each


def _in_decorators(row: LocalRow, node: _Function, reader: Reader) -> Iterator[Edit]:
    """Keywords such as those of `given`, and names in the strings of `parametrize`."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        yield from (_keyword(word, row.new, reader) for word in decorator.keywords if word.arg == row.old)
        if _name_of(decorator.func) == "parametrize":
            for text in ast.walk(decorator.args[0]):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    start = reader.start_of(text)
                    for match in re.finditer(rf"\b{row.old}\b", text.value):
                        yield Edit(start + 1 + match.start(), start + 1 + match.end(), row.new.encode())


def _keyword(keyword: ast.keyword, new: str, reader: Reader) -> Edit:
    start = reader.start_of(keyword)
    return Edit(start, start + len((keyword.arg or "").encode()), new.encode())


def _name_of(callee: ast.expr) -> str:
    return callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
