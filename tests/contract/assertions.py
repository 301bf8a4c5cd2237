"""Which tests can fail: those that assert something themselves or call a helper of the tests that does."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

# Calls that return only if their argument holds, and the errors that they raise otherwise.
ASSERTING_CALLS = {
    "eventually": "libs.testing.waiting: TimeoutError",
    "waiting": "libs.testing.waiting: TimeoutError",
    "raises": "pytest",
    "warns": "pytest",
    "fail": "pytest",
    "run_state_machine_as_test": "Hypothesis: the invariants of a machine",
    "check_schema": "jsonschema: SchemaError",
    "check_subscribers": "libs.runtime.kafka.bus: ConfigurationError",
    "declare_subscribers": "libs.runtime.kafka.bus: ConfigurationError",
    "check_client": "libs.runtime.kafka.client_internals: ConfigurationError",
    "check_model": "services.gateway.domain.routing.decide: RequestRefused",
    "verify": "libs.runtime.messaging.signing: BadSignature",
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """Functions of a file by name, methods included, and the origin of its other names."""

    functions: dict[str, list[Function]] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)


def without_assertion(files: Mapping[str, str]) -> list[str]:
    """`path::name` of each test that cannot fail by an assertion, its own or one of a helper that it calls."""
    modules = {_module_name(path): _read(text) for path, text in files.items()}
    found = []
    for path in files:
        name = _module_name(path)
        functions = (each for group in modules[name].functions.values() for each in group)
        tests = (each for each in functions if each.name.startswith("test_"))
        found += [f"{path}::{test.name}" for test in tests if not _asserts(test, name, modules, frozenset())]
    return sorted(found)


def _asserts(function: Function, module: str, modules: Mapping[str, Module], above: frozenset[int]) -> bool:
    if id(function) in above:
        return False
    nodes = list(_own_nodes(function))
    if any(_is_assertion(node) for node in nodes):
        return True
    entered = above | {id(function)}
    called = (target for node in nodes for target in _targets(node, module, modules))
    return any(_asserts(helper, where, modules, entered) for where, helper in called)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Nodes of the body without what opens and closes a scene: its checks are of all tests, not of this."""
    opened = {id(item.context_expr) for item in _items(ast.walk(function)) if not _is_assertion(item.context_expr)}
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if id(node) not in opened:
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _items(nodes: Iterable[ast.AST]) -> Iterator[ast.withitem]:
    return (item for node in nodes if isinstance(node, ast.With | ast.AsyncWith) for item in node.items)


def _is_assertion(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "AssertionError"
    return isinstance(node, ast.Call) and _called_name(node) in ASSERTING_CALLS


def _targets(node: ast.AST, module: str, modules: Mapping[str, Module]) -> Iterator[tuple[str, Function]]:
    """Functions of the tests that a name or a method may mean: of its own module, or of one it imports."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return
    name, here = (node.id if isinstance(node, ast.Name) else node.attr), modules[module]
    yield from ((module, each) for each in here.functions.get(name, ()))
    if isinstance(node, ast.Name):
        where, original = here.imported.get(name, ("", ""))
        yield from ((where, each) for each in _functions_of(modules, where, original))
    else:
        for where in {source for source, _ in here.imported.values()}:
            yield from ((where, each) for each in _functions_of(modules, where, name))


def _functions_of(modules: Mapping[str, Module], where: str, name: str) -> list[Function]:
    return modules[where].functions.get(name, []) if where in modules else []


def _called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _read(text: str) -> Module:
    module = Module()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _FUNCTIONS):
            module.functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ImportFrom):
            module.imported |= {each.asname or each.name: (node.module or "", each.name) for each in node.names}
    return module


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
