"""Runs untrusted Python code. Output is streamed; the value of a last expression is reported separately."""

import ast
import contextlib
import io
import linecache
import sys
from code import InteractiveInterpreter
from collections.abc import Callable
from importlib import import_module
from types import CodeType

from services.mcp.sandbox.programs import MAX_ERROR_CHARS, MAX_VALUE_CHARS

# Loaded before isolation: the library's folder may be unreadable for the process.
_LOADED = """
abc array base64 binascii bisect calendar cmath collections contextlib copy csv dataclasses datetime decimal difflib
enum fractions functools graphlib hashlib heapq hmac html io itertools json math numbers operator pprint random re
secrets statistics string struct textwrap time types typing unicodedata uuid zlib
"""
for _module in _LOADED.split():
    import_module(_module)

_NAME = "<code>"
_LAST = "__last_value__"


class _Interpreter(InteractiveInterpreter):
    """Runs code once and records the exception that it raised."""

    raised: BaseException | None = None

    def showtraceback(self) -> None:
        self.raised = sys.exc_info()[1]
        super().showtraceback()

    def run_remembering(self, code: CodeType) -> None:
        try:
            self.runcode(code)
        except SystemExit as error:
            self.raised = error if error.code not in (None, 0) else None


def run(request: bytes, report: Callable[[object], None]) -> None:
    """Run code, and report `value` (a repr, or null), or `error` in one line."""
    sys.stdout = sys.stderr = io.TextIOWrapper(
        io.FileIO(1, "wb", closefd=False), "utf-8", "replace", write_through=True
    )
    source = request.decode()
    linecache.cache[_NAME] = (len(source), None, source.splitlines(keepends=True), _NAME)
    try:
        code = compile(_with_last_value(ast.parse(source, _NAME)), _NAME, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        report({"error": _described(error)})
        return
    interpreter = _Interpreter({"__name__": "__main__"})
    interpreter.run_remembering(code)
    if interpreter.raised is not None:
        report({"error": _described(interpreter.raised)})
    else:
        report({"value": _shown(interpreter.locals.get(_LAST))})


def _with_last_value(tree: ast.Module) -> ast.Module:
    """Assign the module's last expression, if any, to `_LAST`."""
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        assignment = ast.Assign([ast.Name(_LAST, ast.Store())], last.value)
        tree.body[-1] = ast.fix_missing_locations(ast.copy_location(assignment, last))
    return tree


def _described(error: BaseException) -> str:
    with contextlib.suppress(BaseException):  # its text comes from untrusted code
        return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARS]
    return type(error).__name__[:MAX_ERROR_CHARS]


def _shown(value: object) -> str | None:
    if value is None:
        return None
    with contextlib.suppress(BaseException):
        return repr(value)[:MAX_VALUE_CHARS]
    return f"<{type(value).__name__} that cannot be shown>"[:MAX_VALUE_CHARS]
