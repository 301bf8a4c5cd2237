"""One conversation with a chess engine in the Universal Chess Interface (UCI, April 2006)."""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from services.mcp.contract import ToolError

MEMORY_BYTES = 1024 * 1024 * 1024
HASH_MB = 64
THINKING_MS = 1_000
ANSWER_S = 10.0
CPU_S = 30
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """A variation: its place among the best, its score for the side to move, and its moves in UCI's coordinates."""

    rank: int
    depth: int
    centipawns: int | None
    mate_in: int | None
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Output of an engine."""

    engine: str
    lines: tuple[Line, ...]


async def analyse(program: str, fen: str, lines: int) -> Analysis:
    """Find the best lines. Raises ToolError(outside_failed) for an engine that violates the protocol.

    The engine is a process of its own without our environment; it is always ended.
    """
    async with _engine(program) as engine:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await engine.analyse(fen, lines)
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            raise ToolError("outside_failed", "the chess engine ended or did not answer in time") from error


@asynccontextmanager
async def _engine(program: str) -> "AsyncIterator[_Engine]":
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError("outside_failed", "the chess engine cannot be started") from error
    try:
        _confine(process.pid)
        yield _Engine(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # reads the remaining output, so that the pipes are closed


def _confine(pid: int) -> None:
    """Limit memory, CPU time and files; elsewhere than on Linux only the time of an answer is limited."""
    if sys.platform != "linux":
        return
    limits = ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_FSIZE, 0))
    with suppress(ProcessLookupError):  # it has ended already, which the first response reports
        for which, most in limits:
            resource.prlimit(pid, which, (most, most))


class _Engine:
    """The two pipes of a running engine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines_read = 0

    async def analyse(self, fen: str, lines: int) -> Analysis:
        self._write("uci")
        greeting = await self._until("uciok")
        name = next((line.removeprefix("id name ") for line in greeting if line.startswith("id name ")), "unknown")
        for option, value in (("Threads", 1), ("Hash", HASH_MB), ("MultiPV", lines)):
            self._write(f"setoption name {option} value {value}")
        self._write("ucinewgame", "isready")
        await self._until("readyok")
        self._write(f"position fen {fen}", f"go movetime {THINKING_MS}")
        return Analysis(name[:80], _best(await self._until("bestmove"), lines))

    def _write(self, *commands: str) -> None:
        if self._process.stdin is None:
            raise EOFError
        self._process.stdin.write("".join(f"{command}\n" for command in commands).encode())

    async def _until(self, last: str) -> list[str]:
        """Lines before the one that begins with a word."""
        found: list[str] = []
        while True:
            line = await self._line()
            if line.split(" ", 1)[0] == last:
                return found
            found.append(line)

    async def _line(self) -> str:
        raw = await self._process.stdout.readline() if self._process.stdout else b""
        self._lines_read += 1
        if not raw or self._lines_read > MAX_LINES:
            raise EOFError
        return raw.decode(errors="replace").strip()


def _best(output: Sequence[str], lines: int) -> tuple[Line, ...]:
    """Last line of each rank."""
    found = {line.rank: line for text in output if (line := _line_of(text.split())) is not None}
    return tuple(found[rank] for rank in sorted(found) if rank <= lines)


def _line_of(words: Sequence[str]) -> Line | None:
    """Read `info depth 20 multipv 1 score cp 31 … pv e2e4 e7e5`; bounds and lines without moves do not count."""
    if words[:1] != ["info"] or not {"score", "pv", "depth"} <= set(words) or {"lowerbound", "upperbound"} & set(words):
        return None
    score = words.index("score")
    kind, value = words[score + 1], int(words[score + 2])
    return Line(
        rank=int(words[words.index("multipv") + 1]) if "multipv" in words else 1,
        depth=int(words[words.index("depth") + 1]),
        centipawns=value if kind == "cp" else None,
        mate_in=value if kind == "mate" else None,
        moves=tuple(words[words.index("pv") + 1 :]),
    )
