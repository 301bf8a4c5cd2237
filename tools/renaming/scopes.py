"""Which name in a file means what: scopes, bindings and references, from the syntax tree alone."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_NAME_AFTER = re.compile(rb"(?:async\s+)?(?:def|class)\s+")
_SIMPLE_STRING = re.compile(rb"(?P<quote>[\"'])[^\\\"'\n]*(?P=quote)")
_Placed = ast.expr | ast.stmt | ast.alias | ast.keyword | ast.arg | ast.pattern | ast.excepthandler
_TYPE_STRINGS = {"cast", "TypeVar", "NewType", "ForwardRef"}


@dataclass(eq=False)
class Scope:
    """What a module, class, function or comprehension binds."""

    parent: "Scope | None" = None
    is_class: bool = False
    path: tuple[str, ...] = ()  # the classes and functions around what it binds, its own one included
    bound: set[str] = field(default_factory=set)
    imports: dict[str, str] = field(default_factory=dict)  # local name -> what it stands for, dotted
    elsewhere: set[str] = field(default_factory=set)  # `global` and `nonlocal`

    def home_of(self, name: str) -> "Scope | None":
        """The scope that binds a name which is read here; None: a builtin."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound and name not in scope.elsewhere and (scope is self or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    def chain(self) -> Iterator["Scope"]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


@dataclass(frozen=True, slots=True)
class Reference:
    """A name, or a chain of attributes that begins with one: `spans` are the byte ranges of its parts."""

    parts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One alias of an import statement."""

    statement: ast.Import | ast.ImportFrom
    alias: ast.alias
    base: str  # module of `from base import name`, made absolute; "" for `import name`
    scope: Scope


class Reader(ast.NodeVisitor):
    """Collects the references, imports and scopes of one file."""

    def __init__(self, source: bytes, module: str, *, is_package: bool) -> None:
        self._source = source
        self._package = module if is_package else module.rpartition(".")[0]
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", source))]
        self._shift: int | None = None  # inside an annotation that is a string: where its text starts
        self.module_scope = Scope()
        self._scope = self.module_scope
        self.references: list[Reference] = []
        self.imports: list[ImportedName] = []
        self.exports: list[ast.Constant] = []
        self.scope_of_node: dict[ast.AST, Scope] = {}
        self.tree = ast.parse(source)
        self.visit(self.tree)

    def start_of(self, node: _Placed) -> int:
        """The offset in bytes of a node."""
        return self._at(node.lineno, node.col_offset)

    def end_of(self, node: ast.expr | ast.stmt | ast.alias | ast.pattern) -> int:
        return self._at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def name_start(self, node: ast.stmt) -> int:
        """The offset of the name in a `def` or `class` statement."""
        match = _NAME_AFTER.match(self._source, self.start_of(node))
        assert match is not None
        return match.end()

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column if self._shift is None else self._shift + column

    # Names

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)
        start = self.start_of(node)
        self._refer((node.id,), ((start, start + len(node.id.encode())),))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            end = self.end_of(inner)
            parts.append(inner.attr)
            spans.append((end - len(inner.attr.encode()), end))
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.visit(inner)
            return
        start = self.start_of(inner)
        spans.append((start, start + len(inner.id.encode())))
        self._refer((inner.id, *reversed(parts)), tuple(reversed(spans)))

    def _refer(self, parts: tuple[str, ...], spans: tuple[tuple[int, int], ...]) -> None:
        self.references.append(Reference(parts, spans, self._scope))

    def _bind(self, name: str) -> None:
        scope = self._scope
        while name in scope.elsewhere and scope.parent is not None:
            scope = scope.parent
        scope.bound.add(name)

    # Statements that bind

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            local = alias.asname or alias.name.partition(".")[0]
            self._bind(local)
            self._scope.imports[local] = alias.name if alias.asname else local
            self.imports.append(ImportedName(node, alias, "", self._scope))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            above = self._package.split(".")[: len(self._package.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [base])])
        for alias in node.names:
            self._bind(alias.asname or alias.name)
            self._scope.imports[alias.asname or alias.name] = f"{base}.{alias.name}"
            self.imports.append(ImportedName(node, alias, base, self._scope))

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self._scope.elsewhere.update(node.names)
        for name in node.names:
            statement = self._source[self.start_of(node) : self.end_of(node)]
            for match in re.finditer(rb"\b%s\b" % name.encode(), statement):
                start = self.start_of(node) + match.start()
                self._refer((name,), ((start, start + len(match[0])),))

    visit_Nonlocal = visit_Global

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
            self._refer_last(node.name, self.start_of(node), self.start_of(node.body[0]))
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name)
            self._refer_last(node.name, self.start_of(node), self.end_of(node))
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)
            self._refer_last(node.name, self.start_of(node), self.end_of(node))

    def _refer_last(self, name: str, start: int, end: int) -> None:
        """A name that the syntax tree gives no place: it stands last, or before the colon of its line."""
        text = self._source[start:end]
        found = re.search(rb"(?:\bas\s+|\*\s*|^)(%s)\s*(?::|$)" % name.encode(), text)
        if found is not None:
            self._refer((name,), ((start + found.start(1), start + found.end(1)),))

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self.exports += [item for item in ast.walk(node.value) if isinstance(item, ast.Constant)]
        self.generic_visit(node)

    # Scopes

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node)
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self._within(node, node.body, is_class=True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._visit_signature(node.args)
        self._annotation(node.returns)
        self._within(node, node.body, arguments=node.args)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_signature(node.args)
        self._within(node, [node.body], arguments=node.args)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        results: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        outer, self._scope = self._scope, Scope(self._scope, path=self._scope.path)
        for number, generator in enumerate(node.generators):
            for part in (generator.target, *([generator.iter] if number else []), *generator.ifs):
                self.visit(part)
        for result in results:
            self.visit(result)
        self._scope = outer

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def _define(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name)
        start = self.name_start(node)
        self._refer((node.name,), ((start, start + len(node.name.encode())),))

    def _visit_signature(self, arguments: ast.arguments) -> None:
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            self.visit(default)
        for argument in arguments_of(arguments):
            self._annotation(argument.annotation)

    def _within(
        self, node: ast.AST, body: Sequence[ast.AST], *, arguments: ast.arguments | None = None, is_class: bool = False
    ) -> None:
        name = getattr(node, "name", "")
        outer, self._scope = self._scope, Scope(self._scope, is_class, (*self._scope.path, *filter(None, [name])))
        self.scope_of_node[node] = self._scope
        for argument in arguments_of(arguments) if arguments else ():
            self._scope.bound.add(argument.arg)
        for statement in body:
            self.visit(statement)
        self._scope = outer

    # Types in strings

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for part in ast.iter_child_nodes(node):
            if name in _TYPE_STRINGS and part is not node.func:
                self._annotation(part)
            else:
                self.visit(part)

    def _annotation(self, node: ast.AST | None) -> None:
        if node is None:
            return
        self.visit(node)
        if self._shift is None:
            for text in _type_texts(node):
                self._visit_text(text)

    def _visit_text(self, node: ast.Constant) -> None:
        start, end = self.start_of(node), self.end_of(node)
        if not _SIMPLE_STRING.fullmatch(self._source[start:end]):
            return
        try:
            expression: ast.expr = ast.parse(str(node.value), mode="eval").body
        except SyntaxError:
            return
        self._shift = start + 1
        self.visit(expression)
        self._shift = None


def _type_texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Strings that stand for types; those of `Literal` stand for themselves."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for inner in ast.iter_child_nodes(node):
        yield from _type_texts(inner)


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, in order."""
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]
