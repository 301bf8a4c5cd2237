"""`chess_analyze_position`: a conversation with an engine, here a program of ours that speaks UCI."""

import asyncio
import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, AnyServedTool, Caller, ToolError, ToolResult
from services.mcp.tools.served.chess import build
from services.mcp.tools.served.chess.analysis import MAX_WAITING
from services.mcp.tools.served.chess.settings import ChessSettings

CALLER = Caller(tenant="default")
START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"
TWO_LINES = (
    "info depth 3 multipv 1 score cp 12 pv a2a3",
    "info depth 9 multipv 2 score cp -7 nodes 5 pv d2d4 d7d5",
    "info depth 9 multipv 1 score cp 31 nodes 9 pv e2e4 e7e5 g1f3",
    "info depth 10 multipv 1 score cp 99 lowerbound pv h2h3",
    "info string nothing",
    "bestmove e2e4",
)
ENGINE = """#!{python}
import sys
heard = open({heard!r}, "w", buffering=1)
answers = {answers!r}
for line in sys.stdin:
    heard.write(line)
    word = line.split()[0]
    if word == "uci":
        print("id name Scripted 1\\noption name Hash type spin\\nuciok", flush=True)
    elif word == "isready":
        print("readyok", flush=True)
    elif word == "go":
        {on_go}
"""
SAYS_IT = 'print("\\n".join(answers), flush=True)'


