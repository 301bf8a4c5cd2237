"""Cost of hostile requests for a victim: 1,000 shapes against gateway, tool server and metrics port of one fleet.

The victim's latencies are printed, never asserted: a busy machine fails no test. Statuses and memory are asserted. The
attacker computes on the same cores as the fleet, where a real one has a machine of its own, and the scheduler lets it
go first whenever a response wakes it. So latencies are also printed without the time in which fleet or victim were
ready and had no core.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import pytest_asyncio

from libs.testing.ports import own_port
from libs.testing.processes import IMPORT_ROOT, ProcessContext, ServerProcess, moe_process
from tests.bench.figures import Figures
from tests.bench.fleets import model_server
from tests.support.fleet_processes import KEY
from tests.support.gateway_process import quantile

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]
SEED, REQUESTS = 13, 1000
CONNECTIONS = (1, 2, 8)  # of the attacker at a time
CALM_S = 8.0  # before and again after; fewer than some thousand samples give no stable p99
PAUSE_S = 0.005  # between two requests of the victim
WITHIN_S = 300.0
HEALTH = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


class Sample(NamedTuple):
    """Latencies of one request in ms; `served` is without the time that fleet and victim waited for a core."""

    whole: float
    served: float


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[ServerProcess, Mapping[str, int]]]:
    """Run one fleet; yield its process and the ports of its listeners."""
    folder = tmp_path_factory.mktemp("hostile")
    mcp_port = own_port()
    async with model_server(folder) as models:
        variables = {
            "PATH": os.defpath,
            "INFERENCE_SERVERS": json.dumps([{"name": "scripted", "url": f"{models.url}/v1", "api_type": "openai"}]),
            "JUDGE_MODEL": "scripted:7b",
            "MOE_BOOTSTRAP_API_KEY": KEY,
            "MOE_DATA_DIR": str(folder / "data"),
            "MOE_MCP_PORT": str(mcp_port),
        }
        process = moe_process(ProcessContext(variables, folder), "up")
        await process.start()
        ports = {"gateway": process.port, "mcp": mcp_port, "metrics": process.metrics_port}
        try:
            for port in ports.values():
                await _siege(port, max(CONNECTIONS))  # one-time allocations of a process
            yield process, ports
        finally:
            await process.stop()


@pytest.mark.parametrize("at_once", CONNECTIONS)
@pytest.mark.parametrize("listener", ["gateway", "mcp", "metrics"])
async def test_a_victim_beside_hostile_requests(
    fleet: tuple[ServerProcess, Mapping[str, int]], listener: str, at_once: int, figures: Figures
) -> None:
    process, ports = fleet
    port, case = ports[listener], f"hostile requests, {listener}, {at_once} at once"
    before = process.rss_bytes()
    calm, _ = await _beside(asyncio.sleep(CALM_S, ""), port, process.running.pid)
    besieged, wrong = await _beside(_siege(port, at_once), port, process.running.pid)
    calm += (await _beside(asyncio.sleep(CALM_S, ""), port, process.running.pid))[0]
    grown = process.rss_bytes() / before - 1
    print(f"\n{case}: memory {grown:+.1%}")
    for place, kind in enumerate(Sample._fields):
        usual, slow = ([sample[place] for sample in samples] for samples in (calm, besieged))
        print(f"{kind}, p50 and p99 in ms: {_p50_p99(usual)} calm, {_p50_p99(slow)} besieged")
        ratio = quantile(slow, 0.99) / quantile(usual, 0.99)
        figures.add(f"{case}: a victim's p99 as calm, {kind}", ratio, goal="<= 2", judged=False)
    assert wrong == ""
    assert grown <= 0.05


def _p50_p99(latencies: list[float]) -> str:
    return f"{quantile(latencies, 0.5):.2f} {quantile(latencies, 0.99):.2f}"


async def _beside(work: Coroutine[object, object, str], port: int, pid: int) -> tuple[list[Sample], str]:
    """Victim's latencies while something runs, and its result."""
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as both:
        latencies = both.create_task(_latencies(port, pid, ended))
        working = both.create_task(work)
        working.add_done_callback(lambda _: ended.set())
    return latencies.result(), working.result()


async def _siege(port: int, at_once: int) -> str:
    """Send hostile requests from another process; return what did not end as it has to."""
    command = (sys.executable, "-m", "tests.bench.siege", str(port), str(SEED), str(REQUESTS), str(at_once))
    process = await asyncio.create_subprocess_exec(*command, cwd=IMPORT_ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(WITHIN_S):
            output, _ = await process.communicate()
    except BaseException:
        process.kill()
        raise
    assert process.returncode == 0
    return output.decode()


async def _latencies(port: int, pid: int, until: asyncio.Event) -> list[Sample]:
    """Request `/health` repeatedly over one connection to a process."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[Sample] = []
    with _WaitedForCores(pid, os.getpid()) as waited_for_cores:
        while not until.is_set():
            waited_before, began = waited_for_cores.ms(), time.perf_counter()
            writer.write(HEALTH)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.partition(b":")[2]))
            whole = (time.perf_counter() - began) * 1000
            found.append(Sample(whole, whole - (waited_for_cores.ms() - waited_before)))
            await asyncio.sleep(PAUSE_S)
    writer.close()
    return found


class _WaitedForCores(ExitStack):
    """Time that the main threads of processes were ready to run and had no core, of `/proc/PID/schedstat`."""

    def __init__(self, *pids: int) -> None:
        super().__init__()
        self._files = [os.open(f"/proc/{pid}/task/{pid}/schedstat", os.O_RDONLY) for pid in pids]
        for file in self._files:
            self.callback(os.close, file)

    def ms(self) -> float:
        return sum(int(os.pread(file, 64, 0).split()[1]) for file in self._files) / 1e6
