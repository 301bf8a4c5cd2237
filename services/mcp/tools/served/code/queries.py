"""`lsp_query`: facts about a name in Python code, by jedi in a sandbox."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

import orjson
from pydantic import ValidationError

from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
)
from services.mcp.sandbox.library import standard_library
from services.mcp.sandbox.plan import Plan
from services.mcp.sandbox.rootfs import Folder
from services.mcp.sandbox.runner import Ended, SandboxRunner
from services.mcp.tools.served.code.models import MAX_FOUND, PLACE_RULE, LspQueryArguments, LspQueryResult
from services.mcp.tools.served.code.workspace import Workspace

_SEEN_AS = "/workspace"  # as the program in the cell knows it
_PACKAGES = ("jedi", "parso")
_WALL_S = 15.0
_CPU_S = 10
_MAX_CODE_BYTES = 1024 * 1024
_MEBIBYTE = 1024 * 1024


def lsp_query(
    workspace: Workspace | None, cells: SandboxRunner, unavailable: str | None
) -> ServedTool[LspQueryArguments, LspQueryResult]:
    async def run(arguments: LspQueryArguments, _: Caller) -> LspQueryResult:
        if workspace is None:
            raise ToolError("unavailable", unavailable or "")
        _check(arguments)
        request = await asyncio.to_thread(_request, workspace, arguments)
        ended = await cells.run(_plan(workspace.root), request, wall_s=_WALL_S, max_printed=1000)
        return await asyncio.to_thread(_shown, _read(arguments, ended), workspace)

    return ServedTool(
        name="lsp_query",
        description=Bilingual(
            en="Signature, references or completions of a name in a Python file of the workspace",
            de="Signatur, Fundstellen oder Vervollständigungen eines Namens in einer Python-Datei des Arbeitsbereichs",
        ),
        keywords=Bilingual(
            en="signature references completions definition symbol function class python code usages",
            de="signatur referenzen fundstellen vervollständigung definition symbol funktion klasse python code",
        ),
        group="data",
        arguments=LspQueryArguments,
        result=LspQueryResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="found", value=MAX_FOUND, unit="places"),
            Limit(name="cpu", value=_CPU_S, unit="seconds"),
            Limit(name="file_bytes", value=_MAX_CODE_BYTES, unit="bytes"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"file_path": "a.py", "action": "signature"}, code="invalid_argument"),
        unavailable=unavailable,
        timeout_s=_WALL_S + 5,
    )


def _check(arguments: LspQueryArguments) -> None:
    if not arguments.symbol and not arguments.line:
        raise ToolError("invalid_argument", "give symbol, or line and col")
    if not arguments.file_path.endswith((".py", ".pyi")):
        raise ToolError("invalid_argument", "file_path: only Python files (.py, .pyi) are understood")


def _request(workspace: Workspace, arguments: LspQueryArguments) -> bytes:
    code = workspace.read(arguments.file_path)
    if len(code) > _MAX_CODE_BYTES:
        raise ToolError("limit_exceeded", f"bytes of Python code: the limit is {_MAX_CODE_BYTES:,}")
    file = _normal(arguments.file_path)
    return orjson.dumps(arguments.model_dump() | {"file": file, "code": code.decode("utf-8", "replace")})


def _normal(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _plan(root: Path) -> Plan:
    packages = [Path(spec.origin).parent for name in _PACKAGES if (spec := find_spec(name)) and spec.origin]
    folders = tuple(Folder(str(package), str(package), needed=False) for package in packages)
    return Plan(
        "facts",
        folders=(*standard_library(), *folders, Folder(str(root.resolve()), _SEEN_AS)),
        packages_in=tuple(dict.fromkeys(str(package.parent) for package in packages)),
        cpu_s=_CPU_S,
        memory_bytes=768 * _MEBIBYTE,
        rootfs_bytes=64 * _MEBIBYTE,
    )


def _read(arguments: LspQueryArguments, ended: Ended) -> LspQueryResult:
    if isinstance(error := ended.report.get("error"), str):
        raise ToolError("not_found" if error.startswith("symbol") else "invalid_argument", error[:200])
    facts = ended.report.get("facts")
    try:
        answered = orjson.dumps({"file_path": arguments.file_path, "action": arguments.action, "engine": "jedi"})
        merged = orjson.loads(answered) | (facts if isinstance(facts, dict) else {})
        return LspQueryResult.model_validate_json(orjson.dumps(merged))
    except ValidationError as error:
        raise ToolError("worker_lost", "the process that reads code did not answer") from error


def _shown(result: LspQueryResult, workspace: Workspace) -> LspQueryResult:
    """Omit places in files that the tools cannot read: jedi finds them by file reads of its own."""
    files = {place.file for place in result.found if place.file is not None}
    kept_back = {file for file in files if not workspace.shows(file)}
    return result.model_copy(update={"found": tuple(one for one in result.found if one.file not in kept_back)})


def _phrase(result: LspQueryResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.signatures:
        return f"{'Signatur' if german else 'Signature'}: {result.signatures[0]}."
    if not result.found:
        return "Dazu ist nichts bekannt." if german else "Nothing is known about it."
    places = [f"{one.file}:{one.line}" if one.file and one.line else one.name for one in result.found[:5]]
    count = len(result.found)
    return f"{count} {'gefunden' if german else 'found'}: {', '.join(places)}{', …' if count > len(places) else ''}."


_EXAMPLE = Example(
    args={"file_path": "src/tea.py", "action": "signature", "symbol": "brew"},
    result={
        "file_path": "src/tea.py",
        "action": "signature",
        "signatures": ["brew(minutes: int=3) -> str"],
        "documentation": "",
        "found": [
            {
                "name": "brew",
                "kind": "function",
                "module": "src.tea",
                "file": "src/tea.py",
                "line": 1,
                "col": 4,
                "text": "def brew(minutes: int = 3) -> str:",
            }
        ],
        "truncated": False,
        "engine": "jedi",
        "rule": PLACE_RULE,
    },
    answer="Signature: brew(minutes: int=3) -> str.",
)
