"""`python_sandbox`: run untrusted Python code."""

import sys

from libs.core.text import capped
from services.mcp.contract import (
    Annotations,
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
)
from services.mcp.sandbox.library import installed_packages, standard_library
from services.mcp.sandbox.plan import Plan
from services.mcp.sandbox.programs import MAX_ERROR_CHARS, MAX_VALUE_CHARS
from services.mcp.sandbox.runner import Ended, SandboxRunner, refusal
from services.mcp.tools.served.sandbox.models import (
    MAX_CODE_CHARS,
    MAX_OUTPUT_CHARS,
    RULE,
    SandboxArguments,
    SandboxResult,
)

WALL_S = 2.7
_PLAN = Plan("python", folders=standard_library(), masked=installed_packages())
_MEBIBYTE = 1024 * 1024
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_MAX_SAID_CHARS = 400


def python_sandbox(cells: SandboxRunner) -> ServedTool[SandboxArguments, SandboxResult]:
    """The tool is unavailable if the kernel refuses namespaces or seccomp."""

    async def run(arguments: SandboxArguments, _: Caller) -> SandboxResult:
        try:
            code = arguments.code.encode()
        except UnicodeEncodeError as error:
            raise ToolError("invalid_argument", "code: holds half of a character (a lone surrogate)") from error
        return _read(await cells.run(_PLAN, code, wall_s=WALL_S, max_printed=MAX_OUTPUT_CHARS))

    refused = refusal()
    return ServedTool(
        name="python_sandbox",
        description=Bilingual(
            en="Run Python code in isolation: standard library, no network, no files of the machine",
            de="Python-Code abgeschottet ausführen: Standardbibliothek, kein Netz, keine Dateien des Rechners",
        ),
        keywords=Bilingual(
            en="python run execute code script program simulate algorithm sandbox",
            de="python ausführen code skript programm simulieren algorithmus sandkasten",
        ),
        arguments=SandboxArguments,
        result=SandboxResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),
            Limit(name="output_chars", value=MAX_OUTPUT_CHARS, unit="bytes"),
            Limit(name="cpu", value=_PLAN.cpu_s, unit="seconds"),
            Limit(name="memory", value=_PLAN.memory_bytes // _MEBIBYTE, unit="MiB"),
            Limit(name="files", value=_PLAN.rootfs_bytes // _MEBIBYTE, unit="MiB in memory, gone with the call"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"code": ""}, code="invalid_argument"),
        annotations=Annotations(idempotent=False),
        unavailable=None if refused is None else f"the kernel refuses isolation: {refused}",
        timeout_s=10.0,
    )


def _read(ended: Ended) -> SandboxResult:
    value, error = ended.report.get("value"), ended.report.get("error")
    if isinstance(error, str) and error.startswith("MemoryError"):
        raise ToolError("limit_exceeded", f"memory of a call: the limit is {_PLAN.memory_bytes // _MEBIBYTE} MiB")
    return SandboxResult(
        output=ended.printed.decode("utf-8", "replace"),
        output_cut=ended.cut,
        value=value[:MAX_VALUE_CHARS] if isinstance(value, str) else None,
        error=error[:MAX_ERROR_CHARS] if isinstance(error, str) else None,
        python_version=_VERSION,
    )


def _phrase(result: SandboxResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.error is not None:
        return f"{'Der Code endete mit' if german else 'The code ended with'} {capped(result.error, _MAX_SAID_CHARS)}."
    result_text = capped(result.value or result.output.strip(), _MAX_SAID_CHARS)
    if not result_text:
        return "Der Code lief durch und gab nichts aus." if german else "The code ran and printed nothing."
    return f"Der Code ergibt: {result_text}." if german else f"The code gives: {result_text}."


_EXAMPLE = Example(
    args={"code": "from math import comb\nprint('hands')\ncomb(52, 5)"},
    result={
        "output": "hands\n",
        "output_cut": False,
        "value": "2598960",
        "error": None,
        "python_version": _VERSION,
        "rule": RULE,
    },
    answer="The code gives: 2598960.",
)
