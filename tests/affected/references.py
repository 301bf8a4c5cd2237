"""References of a piece of code: names, imports, modules named in texts, and paths of files."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_DOTTED = re.compile(r"\b(?:libs|services|moe|tests)(?:\.\w+)+")
_IMPORT_IN_TEXT = re.compile(r"\bimport\s+([\w.]+(?:\s*,\s*[\w.]+)*)")
_FILE_LIKE = re.compile(r"(?:[\w.*\[\]?{}-]+/)*[\w.*\[\]?-]*\.[A-Za-z]\w{0,5}$")
_PATH_LIKE = re.compile(r"[\w.*\[\]?-]+(?:/[\w.*\[\]?-]+)+$")
_PATH_CALLS = {"Path", "joinpath", "with_name", "glob", "rglob", "open", "which"}
_MODULE_CALLS = {"import_module", "__import__", "find_spec", "run_module", "files"}
_FIXTURE_CALLS = {"usefixtures", "getfixturevalue"}
_PATH_LENGTH = 200  # a longer text names no file


@dataclass
class References:
    """`names`: dotted, as written. `imports`: modules that are imported when this runs. `bindings`: names of imports in
    functions. `modules`: modules that a text names, `*` for any part. `paths`: texts that may name files."""

    names: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    bindings: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)


def references_in(nodes: Sequence[ast.AST], package: str) -> References:
    collector = _Collector(package)
    for node in nodes:
        collector.visit(node)
    return collector.found


def imported(statement: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    """Yield each name that an import statement, or one inside `statement`, binds, with its target."""
    for node in ast.walk(statement) if isinstance(statement, (ast.If, ast.Try, ast.With)) else (statement,):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{origin(node, package)}.{alias.name}"


def origin(node: ast.ImportFrom, package: str) -> str:
    """Module that `from ... import` reads, relative ones resolved."""
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join((*above, *((node.module,) if node.module else ())))


def dotted_name(node: ast.expr) -> str | None:
    """`a.b.c` for an attribute of a name, otherwise None."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(attributes)]) if isinstance(node, ast.Name) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class _Collector(ast.NodeVisitor):
    def __init__(self, package: str) -> None:
        self.found = References()
        self._package = package

    def visit_Name(self, node: ast.Name) -> None:
        self.found.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = dotted_name(node)
        if name is None:
            self.visit(node.value)
        else:
            self.found.names.add(name)

    def visit_arg(self, node: ast.arg) -> None:
        self.found.arguments.add(node.arg)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found.imports |= {alias.name for alias in node.names}
        self.found.bindings |= dict(imported(node, self._package))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = origin(node, self._package)
        self.found.imports |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        self.found.bindings |= dict(imported(node, self._package))

    def visit_If(self, node: ast.If) -> None:
        if (dotted_name(node.test) or "").rpartition(".")[2] != "TYPE_CHECKING":
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring names nothing
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._read_text(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._read_text(_pattern(node))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Div):
            self._read_path(node.right)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = _last_name(node.func)
        for argument in node.args:
            if called in _PATH_CALLS:
                self._read_path(argument)
            elif called in _MODULE_CALLS and isinstance(argument, ast.JoinedStr):
                self.found.modules.add(_pattern(argument))
            elif called in _FIXTURE_CALLS and isinstance(argument, ast.Constant):
                self.found.arguments.add(str(argument.value))
        self._read_command(node.args)
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self._read_command(node.elts)
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        self._read_command(node.elts)
        self.generic_visit(node)

    def _read_command(self, words: Sequence[ast.expr]) -> None:
        """Note the module of `-m MODULE`."""
        texts = [word.value if isinstance(word, ast.Constant) else None for word in words]
        for option, module in pairwise(texts):
            if option == "-m" and isinstance(module, str):
                self.found.modules |= {module, f"{module}.__main__"}

    def _read_path(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.found.paths.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            self.found.paths.add(_pattern(node))

    def _read_text(self, text: str) -> None:
        self.found.modules |= set(_DOTTED.findall(text))
        for listed in _IMPORT_IN_TEXT.findall(text):
            self.found.modules |= {name.strip() for name in listed.split(",")}
        if len(text) < _PATH_LENGTH and (_FILE_LIKE.match(text) or _PATH_LIKE.match(text)):
            self.found.paths.add(text)


def _pattern(node: ast.JoinedStr) -> str:
    """F-string with `*` for the parts known only at run time."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
