"""Whether two modules are the same code after a table: docstrings, comments, formatting and import order aside."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_Imports = ast.Import | ast.ImportFrom
_Bodies = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_POSITIONS = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "type_comment", "kind"}
# Fields of syntax nodes that hold identifiers; every other string is a value.
_IDENTIFIERS = {"id", "attr", "name", "arg", "names", "kwd_attrs", "rest", "asname"}


@dataclass(frozen=True)
class Allowed:
    """What the table lets differ."""

    modules: Callable[[str], str]  # dotted name -> afterwards
    identifiers: frozenset[tuple[str, str]]  # (before, afterwards)
    text: Callable[[str], str]  # text -> with paths and dotted names changed
    renamed: frozenset[str] = field(default_factory=frozenset)

    def same_name(self, old: str, new: str) -> bool:
        return old == new or (old, new) in self.identifiers

    def same_text(self, old: str, new: str) -> bool:
        """Equal after the table; words of a text may be names, as in quoted code."""
        mapped = self.text(old)
        if new in (old, mapped) or self.same_name(old, new):
            return True
        before, after = _words(mapped), _words(new)
        return len(before) == len(after) and all(map(self.same_name, before, after))


def _words(text: str) -> list[str]:
    words, word = [], ""
    for letter in text:
        if letter.isalnum() or letter == "_":
            word += letter
        else:
            words += [*filter(None, [word]), letter]
            word = ""
    return [*words, *filter(None, [word])]


def differences(old: bytes, new: bytes, mapping: Allowed) -> Iterator[tuple[int, str]]:
    """(line in the new file, what differs)."""
    yield from _Comparison(mapping).node(ast.parse(old), ast.parse(new), 1)


class _Comparison:
    def __init__(self, mapping: Allowed) -> None:
        self._mapping = mapping

    def node(self, old: ast.AST, new: ast.AST, line: int) -> Iterator[tuple[int, str]]:
        line = getattr(new, "lineno", line)
        if type(old) is not type(new):
            yield line, f"{_shown(old)} became {_shown(new)}"
            return
        if isinstance(old, ast.Constant) and isinstance(new, ast.Constant):
            if not self._same_constant(old.value, new.value):
                yield line, f"{_shown(old)} became {_shown(new)}"
            return
        if isinstance(old, ast.Assign) and isinstance(new, ast.Assign) and _is_exports(old):
            old, new = _sorted(old, self._mapping), _sorted(new, self._mapping)
        for name in old._fields:
            if name not in _POSITIONS:
                yield from self._field(name, (old, new), line)

    def _field(self, name: str, nodes: tuple[ast.AST, ast.AST], line: int) -> Iterator[tuple[int, str]]:
        old, new = (getattr(node, name, None) for node in nodes)
        if name in {"body", "orelse", "finalbody"} and isinstance(old, list) and isinstance(new, list):
            yield from self._body(nodes, (old, new), line)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._items(name, old, new, line)
        elif isinstance(old, ast.AST) and isinstance(new, ast.AST):
            yield from self.node(old, new, line)
        elif isinstance(old, str) and isinstance(new, str) and name in _IDENTIFIERS:
            if not self._mapping.same_name(old, new):
                yield line, f"{old} became {new}"
        elif old != new:
            yield line, f"{_shown(old)} became {_shown(new)}"

    def _items(self, name: str, old: list[object], new: list[object], line: int) -> Iterator[tuple[int, str]]:
        if len(old) != len(new):
            yield line, f"{len(old)} {name} became {len(new)}"
            return
        for before, after in zip(old, new, strict=True):
            if isinstance(before, ast.AST) and isinstance(after, ast.AST):
                yield from self.node(before, after, line)
            elif isinstance(before, str) and isinstance(after, str) and self._mapping.same_name(before, after):
                continue
            elif before != after:
                yield line, f"{_shown(before)} became {_shown(after)}"

    def _body(
        self, nodes: tuple[ast.AST, ast.AST], bodies: tuple[list[ast.stmt], list[ast.stmt]], line: int
    ) -> Iterator[tuple[int, str]]:
        old, new = (_without_docstring(node, body) for node, body in zip(nodes, bodies, strict=True))
        yield from self._imports(old, new, line)
        rest, kept = ([one for one in body if not isinstance(one, _Imports)] for body in (old, new))
        for before, after in zip(rest, kept, strict=False):
            yield from self.node(before, after, line)
        if len(rest) != len(kept):
            longer = max((rest, kept), key=len)
            first = longer[min(len(rest), len(kept))]
            what = "is gone" if longer is rest else "is new"
            yield (line if longer is rest else first.lineno), f"{_shown(first)} {what}"

    def _imports(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], line: int) -> Iterator[tuple[int, str]]:
        """Imports are sets of what is read; the local name may change with it."""
        before = {(name, local): line for name, local, line in _imported(old)}  # joined modules may share one
        after = list(_imported(new))
        left = list(after)
        for name, local in before:
            found = next((one for one in left if self._same_import((name, local), one)), None)
            if found is None:
                yield line, f"import of {name} is gone"
            else:
                left = [one for one in left if one[:2] != found[:2]]
        for name, _, at in left:
            if not any(self._same_import(one, (name, _, at)) for one in before):
                yield at, f"import of {name} is new"

    def _same_import(self, old: tuple[str, str], new: tuple[str, str, int]) -> bool:
        module, _, name = old[0].rpartition(".")
        there, _, after = new[0].rpartition(".")
        is_module = new[0] == self._mapping.modules(old[0])
        is_name = there in {self._mapping.modules(module), module} and self._mapping.same_name(name, after)
        return (is_module or is_name) and (
            self._mapping.same_name(old[1], new[1]) or old[1] == old[0].partition(".")[0]
        )

    def _same_constant(self, old: object, new: object) -> bool:
        if isinstance(old, str) and isinstance(new, str):
            return self._mapping.same_text(old, new)
        return type(old) is type(new) and old == new


def _imported(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str, int]]:
    """(what is read, local name, line)."""
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name, alias.asname or alias.name.partition(".")[0], statement.lineno
        elif isinstance(statement, ast.ImportFrom):
            base = "." * statement.level + (statement.module or "")
            for alias in statement.names:
                yield f"{base}.{alias.name}", alias.asname or alias.name, statement.lineno


def _without_docstring(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return body[1:] if isinstance(node, _Bodies) and is_text else body


def _is_exports(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)


def _sorted(node: ast.Assign, mapping: Allowed) -> ast.Assign:
    """`__all__` in the order of the names afterwards."""
    after = dict(mapping.identifiers)
    if isinstance(node.value, ast.List | ast.Tuple):
        items = sorted(node.value.elts, key=lambda item: after.get(_shown(item).strip("'"), _shown(item).strip("'")))
        return ast.Assign(node.targets, ast.Tuple(items, ast.Load()), lineno=node.lineno)
    return node


def _shown(thing: object) -> str:
    text = ast.unparse(thing) if isinstance(thing, ast.AST) else repr(thing)
    return text.split("\n")[0][:80]
