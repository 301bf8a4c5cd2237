"""Project rules as pure functions: each returns the violations, one line each."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_HANDLER_LINES = 25
MAX_APP_LINES = 60
MAX_NESTING = 3
MAX_POSITIONAL_ARGUMENTS = 6
_SQL = {"execute": 1, "fetch": 1, "fetchrow": 1, "fetchval": 1}  # of asyncpg: a statement, then its numbered values
_NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TICKET = re.compile(r"#\d+\b|\bissue #", re.IGNORECASE)
_BROAD = {"Exception", "BaseException"}
_tree = cache(ast.parse)
_KEYS_OF_ASGI = {"type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path"}
_KEYS_OF_ASGI |= {"headers", "client", "server", "extensions", "state"}
_KEYS_OF_SDK = {"user"}  # the MCP SDK reads the owner of a session there


def sources(*folders: str) -> dict[str, str]:
    """Path → text of every Python file below the folders."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths}


def too_long(files: Mapping[str, str]) -> list[str]:
    """Files, functions, handlers and apps over their limit."""
    found = [f"{path}: {n} lines" for path, text in files.items() if (n := len(text.splitlines())) > MAX_FILE_LINES]
    for path, text in files.items():
        if path.endswith("/app.py") and len(text.splitlines()) > MAX_APP_LINES:
            found.append(f"{path}: {len(text.splitlines())} lines, an app only assembles")
        limit = MAX_HANDLER_LINES if path.endswith("/handlers.py") else MAX_FUNCTION_LINES
        found += [f"{path}: {f.name} has {_body_lines(f)} lines" for f in _functions(text) if _body_lines(f) > limit]
    return found


def too_deep(files: Mapping[str, str]) -> list[str]:
    """Functions nested deeper than the limit."""
    every = ((path, function) for path, text in files.items() for function in _functions(text))
    return [f"{path}: {f.name} nests {_depth(f)} deep" for path, f in every if _depth(f) > MAX_NESTING]


def broad_excepts(files: Mapping[str, str], allowed: frozenset[str]) -> list[str]:
    """`except Exception` outside the runtime's policy, which separates bugs from outcomes; clean-up is allowed."""
    nodes = ((path, node) for path, text in files.items() if path not in allowed for node in ast.walk(_tree(text)))
    return [f"{path}:{node.lineno}: catches everything" for path, node in nodes if _swallows_everything(node)]


def untyped_dicts(files: Mapping[str, str]) -> list[str]:
    """Parameters and results annotated with a bare dict, list or tuple: a border needs a type."""
    bare = {"dict", "list", "tuple", "set"}
    found = []
    for path, text in files.items():
        for function in _functions(text):
            annotations = [a.annotation for a in (*function.args.args, *function.args.kwonlyargs)] + [function.returns]
            found += [f"{path}: {function.name}" for a in annotations if isinstance(a, ast.Name) and a.id in bare]
    return found


def issue_numbers(files: Mapping[str, str]) -> list[str]:
    """Numbers of tickets in comments: the code must explain itself."""
    return [
        f"{path}:{line}" for path, text in files.items() for line, comment in _comments(text) if _TICKET.search(comment)
    ]


def leftovers(files: Mapping[str, str]) -> list[str]:
    """To-do notes, and commented-out code."""
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    found = []
    for path, text in files.items():
        found += [f"{path}:{n}" for n, line in enumerate(text.splitlines(), 1) if any(word in line for word in words)]
    return found


def empty_envelopes(files: Mapping[str, str]) -> list[str]:
    """Envelopes written without an event id: a history starts from an `Origin`."""
    nodes = ((path, node) for path, text in files.items() for node in ast.walk(_tree(text)))
    return [f"{path}:{node.lineno}: Envelope without an event id" for path, node in nodes if _is_empty_envelope(node)]


def positional_calls(files: Mapping[str, str]) -> list[str]:
    """Calls with too many positional arguments: their readers count commas. Items of a variadic parameter are free."""
    variadic = _SQL | {f.name: len(f.args.args) for text in files.values() for f in _functions(text) if f.args.vararg}
    calls = ((path, node) for path, text in files.items() for node in ast.walk(_tree(text)))
    return [
        f"{path}:{node.lineno}: {len(node.args)} positional arguments"
        for path, node in calls
        if isinstance(node, ast.Call)
        and min(len(node.args), variadic.get(_called(node), len(node.args))) > MAX_POSITIONAL_ARGUMENTS
    ]


def packed_arguments(files: Mapping[str, str]) -> list[str]:
    """Parameters that are a tuple of three or more values, which the body unpacks: they hide a long signature."""
    every = ((path, function) for path, text in files.items() for function in _functions(text))
    return [
        f"{path}: {function.name}({parameter.arg})"
        for path, function in every
        for parameter in (*function.args.args, *function.args.kwonlyargs)
        if _is_packed(parameter) and any(_unpacks(node, parameter.arg) for node in function.body)
    ]


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _is_packed(parameter: ast.arg) -> bool:
    match parameter.annotation:
        case ast.Subscript(ast.Name("tuple"), ast.Tuple(items)):
            return len(items) > 2
    return False


def _unpacks(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign([ast.Tuple()], ast.Name(assigned)):
            return assigned == name
    return False


def keys_in_scopes(files: Mapping[str, str]) -> list[str]:
    """Keys in ASGI scopes that are neither ASGI's nor the SDK's, and ASGI triples read by index: a fact of a request is
    a field."""
    nodes = ((path, node) for path, text in files.items() for node in ast.walk(ast.parse(text)))
    return [f"{path}:{node.lineno}: {ast.unparse(node)}" for path, node in nodes if _is_own_key(node)]


def _is_own_key(node: ast.AST) -> TypeGuard[ast.expr]:
    match node:
        case ast.Subscript(value=ast.Name(id="asgi")):
            return True
        case ast.Subscript(value=scope, slice=key) if _is_scope(scope):
            return not _is_key_of_asgi(key)
        case ast.Call(func=ast.Attribute(value=scope, attr="get" | "pop" | "setdefault"), args=[key, *_]):
            return _is_scope(scope) and not _is_key_of_asgi(key)
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[scope]) if _is_scope(scope):
            return not _is_key_of_asgi(key)
        case ast.Dict(keys=keys, values=values) if any(map(_is_scope, values)):
            return not all(key is None or _is_key_of_asgi(key) for key in keys)
    return False


def _is_scope(node: ast.expr) -> bool:
    return "scope" in (getattr(node, "id", ""), getattr(node, "attr", ""))


def _is_key_of_asgi(key: ast.expr) -> bool:
    return isinstance(key, ast.Constant) and key.value in _KEYS_OF_ASGI | _KEYS_OF_SDK


def _is_empty_envelope(node: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "Envelope":
        return False
    ids = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "event_id")]
    return any(isinstance(each, ast.Constant) and not each.value for each in ids)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return ((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(_tree(text)) if isinstance(node, _FUNCTIONS))


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _depth(node: ast.AST, above: int = 0) -> int:
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, (*_FUNCTIONS, ast.Lambda))]
    here = [_depth(child, above + (isinstance(child, _NESTING) and not _is_elif(node, child))) for child in inner]
    return max([above, *here])


def _is_elif(node: ast.AST, child: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]


def _swallows_everything(node: ast.AST) -> TypeGuard[ast.ExceptHandler]:
    if not isinstance(node, ast.ExceptHandler) or (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None):
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in kinds)
