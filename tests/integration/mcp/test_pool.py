"""The worker pool with real processes: possible and prevented effects of a tool."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from libs.testing.waiting import eventually
from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.pool import CallContext, WorkerPool
from tests.support.mcp.process_state import is_gone
from tests.support.mcp.timeouts import PATIENT

ROOT = Path(__file__).parents[3]
HOSTILE = "tests.support.mcp.hostile_worker"
ONE = replace(PATIENT, workers=1, process=ProcessLimits(cpu_s=60))


@pytest.fixture(scope="module", autouse=True)
def forked_of_shared_templates() -> None:
    """Every pool starts its own fork servers: they are under test."""


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(PATIENT) as running:
        yield running


@pytest.fixture
async def hostile() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(ONE, HOSTILE) as running:
        yield running


async def answer(pool: WorkerPool, tool: str) -> str:
    return (await pool.invoke(tool, {})).answer


async def refusal(pool: WorkerPool, tool: str, timeout_s: float | None = None) -> str:
    with pytest.raises(ToolError) as caught:
        await pool.invoke(tool, {}, context=CallContext(timeout_s=timeout_s))
    return caught.value.code


async def until_gone(pid: int) -> None:
    """Wait for a process to end."""
    await eventually(lambda: is_gone(pid), within_s=30)


def _environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def _start_owner() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.mcp.pool_owner"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


async def test_a_tool_runs_in_a_worker_and_answers(pool: WorkerPool) -> None:
    result = await pool.invoke("calculate", {"expression": "0.1 + 0.2"})
    assert result.result["exact"] == "0.3"
    assert result.answer == "0.1 + 0.2 = 0.3."


async def test_language_and_focus_reach_the_worker(pool: WorkerPool) -> None:
    style = AnswerStyle(language="de", focus="broadcast")
    result = await pool.invoke("subnet_calc", {"cidr": "172.20.128.0/19"}, style=style)
    assert result.answer.startswith("Die Broadcast-Adresse von 172.20.128.0/19 ist 172.20.159.255.")


async def test_a_refusal_of_a_tool_keeps_its_code_and_costs_no_worker(pool: WorkerPool) -> None:
    with pytest.raises(ToolError) as caught:
        await pool.invoke("calculate", {"expression": "9**9**9"})
    assert caught.value.code == "limit_exceeded"
    assert "6,000" in str(caught.value)
    assert pool.describe().killed == 0


async def test_a_bomb_is_refused_within_a_tenth_of_a_second(pool: WorkerPool) -> None:
    for expression in ("9**9**9", "factorial(10**7)", "(" * 900, "9" * 1_000_000, "().__class__", "__import__('os')"):
        assert any([await _refused_in_a_tenth(pool, expression) for _ in range(10)]), expression[:20]


async def _refused_in_a_tenth(pool: WorkerPool, expression: str) -> bool:
    started = time.perf_counter()
    with pytest.raises(ToolError):
        await pool.invoke("calculate", {"expression": expression})
    return time.perf_counter() - started < 0.1


async def test_what_json_cannot_carry_is_refused_before_it_is_sent(pool: WorkerPool) -> None:
    nested: list[object] = []
    for _ in range(1_000):
        nested = [nested]
    for args in ({"expression": "\ud800"}, {"expression": nested}):
        with pytest.raises(ToolError) as caught:
            await pool.invoke("calculate", args)  # type: ignore[arg-type]  # hostile on purpose
        assert caught.value.code == "invalid_argument"


async def test_concurrent_calls_get_their_own_answers(pool: WorkerPool) -> None:
    async def square(number: int) -> str | None:
        result = await pool.invoke("calculate", {"expression": f"{number} ^ 2"})
        return str(result.result["exact"])

    assert await asyncio.gather(*(square(n) for n in range(60))) == [str(n * n) for n in range(60)]


async def test_a_spinning_tool_is_killed_at_its_wall_limit_and_the_next_call_is_answered(hostile: WorkerPool) -> None:
    first = int(await answer(hostile, "pid"))
    assert await refusal(hostile, "spin", timeout_s=0.2) == "timeout"
    await until_gone(first)
    assert int(await answer(hostile, "pid")) != first


async def test_the_kernel_ends_a_tool_that_burns_its_cpu_budget() -> None:
    async with WorkerPool(replace(ONE, process=ProcessLimits(cpu_s=1)), HOSTILE) as pool:
        assert await refusal(pool, "spin") == "worker_lost"  # at the end of its time it would be "timeout"


async def test_cancelling_a_call_kills_its_worker(hostile: WorkerPool) -> None:
    first = int(await answer(hostile, "pid"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):  # cancels the call, as a client that hangs up does
            await hostile.invoke("spin", {})
    await until_gone(first)
    assert await answer(hostile, "pid")


async def test_a_crashing_worker_is_an_error_and_is_replaced(hostile: WorkerPool) -> None:
    assert await refusal(hostile, "crash") == "worker_lost"
    assert await answer(hostile, "pid")


async def test_a_worker_that_died_while_idle_is_replaced_unnoticed(hostile: WorkerPool) -> None:
    first = int(await answer(hostile, "pid"))
    os.kill(first, signal.SIGKILL)
    await until_gone(first)
    assert int(await answer(hostile, "pid")) != first


async def test_a_dead_template_is_replaced(hostile: WorkerPool) -> None:
    first = int(await answer(hostile, "pid"))
    template = psutil.Process(first).parent()
    assert template is not None
    template.kill()
    await until_gone(first)  # workers die with their template
    assert int(await answer(hostile, "pid")) != first


async def test_a_worker_cannot_take_more_memory_than_its_limit(hostile: WorkerPool) -> None:
    assert await refusal(hostile, "memory") == "limit_exceeded"


async def test_a_worker_can_write_no_file_and_start_no_process(hostile: WorkerPool) -> None:
    assert await answer(hostile, "write") != "written"
    if hostile.describe().user_id != 0:  # the kernel does not count the processes of root
        assert await answer(hostile, "children") == "refused: Resource temporarily unavailable"


async def test_a_worker_has_no_network_where_the_pool_says_so(hostile: WorkerPool) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        state = hostile.describe()
        reached = await answer(hostile, "connect")
    expected = "refused: Network is unreachable" if state.network_off else "refused: Connection refused"
    assert reached == expected
    assert state.isolation_note


async def test_a_worker_inherits_no_environment_and_no_descriptors(hostile: WorkerPool) -> None:
    assert _environment_of(int(await answer(hostile, "pid"))) == ""
    descriptors = (await answer(hostile, "descriptors")).split(",")
    assert len(descriptors) == 4  # null, null, standard error, its channel


@pytest.mark.parametrize("size", [0, 1, 20 * 1024 * 1024])
async def test_a_document_goes_along_as_it_is(hostile: WorkerPool, size: int) -> None:
    document = bytes(size)
    told = await hostile.invoke("document", {}, context=CallContext(document=document))
    assert told.answer == f"{size} {hashlib.sha256(document).hexdigest()}"
    assert (await answer(hostile, "pid")).isdecimal()


async def test_a_call_that_is_not_let_in_is_not_written_down() -> None:
    async with WorkerPool(replace(ONE, waiting=0), HOSTILE) as pool, asyncio.TaskGroup() as both:
        spinning = both.create_task(pool.invoke("spin", {}))
        await eventually(lambda: pool.describe().busy == 1)
        with pytest.raises(ToolError, match="waiting calls"):
            await pool.invoke("pid", {"x": object()})  # type: ignore[dict-item]  # would be refused as no JSON
        spinning.cancel()


async def test_a_tenant_that_takes_all_workers_keeps_nobody_else_waiting_twice() -> None:
    async with WorkerPool(replace(ONE, workers=2, waiting=4), HOSTILE) as pool, asyncio.TaskGroup() as flood:
        asked = CallContext("greedy", timeout_s=0.3)
        for _ in range(6):
            flood.create_task(_spin(pool, asked))
        await eventually(lambda: pool.describe().waiting == 4)
        for _ in range(20):
            assert (await pool.invoke("pid", {}, context=CallContext("modest"))).answer


async def _spin(pool: WorkerPool, asked: CallContext) -> None:
    for _ in range(4):
        with suppress(ToolError):
            await pool.invoke("spin", {}, context=asked)


async def test_calls_beyond_the_bound_are_refused_as_busy() -> None:
    async with WorkerPool(replace(ONE, waiting=1), HOSTILE) as pool, asyncio.TaskGroup() as group:
        spinning = group.create_task(pool.invoke("spin", {}))
        await eventually(lambda: pool.describe().busy == 1)
        codes = await asyncio.gather(*(refusal(pool, "spin", timeout_s=0.3) for _ in range(2)))
        spinning.cancel()
    assert codes == ["busy", "busy"]


async def test_a_worker_is_retired_after_its_number_of_calls() -> None:
    async with WorkerPool(replace(ONE, calls_per_worker=2), HOSTILE) as pool:
        pids = [await answer(pool, "pid") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_a_stopped_pool_leaves_no_process_and_starts_none() -> None:
    async with WorkerPool(ONE, HOSTILE) as pool:
        pid = int(await answer(pool, "pid"))
    await until_gone(pid)
    assert await refusal(pool, "pid") == "worker_lost"


async def test_a_program_that_does_not_start_is_an_error_not_a_hang() -> None:
    with pytest.raises(ToolError) as caught:
        async with WorkerPool(PATIENT, "services.mcp.no_such_program"):
            pass
    assert caught.value.code == "worker_lost"


async def test_workers_die_with_a_service_that_is_killed_even_in_the_middle_of_a_call() -> None:
    service = _start_owner()
    assert service.stdout is not None
    worker = int(service.stdout.readline())
    assert not is_gone(worker)
    service.kill()
    service.wait()
    service.stdout.close()
    await until_gone(worker)
