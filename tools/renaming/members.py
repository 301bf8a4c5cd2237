"""Edits of one file for members and parameters, by the types that mypy found."""

import ast
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from mypy.nodes import CallExpr, Expression, MemberExpr, RefExpr, TypeInfo
from mypy.types import CallableType, get_proper_type
from renaming.edits import Edit
from renaming.families import Family, definer_of
from renaming.imports import SourceFile
from renaming.scopes import arguments_of
from renaming.table import NameRow
from renaming.typed_tree import Position, TypedFile, TypedTree

_COPIES = {"_replace", "model_construct"}  # methods whose keywords are fields
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class MemberEdits:
    """`faults` has each use whose type is unknown, where the row does not say what becomes of it."""

    def __init__(
        self, file: SourceFile, typed: TypedTree, families: Sequence[Family], functions: Sequence[NameRow]
    ) -> None:
        self._file, self._typed, self._functions = file, typed, functions
        self._types = typed.files.get(file.path, TypedFile())
        self._members = [family for family in families if not family.row.parameter]
        self._parameters = [family for family in families if family.row.parameter]
        self._lines = file.source.split(b"\n")
        self._words = {family.member for family in self._members}
        self._keywords = self._words | {row.old for row in functions} | {f.row.old for f in self._parameters}
        self.faults: list[str] = []
        self.strings: list[str] = []

    def edits(self) -> Iterator[Edit]:
        for node in ast.walk(self._file.reader.tree):
            if isinstance(node, ast.Attribute) and node.attr in self._words:
                yield from self._attribute(node)
            elif isinstance(node, ast.Call) and any(word.arg in self._keywords for word in node.keywords):
                yield from self._call(node)
            elif isinstance(node, ast.MatchClass) and self._words & set(node.kwd_attrs):
                yield from self._pattern(node)
            elif isinstance(node, ast.ClassDef):
                yield from self._class(node)
            elif _is_function(node) and self._functions and node in self._file.reader.tree.body:
                yield from self._function(node)
            elif isinstance(node, ast.Constant) and node.value in self._words:
                self.strings.append(f"{self._file.path}:{node.lineno}: the string {node.value!r} stays")

    def _places(self, node: ast.expr | ast.pattern) -> Iterator[Position]:
        """Line and column of start and end as mypy may count them.

        `ast` counts bytes. mypy means characters, and takes those of lines with other letters than ASCII's for bytes.
        """
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        first, last = self._lines[node.lineno - 1], self._lines[end_line - 1]
        start = node.col_offset
        for _ in range(3):
            yield node.lineno, start, end_line, end
            start, end = (len(line[:at].decode(errors="ignore")) for line, at in ((first, start), (last, end)))

    def _attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        members = self._types.members
        keys = [(*place[2:], node.attr) for place in self._places(node)]
        owners = next((members[key] for key in reversed(keys) if key in members), None)
        end = self._file.reader.end_of(node)
        span = (end - len(node.attr.encode()), end)
        rows = [family for family in self._members if family.member == node.attr]
        if owners is None:
            for family in rows:
                if family.row.untyped == "rename":
                    yield Edit(*span, family.row.new.encode())
                elif not family.row.untyped:
                    self.faults.append(
                        f"{self._file.path}:{node.lineno}: .{node.attr} of an unknown type: "
                        f"{family.row.scope} needs untyped"
                    )
            return
        for family in rows:
            hits = [family.has(info) for info in owners]
            if any(hits):
                yield Edit(*span, family.row.new.encode())
            if any(hits) and not all(hits):
                self.faults += self._mixed(node, family, owners)

    def _mixed(self, node: ast.Attribute, family: Family, owners: Sequence[TypeInfo]) -> list[str]:
        """A union of which one class keeps the old name."""
        others = [info for info in owners if not family.has(info)]
        names = {name for other in self._members if other.row.new == family.row.new for name in other.definers}
        return [
            f"{self._file.path}:{node.lineno}: .{node.attr} may be of {info.fullname}, which keeps it"
            for info in others
            if (definer := definer_of(info, node.attr)) is not None and definer.fullname not in names
        ]

    # Keywords

    def _call(self, node: ast.Call) -> Iterator[Edit]:
        calls = self._types.calls
        call = next((calls[place] for place in reversed([*self._places(node)]) if place in calls), None)
        if call is None:
            return
        for keyword in node.keywords:
            new = self._keyword(call, keyword.arg) if keyword.arg in self._keywords else None
            if new is not None:
                start = self._file.reader.start_of(keyword)
                yield Edit(start, start + len((keyword.arg or "").encode()), new.encode())

    def _keyword(self, call: CallExpr, name: str | None) -> str | None:
        classes = list(self._classes_with_fields(call))
        for family in self._members:
            if family.member == name and any(family.has(info) for info in classes):
                return family.row.new
        called = self._through_partial(call)
        for row in self._functions:
            if row.old == name and isinstance(called, RefExpr) and called.fullname == f"{row.module}.{row.path[0]}":
                return row.new
        for family in self._parameters:
            if family.row.old == name and any(family.has(info) for info in self._method_owners(called, family.member)):
                return family.row.new
        return None

    def _through_partial(self, call: CallExpr) -> Expression:
        callee = call.callee
        return call.args[0] if isinstance(callee, RefExpr) and callee.fullname == "functools.partial" else callee

    def _method_owners(self, called: Expression, method: str) -> Sequence[TypeInfo]:
        if isinstance(called, MemberExpr) and called.name == method:
            return self._typed.owners(called.expr) or ()
        return self._made(called) if method in {"__init__", "__new__"} else ()

    def _made(self, callee: Expression) -> Sequence[TypeInfo]:
        """The classes that a call makes an object of."""
        kind = get_proper_type(self._typed.types.get(callee))
        is_class = isinstance(kind, CallableType) and kind.is_type_obj()
        if is_class or (isinstance(callee, RefExpr) and isinstance(callee.node, TypeInfo)):
            return self._typed.owners(callee) or ()
        return ()

    def _classes_with_fields(self, call: CallExpr) -> Iterator[TypeInfo]:
        """Classes whose fields the keywords of a call are."""
        yield from (info for info in self._made(call.callee) if _has_made_init(info))
        kind = get_proper_type(self._typed.types.get(call.callee))
        takes_any = isinstance(kind, CallableType) and kind.is_kw_arg
        if isinstance(call.callee, MemberExpr) and (takes_any or call.callee.name in _COPIES):
            yield from self._typed.owners(call.callee.expr) or ()
        is_replace = isinstance(call.callee, RefExpr) and call.callee.fullname == "dataclasses.replace"
        if call.args and (takes_any or is_replace):
            yield from self._typed.owners(call.args[0]) or ()

    def _pattern(self, node: ast.MatchClass) -> Iterator[Edit]:
        patterns = self._types.patterns
        info = next((patterns[place] for place in reversed([*self._places(node)]) if place in patterns), None)
        for name, value in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            for family in self._members:
                if info is not None and name == family.member and family.has(info):
                    end = self._file.source.rindex(b"=", 0, self._file.reader.start_of(value))
                    start = self._file.source.rindex(name.encode(), 0, end)
                    yield Edit(start, start + len(name.encode()), family.row.new.encode())

    # Definitions

    def _class(self, node: ast.ClassDef) -> Iterator[Edit]:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        for family in (*self._members, *self._parameters):
            for info in family.definers.values():
                is_here = self._typed.paths.get(info.module_name) == self._file.path and info.name.startswith(node.name)
                if is_here and first <= info.line <= node.lineno:
                    yield from self._definition(node, family)

    def _definition(self, node: ast.ClassDef, family: Family) -> Iterator[Edit]:
        for statement in ast.walk(node):
            if statement not in node.body and not _is_conditional(node, statement):
                continue
            if _is_function(statement) and statement.name == family.member:
                if family.row.parameter:
                    yield from self._parameter(statement, family.row)
                else:
                    start = self._file.reader.name_start(statement)
                    yield Edit(start, start + len(family.member.encode()), family.row.new.encode())
        if not family.row.parameter:
            scope = self._file.reader.scope_of_node[node]
            for reference in self._file.reader.references:
                if reference.parts[0] == family.member and reference.scope.home_of(family.member) is scope:
                    yield Edit(*reference.spans[0], family.row.new.encode())
            yield from self._slots(node, family)

    def _slots(self, node: ast.ClassDef, family: Family) -> Iterator[Edit]:
        for statement in node.body:
            names = [getattr(target, "id", "") for target in getattr(statement, "targets", ())]
            if not isinstance(statement, ast.Assign) or not {"__slots__", "__match_args__"} & set(names):
                continue
            for item in ast.walk(statement.value):
                if isinstance(item, ast.Constant) and item.value == family.member:
                    start, end = self._file.reader.start_of(item), self._file.reader.end_of(item)
                    yield Edit(start + 1, end - 1, family.row.new.encode())

    def _function(self, node: _Function) -> Iterator[Edit]:
        for row in self._functions:
            if row.module == self._file.module and row.path == (node.name,):
                yield from self._parameter(node, row)

    def _parameter(self, node: _Function, row: NameRow) -> Iterator[Edit]:
        argument = next((one for one in arguments_of(node.args) if one.arg == row.old), None)
        if argument is None:
            return
        scope = self._file.reader.scope_of_node[node]
        if row.new in scope.bound:
            self.faults.append(
                f"{self._file.path}:{node.lineno}: {row.scope} -> {row.new}: the name is bound here already"
            )
        start = self._file.reader.start_of(argument)
        yield Edit(start, start + len(row.old.encode()), row.new.encode())
        for reference in self._file.reader.references:
            if reference.parts[0] == row.old and reference.scope.home_of(row.old) is scope:
                yield Edit(*reference.spans[0], row.new.encode())


def _is_function(node: ast.AST) -> TypeGuard[_Function]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_conditional(node: ast.ClassDef, statement: ast.AST) -> bool:
    return any(isinstance(part, ast.If) and statement in (*part.body, *part.orelse) for part in node.body)


def _has_made_init(info: TypeInfo) -> bool:
    """Whether the constructor of a class takes its fields: of dataclasses, models and named tuples."""
    if info.is_named_tuple:
        return True
    symbol = info.get("__init__")
    return symbol is not None and symbol.plugin_generated
