"""Facts about Python code, by jedi: signatures, references, completions. Does not run the code.

Hidden files and symbolic links do not exist for jedi: an audit hook rejects each open and listing of them.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import jedi
import jedi.settings
from jedi.api.classes import BaseName, BaseSignature, Completion

from services.mcp.sandbox.hidden import is_hidden

WORKSPACE = "/workspace"
_MAX_FOUND = 100
_MAX_TEXT = 300
_MAX_DOCUMENTATION = 2000
_LOOKS = frozenset({"open", "os.listdir", "os.scandir"})  # names of audit events (PEP 578)
_READ_ANYWAY = ".gitignore"  # jedi reads it to leave out ignored files, and reports nothing of its content

jedi.settings.cache_directory = "/work"
jedi.settings.auto_import_modules = []


def run(request: bytes, report: Callable[[object], None]) -> None:
    """Answer one request, and report `facts`, or `error` in one line."""
    sys.addaudithook(_guard)
    query = json.loads(request)
    project = jedi.Project(WORKSPACE, sys_path=[WORKSPACE], smart_sys_path=False, load_unsafe_extensions=False)
    path = Path(WORKSPACE, query["file"])
    script = jedi.Script(query["code"], path=path, project=project, environment=jedi.InterpreterEnvironment())
    try:
        line, column = _place(script, query)
        report({"facts": _ACTIONS[query["action"]](script, line, column)})
    except (LookupError, ValueError) as error:
        report({"error": str(error)})


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    """Raise FileNotFoundError for files of the workspace that users may not see."""
    if event in _LOOKS and isinstance(path := arguments[0], str | bytes | os.PathLike):
        requested = Path(os.fsdecode(path))
        if _is_withheld(requested.parent if requested.name == _READ_ANYWAY else requested):
            raise FileNotFoundError(path)


def _is_withheld(requested: Path) -> bool:
    as_written, real = Path(os.path.normpath(Path.cwd() / requested)), requested.resolve()
    if not as_written.is_relative_to(WORKSPACE) and not real.is_relative_to(WORKSPACE):
        return False
    return real != as_written or any(map(is_hidden, real.relative_to(WORKSPACE).parts))


def _place(script: jedi.Script, query: dict[str, str | int]) -> tuple[int, int]:
    """Line and column to inspect: the given ones, or the first match of the symbol, preferably its definition."""
    symbol, line, column = str(query["symbol"]), int(query["line"]), int(query["col"])
    if not symbol:
        return line, column
    names = script.get_names(all_scopes=True, definitions=True, references=True)
    name = symbol.rpartition(".")[2]
    found = [one for one in names if one.name == name and (not line or one.line == line)]
    if "." in symbol:
        found = [one for one in found if (one.full_name or "").endswith(f".{symbol}")] or found
    if not found:
        raise LookupError("symbol: there is no such name in the file" + (", in that line" if line else ""))
    first = next((one for one in found if one.is_definition()), found[0])
    return first.line, first.column


def _signature(script: jedi.Script, line: int, column: int) -> object:
    names = script.infer(line, column) or script.goto(line, column, follow_imports=True)
    called: Iterable[BaseSignature] = script.get_signatures(line, column)
    signatures = [signature.to_string() for name in names for signature in name.get_signatures()]
    signatures = signatures or [signature.to_string() for signature in called]
    documentation = next((text for name in names if (text := name.docstring(raw=True))), "")
    return _facts(names, signatures, documentation[:_MAX_DOCUMENTATION])


def _references(script: jedi.Script, line: int, column: int) -> object:
    return _facts(script.get_references(line, column, include_builtins=False))


def _completions(script: jedi.Script, line: int, column: int) -> object:
    completions = script.complete(line, column)
    return _facts([one for one in completions if one.type != "path"])  # in a string literal: paths are not names


_ACTIONS = {"signature": _signature, "find_references": _references, "completions": _completions}


def _facts(names: list[BaseName] | list[Completion], signatures: Iterable[str] = (), documentation: str = "") -> object:
    return {
        "signatures": [signature[:_MAX_TEXT] for signature in signatures][:_MAX_FOUND],
        "documentation": documentation,
        "found": [_fact(name) for name in names[:_MAX_FOUND]],
        "truncated": len(names) > _MAX_FOUND,
    }


def _fact(name: BaseName | Completion) -> object:
    path = name.module_path
    inside = path is not None and path.is_relative_to(WORKSPACE)
    return {
        "name": name.name,
        "kind": name.type,
        "module": name.module_name or "",
        "file": str(path.relative_to(WORKSPACE)) if inside and path is not None else None,
        "line": name.line,
        "col": name.column,
        "text": name.get_line_code().strip()[:_MAX_TEXT] if inside and name.line else "",
    }
