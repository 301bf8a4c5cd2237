"""`repo_map`: files and their definitions."""

import asyncio
from itertools import islice

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
    MAP_RULE,
    MAX_DEPTH,
    MAX_MAP_FILES,
    MAX_MAP_SYMBOLS,
    MappedFile,
    RepoMapArguments,
    RepoMapResult,
)
from services.mcp.tools.served.code.workspace import Entry, Workspace
from services.mcp.tools.served.documents.jobs import SourceFile, Symbol, SymbolsJob
from services.mcp.tools.served.documents.symbols import LANGUAGES
from services.mcp.tools.served.documents.workshop import Workshop

_MAX_ENTRIES = 4000
_MAX_SOURCE_BYTES = 256 * 1024
_MAX_SOURCES_BYTES = 1536 * 1024  # about a second of parsing


def repo_map(
    workspace: Workspace | None, workshop: Workshop, unavailable: str | None
) -> ServedTool[RepoMapArguments, RepoMapResult]:
    async def run(arguments: RepoMapArguments, _: Caller) -> RepoMapResult:
        if workspace is None:
            raise ToolError("unavailable", unavailable or "")
        entries, more = await asyncio.to_thread(_entries, workspace, arguments)
        sources, skipped = await asyncio.to_thread(_sources, workspace, entries)
        found = await workshop.symbols(SymbolsJob(files=sources))
        symbols = {file.path: file.symbols for file in found.files}
        return _result(arguments.path, entries, symbols, more=more or skipped)

    return ServedTool(
        name="repo_map",
        description=Bilingual(
            en="Files of the workspace and the classes and functions they define",
            de="Dateien des Arbeitsbereichs und die Klassen und Funktionen darin",
        ),
        keywords=Bilingual(
            en="repository map code structure files classes functions symbols overview project",
            de="repository karte code struktur dateien klassen funktionen symbole übersicht projekt",
        ),
        group="data",
        arguments=RepoMapArguments,
        result=RepoMapResult,
        run=run,
        answer=_phrase,
        limits=(
            Limit(name="depth", value=MAX_DEPTH, unit="folders"),
            Limit(name="files", value=MAX_MAP_FILES, unit="files"),
            Limit(name="symbols", value=MAX_MAP_SYMBOLS, unit="symbols"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"path": "src", "max_depth": 11}, code="invalid_argument"),
        unavailable=unavailable,
    )


def _entries(workspace: Workspace, arguments: RepoMapArguments) -> tuple[list[Entry], bool]:
    entries = list(islice(workspace.walk(arguments.path, arguments.max_depth), _MAX_ENTRIES + 1))
    return entries[:_MAX_ENTRIES], len(entries) > _MAX_ENTRIES


def _sources(workspace: Workspace, entries: list[Entry]) -> tuple[tuple[SourceFile, ...], bool]:
    """Programs among the first files, and whether some were too large, each or all together."""
    remaining, skipped = _MAX_SOURCES_BYTES, False
    sources = []
    programs = [entry for entry in entries if not entry.is_folder and _ending(entry.path) in LANGUAGES]
    for entry in programs[:MAX_MAP_FILES]:
        if entry.bytes > min(remaining, _MAX_SOURCE_BYTES):
            skipped = True
            continue
        try:
            text = workspace.read(entry.path).decode("utf-8", "replace")
        except ToolError:  # deleted, or unreadable for us
            continue
        remaining -= len(text.encode())
        sources.append(SourceFile(path=entry.path, text=text))
    return tuple(sources), skipped


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _result(path: str, entries: list[Entry], symbols: dict[str, tuple[Symbol, ...]], *, more: bool) -> RepoMapResult:
    files = [entry for entry in entries if not entry.is_folder]
    remaining = MAX_MAP_SYMBOLS
    mapped = []
    for entry in files[:MAX_MAP_FILES]:
        shown = symbols.get(entry.path, ())[:remaining]
        remaining -= len(shown)
        mapped.append(MappedFile(path=entry.path, bytes=entry.bytes, symbols=shown))
    return RepoMapResult(
        path=path,
        folders=tuple(entry.path for entry in entries if entry.is_folder)[:MAX_MAP_FILES],
        files=tuple(mapped),
        file_count=len(files),
        symbol_count=MAX_MAP_SYMBOLS - remaining,
        truncated=more or len(files) > MAX_MAP_FILES or remaining == 0,
    )


def _phrase(result: RepoMapResult, style: AnswerStyle) -> str:
    if style.language == "de":
        return f"{result.path}: {result.file_count} Dateien, {result.symbol_count} Klassen und Funktionen."
    return f"{result.path}: {result.file_count} files, {result.symbol_count} classes and functions."


_EXAMPLE = Example(
    args={"path": "src", "max_depth": 1},
    result={
        "path": "src",
        "folders": [],
        "files": [
            {
                "path": "src/tea.py",
                "bytes": 40,
                "symbols": [{"kind": "def", "name": "brew", "line": 1, "parent": None}],
            }
        ],
        "file_count": 1,
        "symbol_count": 1,
        "truncated": False,
        "rule": MAP_RULE,
    },
    answer="src: 1 files, 1 classes and functions.",
)
