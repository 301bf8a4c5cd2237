"""Definitions, imports and references of one Python file, for each of its top-level names."""

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.affected.references import References, dotted_name, imported, references_in

BODY = ""  # the name of what runs when a module is imported
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_EXECUTES = (
    ast.Call,
    ast.Await,
    ast.Compare,
    ast.JoinedStr,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.NamedExpr,
)
_PURE_DECORATORS = {
    "dataclass",
    "cache",
    "lru_cache",
    "contextmanager",
    "asynccontextmanager",
    "property",
    "cached_property",
    "staticmethod",
    "classmethod",
    "final",
    "override",
    "runtime_checkable",
    "total_ordering",
    "fixture",
}
# Python or pydantic call these while a class is made, so importing a module runs them.
_CLASS_HOOKS = {
    "__init_subclass__",
    "__set_name__",
    "__class_getitem__",
    "__prepare__",
    "__pydantic_init_subclass__",
    "__get_pydantic_core_schema__",
    "__get_pydantic_json_schema__",
}


@dataclass(frozen=True)
class Symbol:
    """Top-level name, or the body of the module: its references, and a digest of its text."""

    references: References
    digest: str = ""


@dataclass(frozen=True)
class Statement:
    """A top-level statement as importing the module sees it: bodies of functions left out. `runs` is whether
    importing it can run code of ours."""

    digest: str
    runs: bool


@dataclass(frozen=True)
class ModuleFacts:
    """`bindings`: imported names and their targets. `automatic`: fixtures and hooks without an explicit reference."""

    name: str
    path: str
    bindings: dict[str, str] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    statements: frozenset[Statement] = frozenset()
    automatic: frozenset[str] = frozenset()

    @property
    def names_used(self) -> set[str]:
        """The first parts of all names that the code of the module uses."""
        return {name.partition(".")[0] for known in self.symbols.values() for name in known.references.names}


def facts_of(name: str, path: str, text: str) -> ModuleFacts:
    """Read one Python file. Raises SyntaxError."""
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    tree = ast.parse(text, path)
    bindings: dict[str, str] = {}
    defined: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        bindings |= dict(imported(statement, package))
        for bound in _bound_names(statement):
            defined.setdefault(bound, []).append(statement)
    symbols = {bound: Symbol(references_in(parts, package), _digest(parts)) for bound, parts in defined.items()}
    symbols[BODY] = Symbol(_references_of_body(tree.body, package))
    return ModuleFacts(name, path, bindings, symbols, frozenset(_statements(tree.body)), _automatic(tree.body))


def changed_symbols(old: ModuleFacts, new: ModuleFacts) -> set[str]:
    """Top-level names whose text differs, and BODY if importing the module may now do something else."""
    names = old.symbols.keys() | new.symbols.keys()
    found = {name for name in names - {BODY} if _digest_in(old, name) != _digest_in(new, name)}
    found |= {name for name in old.bindings | new.bindings if old.bindings.get(name) != new.bindings.get(name)}
    gone, added = old.statements - new.statements, new.statements - old.statements
    return found | ({BODY} if gone or any(statement.runs for statement in added) else set())


def _digest_in(facts: ModuleFacts, name: str) -> str:
    return facts.symbols[name].digest if name in facts.symbols else ""


def _digest(nodes: Sequence[ast.AST]) -> str:
    text = "\n".join(ast.dump(node) for node in nodes)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _bound_names(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, those of imports left out."""
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    names = {node.id for node in stored if isinstance(node.ctx, ast.Store)}
    definitions = (node for node in ast.walk(statement) if isinstance(node, (*_FUNCTIONS, ast.ClassDef)))
    return names | {node.name for node in definitions}


def _references_of_body(statements: Sequence[ast.stmt], package: str) -> References:
    run = _run_at_import(statements)
    found = references_in(run, package)
    found.names |= {part.name for part in run if isinstance(part, (*_FUNCTIONS, ast.ClassDef))}
    return found


def _run_at_import(statements: Sequence[ast.stmt]) -> list[ast.AST]:
    """Parts of top-level statements that importing the module executes."""
    found: list[ast.AST] = []
    for statement in statements:
        if isinstance(statement, _FUNCTIONS):
            found += _run_by_function(statement)
        elif isinstance(statement, ast.ClassDef):
            found += _run_by_class(statement)
        elif _runs(statement) or not isinstance(statement, (ast.Assign, ast.AnnAssign)):
            found.append(statement)
    return found


def _run_by_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    """Decorators and defaults; the function itself as well where a decorator may call or register it."""
    if not all(_is_pure(decorator) for decorator in function.decorator_list):
        return [function]
    defaults = (*function.args.defaults, *function.args.kw_defaults)
    return [*function.decorator_list, *(each for each in defaults if each is not None and _runs(each))]


def _run_by_class(definition: ast.ClassDef) -> list[ast.AST]:
    if not all(_is_pure(decorator) for decorator in definition.decorator_list) or _has_hooks(definition):
        return [definition]
    found: list[ast.AST] = [*definition.decorator_list, *(base for base in definition.bases if _runs(base))]
    for part in definition.body:
        if isinstance(part, _FUNCTIONS):
            found += _run_by_function(part)
        elif isinstance(part, ast.ClassDef):
            found += _run_by_class(part)
        elif _runs(part):
            found.append(part)
    return found


def _has_hooks(definition: ast.ClassDef) -> bool:
    names = {part.name for part in definition.body if isinstance(part, _FUNCTIONS)}
    return bool(names & _CLASS_HOOKS) or any(
        isinstance(base, ast.Name) and base.id == "type" for base in definition.bases
    )


def _is_pure(decorator: ast.expr) -> bool:
    name = dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return name is not None and (name.rpartition(".")[2] in _PURE_DECORATORS or name.startswith("pytest.mark."))


def _runs(node: ast.AST) -> bool:
    """Whether evaluating this can call code: loading names, literals and `A | B` cannot."""
    return any(isinstance(each, _EXECUTES) for each in ast.walk(node))


def _statements(statements: Sequence[ast.stmt], owner: str = "") -> Iterator[Statement]:
    for statement in statements:
        if isinstance(statement, _FUNCTIONS):
            parts = _run_by_function(statement)
            parts = [part for part in parts if part is not statement] or list(statement.decorator_list)
            runs = any(_runs(part) for part in parts) or bool(statement.decorator_list)
            yield Statement(f"{owner}{statement.name}{_digest(parts)}", runs)
        elif isinstance(statement, ast.ClassDef):
            parts = [*statement.decorator_list, *statement.bases, *statement.keywords]
            yield Statement(f"{owner}class {statement.name}{_digest(parts)}", runs=False)
            yield from _statements(statement.body, f"{owner}{statement.name}.")
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and not _runs(statement):
            yield Statement(f"{owner}{sorted(_bound_names(statement))}{statement.value is None}", runs=False)
        elif not _is_docstring(statement):
            yield Statement(f"{owner}{_digest([statement])}", runs=True)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _automatic(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Pytest hooks and fixtures that are used by every test in reach."""
    hooks = {name for each in statements for name in _bound_names(each) if name.startswith("pytest_")}
    functions = (statement for statement in statements if isinstance(statement, _FUNCTIONS))
    return frozenset(hooks | {each.name for each in functions if _is_autouse(each)})


def _is_autouse(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = (each for each in function.decorator_list if isinstance(each, ast.Call))
    return any(keyword.arg == "autouse" for call in calls for keyword in call.keywords)