class Heard:
    """A named pipe: it records the input of the engine, which may write to it although files are closed to it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._pipe = os.open(path, os.O_RDWR)
        self._text = b""

    async def until(self, ending: str) -> list[str]:
        return await asyncio.to_thread(self._until, ending.encode())

    def nothing(self) -> bool:
        return not select.select([self._pipe], [], [], 0)[0]

    def close(self) -> None:
        os.close(self._pipe)

    def _until(self, ending: bytes) -> list[str]:
        while not any(line.startswith(ending) for line in self._text.split(b"\n")[:-1]):
            self._text += os.read(self._pipe, 4096)
        return self._text.decode().splitlines()


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    pipe = Heard(tmp_path / "heard")
    yield pipe
    pipe.close()


@pytest.fixture
def folder(tmp_path: Path, heard: Heard) -> Path:
    del heard  # it is there before an engine opens it
    return tmp_path


def engine(folder: Path, *answers: str, on_go: str = SAYS_IT) -> AnyServedTool:
    program = folder / "engine"
    source = ENGINE.format(python=sys.executable, heard=str(folder / "heard"), answers=answers, on_go=on_go)
    program.write_text(source)
    program.chmod(0o755)
    return build(ChessSettings(chess_engine=str(program)))[0]


async def ask(tool: AnyServedTool, args: dict[str, JsonValue], style: AnswerStyle | None = None) -> ToolResult:
    return await tool.invoke(args, style or AnswerStyle(), CALLER)


async def refusal(tool: AnyServedTool, args: dict[str, JsonValue]) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await ask(tool, args)
    return caught.value


async def test_the_last_exact_line_of_each_rank_counts_best_first(folder: Path) -> None:
    outcome = await ask(engine(folder, *TWO_LINES), {"fen": START, "top_moves": 2})
    moves = outcome.result["moves"]
    assert isinstance(moves, list)
    assert [(m["san"], m["centipawns"], m["depth"], m["line"]) for m in moves if isinstance(m, dict)] == [
        ("e4", 31, 9, ["e4", "e5", "Nf3"]),
        ("d4", -7, 9, ["d4", "d5"]),
    ]
    assert outcome.answer == "White to move; best moves by Scripted 1: e4 (+0.31), d4 (-0.07)."


async def test_scores_are_written_with_a_comma_in_german(folder: Path) -> None:
    outcome = await ask(engine(folder, *TWO_LINES), {"fen": START}, AnswerStyle(language="de"))
    assert outcome.answer == "Weiß am Zug; beste Züge nach Scripted 1: e4 (+0,31), d4 (-0,07)."


async def test_the_example_is_what_such_an_engine_leads_to(folder: Path) -> None:
    tool = engine(folder, "info depth 5 multipv 1 score mate 1 pv e1e8", "bestmove e1e8")
    example = tool.describe().example
    outcome = await ask(tool, example.args)
    assert (outcome.result, outcome.answer) == (example.result, example.answer)


async def test_the_engine_hears_the_position_once_and_what_it_may_use(folder: Path, heard: Heard) -> None:
    await ask(engine(folder, *TWO_LINES), {"fen": f"  {START.replace(' ', '  ')}\n", "top_moves": 2})
    assert await heard.until("go") == [
        "uci",
        "setoption name Threads value 1",
        "setoption name Hash value 64",
        "setoption name MultiPV value 2",
        "ucinewgame",
        "isready",
        f"position fen {START}",
        "go movetime 1000",
    ]


@pytest.mark.parametrize("fen", [f"{START}\nquit", f"{START} moves e2e4", "x\ngo infinite"])
async def test_a_fen_never_carries_another_command(folder: Path, heard: Heard, fen: str) -> None:
    assert (await refusal(engine(folder, *TWO_LINES), {"fen": fen})).code == "invalid_argument"
    assert heard.nothing()


async def test_a_game_that_is_over_is_not_analysed(folder: Path) -> None:
    tool = engine(folder, *TWO_LINES)
    example = tool.describe().error_example
    assert (await refusal(tool, example.args)).code == example.code


async def test_a_move_that_is_not_legal_is_not_passed_on(folder: Path) -> None:
    tool = engine(folder, "info depth 1 score cp 5 pv e2e5", "bestmove e2e5")
    assert (await refusal(tool, {"fen": START})).code == "outside_failed"


@pytest.mark.parametrize("on_go", ["sys.exit(3)", "print('info depth x score cp y pv z\\nbestmove z', flush=True)"])
async def test_an_engine_that_ends_or_talks_nonsense_is_told(folder: Path, on_go: str) -> None:
    assert (await refusal(engine(folder, on_go=on_go), {"fen": START})).code == "outside_failed"


async def test_an_engine_that_floods_us_is_ended(folder: Path) -> None:
    tool = engine(folder, on_go="[print('info string x') for _ in range(10 ** 6)]")
    assert (await refusal(tool, {"fen": START})).code == "outside_failed"


async def test_an_engine_has_none_of_our_environment(
    folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOE_CANARY", "secret")
    tool = engine(
        folder, *TWO_LINES, on_go=f"heard.write('env ' + repr(dict(__import__('os').environ)) + chr(10)); {SAYS_IT}"
    )
    await ask(tool, {"fen": START})
    assert "MOE_CANARY" not in "".join(await heard.until("env "))


async def test_an_engine_that_writes_a_file_is_ended(folder: Path) -> None:
    tool = engine(folder, *TWO_LINES, on_go=f"open({str(folder / 'kept')!r}, 'w').write('x' * 9999); {SAYS_IT}")
    assert (await refusal(tool, {"fen": START})).code == "outside_failed"


async def test_a_call_that_is_given_up_ends_the_engine(folder: Path, heard: Heard) -> None:
    tool = engine(folder, on_go="heard.write('pid ' + str(__import__('os').getpid()) + chr(10))")
    async with asyncio.TaskGroup() as group:
        call = group.create_task(ask(tool, {"fen": START}))
        pid = int((await heard.until("pid "))[-1].split()[1])
        call.cancel()
    assert call.cancelled()
    assert not psutil.pid_exists(pid)


async def test_tenants_have_the_engine_by_turns(folder: Path) -> None:
    tool, served = engine(folder, *TWO_LINES), list[str]()

    async def ask_for(tenant: str) -> None:
        await tool.invoke({"fen": START}, AnswerStyle(), Caller(tenant))
        served.append(tenant)

    async with asyncio.TaskGroup() as group:
        for tenant in "aaab":
            group.create_task(ask_for(tenant))
    assert served == ["a", "b", "a", "a"]


async def test_a_tenant_whose_analyses_fill_the_queue_gives_up_places_to_others(folder: Path) -> None:
    tool = engine(folder, *TWO_LINES)
    calls = [tool.invoke({"fen": START}, AnswerStyle(), Caller(tenant)) for tenant in "a" * (MAX_WAITING + 1) + "b"]
    told = await asyncio.gather(*calls, return_exceptions=True)
    refused = [number for number, one in enumerate(told) if isinstance(one, ToolError) and one.code == "busy"]
    assert refused == [MAX_WAITING]  # the latest one of the tenant that has most


@pytest.mark.parametrize("program", ["", "/nonexistent/engine"])
def test_without_an_engine_the_tool_is_listed_with_the_reason(program: str) -> None:
    (tool,) = build(ChessSettings(chess_engine=program))
    assert (tool.name, tool.describe().unavailable) == ("chess_analyze_position", tool.unavailable)
    assert (tool.unavailable or "").startswith("MOE_CHESS_ENGINE")
