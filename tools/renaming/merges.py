"""Modules that become one: imports first, each once, then the rest of each source in its order."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from renaming.edits import RenameError

_Import = ast.Import | ast.ImportFrom


def merged(sources: Sequence[bytes], modules: Collection[str], docstring: str, target: str) -> bytes:
    """Text of `target`, made of modules whose names are `modules`: what they import from each other is left out.

    A statement that two sources share counts once. Raises RenameError where they bind a name differently, or import
    each other as modules.
    """
    merge = _Merge(modules, target)
    for source in sources:
        for text, statement in _pieces(source):
            if isinstance(statement, _Import):
                merge.add_import(text.strip(), statement)
            else:
                merge.add(text.strip(b"\n"), statement)
    if merge.faults:
        raise RenameError(merge.faults)
    head = [f'"""{docstring}"""'.encode()] if docstring else []
    return b"\n\n".join([*head, b"\n".join(merge.imports), *merge.rest]) + b"\n"


class _Merge:
    def __init__(self, modules: Collection[str], target: str) -> None:
        self._modules, self._target = modules, target
        self._bound: dict[str, str] = {}  # name -> what it stands for, or how it is defined
        self.imports: list[bytes] = []
        self.rest: list[bytes] = []
        self.faults: list[str] = []

    def add_import(self, text: bytes, statement: _Import) -> None:
        self.faults += _module_imports(statement, self._modules, self._target)
        if _is_within(statement, self._modules):
            return
        for name, origin in _origins(statement):
            if self._bound.setdefault(name, origin) != origin:
                self.faults.append(f"{self._target}: two sources import another {name}")
        if text not in self.imports:
            self.imports.append(text)

    def add(self, text: bytes, statement: ast.stmt | None) -> None:
        names, written = _names(statement), ast.dump(statement) if statement is not None else ""
        for name in names:
            if self._bound.get(name, written) != written:
                self.faults.append(f"{self._target}: two sources bind {name}")
        if not names or any(name not in self._bound for name in names):
            self.rest.append(text)
        self._bound |= dict.fromkeys(names, written)


def _pieces(source: bytes) -> Iterator[tuple[bytes, ast.stmt | None]]:
    """Each top-level statement but the docstring, with comments and blank lines before it; last, what follows them."""
    tree = ast.parse(source)
    starts = [0, *(match.end() for match in re.finditer(rb"\n", source)), len(source)]
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    before = tree.body[0].end_lineno or 0 if len(body) < len(tree.body) else 0
    ends = [before, *(statement.end_lineno or 0 for statement in body)]
    for (start, end), statement in zip(pairwise(ends), body, strict=True):
        yield source[starts[start] : starts[end]], statement
    if source[starts[ends[-1]] :].strip():
        yield source[starts[ends[-1]] :], None


def _is_within(statement: _Import, modules: Collection[str]) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module in modules


def _module_imports(statement: _Import, modules: Collection[str], target: str) -> Iterator[str]:
    base = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    for alias in statement.names:
        if f"{base}{alias.name}" in modules:
            yield f"{target}: imports {base}{alias.name} as a module, and joins it: import its names"
        if _is_within(statement, modules) and alias.asname is not None:
            yield f"{target}: imports {alias.name} as {alias.asname} from a module that it joins"


def _origins(statement: _Import) -> Iterator[tuple[str, str]]:
    """Local name, and what it stands for."""
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            yield alias.asname or alias.name, f"{statement.module}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            yield (package := alias.name.partition(".")[0]), package


def _names(statement: ast.stmt | None) -> set[str]:
    """Names that a statement binds at the top level."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()
