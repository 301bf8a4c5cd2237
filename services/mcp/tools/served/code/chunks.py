"""`read_file_chunked`: some lines of a file."""

import asyncio

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
from services.mcp.tools.served.code.models import (
    LINE_RULE,
    MAX_CHUNK_LINES,
    MAX_LINE_CHARS,
    ReadFileChunkedArguments,
    ReadFileChunkedResult,
)
from services.mcp.tools.served.code.workspace import MAX_FILE_BYTES, Workspace


def read_file_chunked(
    workspace: Workspace | None, unavailable: str | None
) -> ServedTool[ReadFileChunkedArguments, ReadFileChunkedResult]:
    async def run(arguments: ReadFileChunkedArguments, _: Caller) -> ReadFileChunkedResult:
        if workspace is None:
            raise ToolError("unavailable", unavailable or "")
        _check(arguments)
        return _chunk(arguments, await asyncio.to_thread(workspace.read, arguments.file_path))

    return ServedTool(
        name="read_file_chunked",
        description=Bilingual(
            en="Up to 200 lines of a file of the workspace", de="Bis zu 200 Zeilen einer Datei des Arbeitsbereichs"
        ),
        keywords=Bilingual(
            en="read file lines code source chunk show open", de="datei lesen zeilen code quelltext abschnitt zeigen"
        ),
        group="data",
        arguments=ReadFileChunkedArguments,
        result=ReadFileChunkedResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="lines", value=MAX_CHUNK_LINES, unit="lines"),
            Limit(name="file_bytes", value=MAX_FILE_BYTES, unit="bytes"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"file_path": "a.py", "start_line": 1, "end_line": 500}, code="limit_exceeded"),
        unavailable=unavailable,
    )


def _check(arguments: ReadFileChunkedArguments) -> None:
    if arguments.end_line < arguments.start_line:
        raise ToolError("invalid_argument", "end_line: comes before start_line")
    if arguments.end_line - arguments.start_line >= MAX_CHUNK_LINES:
        raise ToolError("limit_exceeded", f"lines at once: the limit is {MAX_CHUNK_LINES}")


def _chunk(arguments: ReadFileChunkedArguments, content: bytes) -> ReadFileChunkedResult:
    if b"\x00" in content[:4096]:
        raise ToolError("invalid_argument", "file_path: the file is binary")
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    if arguments.start_line > max(len(lines), 1):
        raise ToolError("invalid_argument", f"start_line: the file has {len(lines):,} lines")
    chunk = lines[arguments.start_line - 1 : arguments.end_line]
    return ReadFileChunkedResult(
        file_path=arguments.file_path,
        start_line=arguments.start_line,
        end_line=arguments.start_line + len(chunk) - 1,
        total_lines=len(lines),
        text="".join(line[:MAX_LINE_CHARS] + "\n" for line in chunk),
        lines_cut=sum(len(line) > MAX_LINE_CHARS for line in chunk),
    )


def _phrase(result: ReadFileChunkedResult, style: AnswerStyle) -> str:
    span = f"{result.start_line}-{result.end_line}"
    if style.language == "de":
        return f"{result.file_path}, Zeilen {span} von {result.total_lines}."
    return f"{result.file_path}, lines {span} of {result.total_lines}."


_EXAMPLE = Example(
    args={"file_path": "src/tea.py", "start_line": 1, "end_line": 2},
    result={
        "file_path": "src/tea.py",
        "start_line": 1,
        "end_line": 2,
        "total_lines": 2,
        "text": 'def brew(minutes: int = 3) -> str:\n    return "tea"\n',
        "lines_cut": 0,
        "rule": LINE_RULE,
    },
    answer="src/tea.py, lines 1-2 of 2.",
)
