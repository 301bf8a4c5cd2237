"""Waits that the suite cannot see: limits on time beside the one helper that records how long a test waited."""

import ast
from collections.abc import Iterator, Mapping

SHORTEST_S = 5.0  # what ends sooner hides nothing
_BOUNDS = {"timeout": 0, "wait_for": 1}  # of asyncio → which argument is the time


def unrecorded_waits(files: Mapping[str, str], allowed: Mapping[str, str]) -> list[str]:
    """Places that bound a wait with asyncio instead of `libs.testing.waiting`."""
    return [
        f"{path}:{call.lineno}: use `waiting` or `eventually` of libs.testing.waiting"
        for path, text in files.items()
        if path not in allowed
        for call in _bounds(text)
        if not _is_short(call)
    ]


def _bounds(text: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio"), attr="timeout" | "wait_for")):
                yield node


def _is_short(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    match arguments[_BOUNDS[call.func.attr] :]:
        case [ast.Constant(value=int() | float() as seconds), *_]:
            return seconds < SHORTEST_S
    return False
