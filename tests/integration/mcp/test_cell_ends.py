"""No sandbox outlives its call or its service, whenever it is ended, and its slot is released."""

import asyncio
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from libs.testing.waiting import eventually, waiting
from services.mcp.contract import ToolError
from services.mcp.sandbox import group
from services.mcp.sandbox.group import LAUNCHER, ROOT, Group
from services.mcp.sandbox.plan import Plan
from services.mcp.sandbox.runner import SandboxRunner, refusal

pytestmark = pytest.mark.skipif(refusal() is not None, reason=f"no cells here: {refusal()}")
SLOW = (*LAUNCHER[:-1], "tests.support.mcp.slow_launcher")
PLAN = Plan("python")
HANGS_S = 60.0  # only a defect takes so long
# A forked process keeps the pipes, prints its number, and must be killed.
LEAVES_ONE = "import os, signal\nif os.fork() == 0:\n    {}print(os.getpid(), flush=True)\nsignal.pause()\n"
OF_THE_GROUP = (sys.executable, "-c", LEAVES_ONE.format(""))
OUT_OF_IT = (sys.executable, "-c", LEAVES_ONE.format("os.setsid(); "))


async def started(launcher: tuple[str, ...], service: int) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = (*launcher, PLAN.written(), str(service))
    cell = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT, env={}, start_new_session=True
    )
    assert cell.stdin is not None
    cell.stdin.write(b"print('ran')")
    cell.stdin.close()
    return cell


async def rest_of(cell: asyncio.subprocess.Process) -> bytes:
    try:
        async with waiting(HANGS_S):
            return (await cell.communicate())[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(cell.pid, signal.SIGKILL)


async def test_a_process_whose_parent_is_killed_right_after_the_fork_runs_nothing() -> None:
    cell = await started(SLOW, os.getpid())
    assert cell.stdout is not None
    assert await cell.stdout.readline() == b"forked\n"
    cell.kill()
    assert await rest_of(cell) == b""


async def test_a_cell_runs_for_the_service_that_it_is_told() -> None:
    cell = await started(LAUNCHER, os.getpid())
    assert await rest_of(cell) == b"ran\n"


async def test_a_service_that_is_gone_before_its_cell_begins_has_none() -> None:
    cell = await started(LAUNCHER, os.getppid())
    assert await rest_of(cell) == b""


@pytest.fixture
def strays() -> Iterator[list[int]]:
    """Processes to be ended with the test."""
    found: list[int] = []
    yield found
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def one_left(running: Group, strays: list[int]) -> int:
    assert running.process.stdout is not None
    strays.append(int(await running.process.stdout.readline()))
    return strays[-1]


async def test_all_processes_of_a_cell_are_ended_with_it(strays: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "LAUNCHER", OF_THE_GROUP)
    running = await Group.start(PLAN)
    stray = os.pidfd_open(await one_left(running, strays))
    await running.end()
    with os.fdopen(stray):
        assert select.select([stray], [], [], HANGS_S)[0]  # a pidfd can be read when its process has ended


async def test_who_prints_too_much_is_ended_with_all_its_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "LAUNCHER", OF_THE_GROUP)
    async with waiting(HANGS_S):
        ended = await SandboxRunner().run(PLAN, b"", wall_s=10 * HANGS_S, max_printed=1)
    assert ended.cut


async def test_a_cell_ends_though_somebody_else_holds_its_pipes(
    strays: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "LAUNCHER", OUT_OF_IT)
    monkeypatch.setattr(group, "_END_S", 0.1)
    running = await Group.start(PLAN)
    stray = await one_left(running, strays)
    running.kill()
    await eventually(lambda: running.process.returncode is not None)
    await running.end()
    os.kill(stray, 0)  # it is there
    assert running.process.returncode == -signal.SIGKILL


async def test_a_slot_comes_back_though_somebody_else_holds_its_pipes(
    tmp_path: Path, strays: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    code = OUT_OF_IT[2].replace("print(os.getpid(), flush=True)", f"open({str(note)!r}, 'w').write(str(os.getpid()))")
    cells = SandboxRunner(at_once=1)
    with monkeypatch.context() as patched:
        patched.setattr(group, "LAUNCHER", (sys.executable, "-c", code))
        patched.setattr(group, "_END_S", 0.1)
        with pytest.raises(ToolError) as caught:
            await cells.run(PLAN, b"", wall_s=1.0, max_printed=100)
    strays += [int(note.read_text())] if note.exists() and note.read_text() else []
    assert caught.value.code == "timeout"
    async with waiting(HANGS_S):
        assert (await cells.run(PLAN, b"6 * 7", wall_s=HANGS_S, max_printed=100)).report == {"value": "42"}
