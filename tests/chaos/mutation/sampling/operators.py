"""The typed breaks that a line of source allows: one expression or statement of it is replaced.

What cannot change behaviour is left alone: docstrings, annotations, log calls, texts for people, imports, decorators.
"""

import ast
import re
from dataclasses import dataclass

_OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: (r"<", "<="),
    ast.LtE: (r"<=", "<"),
    ast.Gt: (r">", ">="),
    ast.GtE: (r">=", ">"),
    ast.Eq: (r"==", "!="),
    ast.NotEq: (r"!=", "=="),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
    ast.And: (r"\band\b", "or"),
    ast.Or: (r"\bor\b", "and"),
    ast.Add: (r"\+", "-"),
    ast.Sub: (r"-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.FloorDiv: (r"//", "*"),
    ast.Div: (r"/", "*"),
    ast.Mod: (r"%", "+"),
}
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_RETURNED = {"int": "0", "float": "0.0", "str": '""', "bytes": 'b""'}
_LOGS = re.compile(r"_?(log|logger|logging|warnings)\.", re.IGNORECASE)
_FOR_PEOPLE = {"help", "description", "title", "summary", "documentation"}
_FOR_TYPES = {"cast", "TypeVar", "NewType", "ParamSpec"}
_CODE_TEXT = re.compile(r"[\w.:/-]+$")  # a text with spaces is for people


@dataclass(frozen=True)
class Break:
    """Bytes `start` to `end` of line number `line` become `becomes`."""

    line: int
    start: int
    end: int
    becomes: str
    operator: str


def breaks_in(text: str) -> list[Break]:
    """Every break of a Python source, in its order."""
    finder = _Finder(text)
    finder.visit(ast.parse(text))
    return sorted(finder.found, key=lambda each: (each.line, each.start, each.end, each.operator))


def broken(text: str, chosen: Break) -> str:
    lines = text.splitlines(keepends=True)
    line = lines[chosen.line - 1].encode()
    lines[chosen.line - 1] = (line[: chosen.start] + chosen.becomes.encode() + line[chosen.end :]).decode()
    return "".join(lines)


class _Finder(ast.NodeVisitor):
    def __init__(self, text: str) -> None:
        self.found: list[Break] = []
        self._lines = [line.encode() for line in text.splitlines(keepends=True)]
        self._returns: list[ast.expr | None] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._returns.append(node.returns)
        for statement in node.body:
            self.visit(statement)
        self._returns.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if any(_name(base) == "Protocol" for base in node.bases):
            return
        for statement in node.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        """Imports are left alone."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Imports are left alone."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """An assertion of the product is there for the type checker."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if {_name(target) for target in node.targets} & {"__all__", "__slots__"}:
            return
        if all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets):
            self._add(node, "pass", "assignment removed")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add(node, "pass", "assignment removed")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) or _is_log(node.value):
            return
        if isinstance(node.value, ast.Await):
            self._add(node, "pass", "awaited call dropped")
        elif isinstance(node.value, ast.Call):
            self._add(node, "pass", "call removed")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._add(node, "pass", "raise removed")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add(node, "pass", "continue removed")

    def visit_Break(self, node: ast.Break) -> None:
        self._add(node, "pass", "break removed")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            returns = _name(self._returns[-1]) if self._returns and self._returns[-1] is not None else ""
            value = self._source(node.value)
            becomes = f"not ({value})" if returns == "bool" else _RETURNED.get(returns, "None")
            if becomes != value:
                self._add(node.value, becomes, "return value changed")
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if _name(node.test) != "TYPE_CHECKING":
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._add(node, re.sub(r"^not\s*", "", self._source(node)), "not removed")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, node.comparators, strict=False):
            self._swap_between(left, operator, right, "comparison changed")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._swap_between(node.values[0], node.op, node.values[1], "and and or swapped")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not any(_is_text(side) for side in (node.left, node.right)):
            self._swap_between(node.left, node.op, node.right, "arithmetic changed")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in _SWAPPED:
            self._add(node.func, _SWAPPED[node.func.id], "function swapped")
        self.visit(node.func)
        for argument in node.args[1:] if _name(node.func) in _FOR_TYPES else node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in _FOR_PEOPLE:
                self.visit(keyword.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _name(node.value) not in {"Literal", "Annotated"}:
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Parts of f-strings have no exact places in the source before Python 3.12."""

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add(node, str(not value), "constant changed")
        elif isinstance(value, int):
            self._add(node, str(value + 1), "constant changed")
        elif isinstance(value, float):
            self._add(node, repr(value * 2 or 1.0), "constant changed")
        elif isinstance(value, str) and _CODE_TEXT.match(value):
            self._add(node, repr(f"{value}x"), "constant changed")

    def _negate(self, test: ast.expr) -> None:
        self._add(test, f"not ({self._source(test)})", "condition negated")

    def _swap_between(self, left: ast.expr, operator: ast.AST, right: ast.expr, name: str) -> None:
        if type(operator) not in _OPERATORS or left.end_lineno != right.lineno or left.end_col_offset is None:
            return
        pattern, becomes = _OPERATORS[type(operator)]
        between = self._lines[right.lineno - 1][left.end_col_offset : right.col_offset].decode()
        if match := re.search(pattern, between):
            start = left.end_col_offset + match.start()
            self.found.append(Break(right.lineno, start, start + len(match.group()), becomes, name))

    def _add(self, node: ast.stmt | ast.expr, becomes: str, operator: str) -> None:
        if node.lineno == node.end_lineno and node.end_col_offset is not None:
            self.found.append(Break(node.lineno, node.col_offset, node.end_col_offset, becomes, operator))

    def _source(self, node: ast.expr) -> str:
        return self._lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()


def _name(node: ast.expr | None) -> str:
    """Last part of a dotted name, also of one that is subscripted or called."""
    if isinstance(node, (ast.Subscript, ast.Call)):
        return _name(node.value if isinstance(node, ast.Subscript) else node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_log(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _LOGS.match(ast.unparse(node.func)) is not None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
