"""Cost of a tool call over HTTP with isolation, one at a time and many; start and memory of the pools."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from libs.testing.keys import API_KEY, SIGNING_KEY, roots_beside
from libs.testing.processes import ProcessContext, ServerProcess, moe, moe_process
from libs.testing.stores import tansu
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.workers.pool import PoolLimits
from tests.bench.figures import Figures
from tests.support.gateway_process import median, quantile
from tests.support.measured_path import asked_at_once, latencies_ms
from tests.support.process_cpu import family_cpu_s
from tests.support.raw_client import connected

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]

KEY = API_KEY
ROUNDS = 5
PATIENT = PoolLimits(call_s=60.0, start_s=120.0)  # a busy machine fails no test
_PROGRAMS = frozenset({"services.mcp.tools.pure.quick_worker", "services.mcp.tools.pure.slow_worker"})
CALLS = (
    {"tool": "calculate", "args": {"expression": "17 * 23 + 0.1"}},
    {"tool": "gcd_lcm", "args": {"a": 84, "b": 36}},
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tools(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """Run the tool server as its operator would."""
    folder = tmp_path_factory.mktemp("tools")
    async with AsyncExitStack() as stack:
        kafka = await stack.enter_async_context(tansu())
        variables = {
            "PATH": os.defpath,
            "KAFKA_URL": f"kafka://{kafka}",
            **roots_beside(SIGNING_KEY),
            "MOE_BOOTSTRAP_API_KEY": KEY,
            "MOE_DATA_DIR": str(folder / "data"),
            "MOE_KAFKA_IDEMPOTENCE": "false",
            "MOE_KAFKA_STATIC_MEMBERS": "false",
        }
        place = ProcessContext(variables, folder)
        assert (await moe(place, "topics", "apply")).code == 0
        server = moe_process(place, "serve", "mcp")
        await server.start()
        stack.push_async_callback(server.stop)
        yield server


def invoking(call: Mapping[str, object]) -> bytes:
    body = json.dumps(call).encode()
    head = f"POST /invoke HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\ncontent-length: {len(body)}"
    return f"{head}\r\ncontent-type: application/json\r\n\r\n".encode() + body


async def test_a_cheap_call_over_http(tools: ServerProcess, figures: Figures) -> None:
    client = await connected(tools.port)
    for call in CALLS:
        request = invoking(call)
        await latencies_ms(client, request, 100)
        took = [ms for _ in range(ROUNDS) for ms in await latencies_ms(client, request, 200)]
        figures.add(f"/invoke {call['tool']}, p50", quantile(took, 0.5), "ms", "<= 2")
        figures.add(f"/invoke {call['tool']}, p99", quantile(took, 0.99), "ms", judged=False)


async def test_calls_for_a_second_of_cpu(tools: ServerProcess, figures: Figures) -> None:
    request, rates, found = invoking(CALLS[0]), [], []
    for _ in range(ROUNDS + 1):
        before, began = family_cpu_s(tools), time.perf_counter()
        told = await asked_at_once(tools.port, request, 16, 100)
        took, used = time.perf_counter() - began, family_cpu_s(tools) - before
        assert all(one.status == 200 and b"391.1" in one.data for one in told)
        rates.append(len(told) / took)
        found.append(len(told) / used)
    figures.add("/invoke, calls for a CPU second, workers included", median(found[1:]), "1/s", ">= 1500")
    figures.add("/invoke, calls", median(rates), "1/s", ">= 0")


async def test_the_start_of_the_pools(figures: Figures) -> None:
    took = []
    for _ in range(3):
        began = time.perf_counter()
        async with ToolPools(PATIENT):
            took.append(time.perf_counter() - began)
    figures.add("cold start of the pools", median(took), "s", "<= 1")


async def test_the_memory_of_two_warm_workers(figures: Figures) -> None:
    async with ToolPools(PATIENT) as pools:
        calls = [pools.invoke("calculate", {"expression": "2^0.5"}, tenant="a") for _ in range(8)]
        await asyncio.gather(*calls)
        templates = [each for each in psutil.Process().children() if _PROGRAMS.intersection(each.cmdline())]
        workers = [worker for template in templates for worker in template.children()]
        pss = [_pss_bytes(each.pid) for each in (*templates, *workers)]
    figures.add("two templates with two workers each, PSS", sum(pss) / 1e6, "MB", "<= 250")
    assert len(pss) == 6


def _pss_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024
