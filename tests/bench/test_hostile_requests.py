"""Cost of hostile requests for a victim: 1,000 shapes against gateway, tool server and metrics port of one fleet.

The victim's latencies are printed, never asserted: a busy machine fails no test. Statuses and memory are asserted. The
attacker has the lowest priority, so that the figures show what the listener does and not who gets a core: a real
attacker computes on another machine.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Mapping

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
LOWEST = ("nice", "-n", "19")
CALM_S = 8.0  # before and again after; fewer than some thousand samples give no stable p99
PAUSE_S = 0.005  # between two requests of the victim
WITHIN_S = 300.0
HEALTH = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


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
    port, told = ports[listener], f"{listener}, {at_once} at once"
    before = process.rss_bytes()
    calm_ms, _ = await _beside(asyncio.sleep(CALM_S, ""), port)
    crowded_ms, _ = await _beside(_computing(), port)
    besieged_ms, wrong = await _beside(_siege(port, at_once), port)
    calm_ms += (await _beside(asyncio.sleep(CALM_S, ""), port))[0]
    grown = process.rss_bytes() / before - 1
    calm, crowded, besieged = (quantile(each, 0.99) for each in (calm_ms, crowded_ms, besieged_ms))
    print(f"\n{told}: a victim's p99 {calm:.1f} ms, besieged {besieged:.1f} ms", end="")
    figures.add(f"hostile requests, {told}: a victim's p99 as calm", besieged / calm, goal="<= 2", judged=False)
    print(f"{told}: {besieged / crowded:.2f} times that beside a process that only computes, {crowded:.1f} ms")
    print(f"{told}: p50 {quantile(calm_ms, 0.5):.2f} and {quantile(besieged_ms, 0.5):.2f} ms; memory {grown:+.1%}")
    assert wrong == ""
    assert grown <= 0.05


async def _computing() -> str:
    """Use a core, as the attacker may, without a request."""
    spin = f"import time\nend = time.monotonic() + {CALM_S}\nwhile time.monotonic() < end: pass"
    command = (*LOWEST, sys.executable, "-c", spin)
    process = await asyncio.create_subprocess_exec(*command)
    await process.wait()
    return ""


async def _beside(work: Coroutine[object, object, str], port: int) -> tuple[list[float], str]:
    """Victim's latencies while something runs, and its result."""
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as both:
        latencies = both.create_task(_latencies_ms(port, ended))
        working = both.create_task(work)
        working.add_done_callback(lambda _: ended.set())
    return latencies.result(), working.result()


async def _siege(port: int, at_once: int) -> str:
    """Send hostile requests from another process; return what did not end as it has to."""
    command = (*LOWEST, sys.executable, "-m", "tests.bench.siege", str(port), str(SEED), str(REQUESTS), str(at_once))
    process = await asyncio.create_subprocess_exec(*command, cwd=IMPORT_ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(WITHIN_S):
            output, _ = await process.communicate()
    except BaseException:
        process.kill()
        raise
    assert process.returncode == 0
    return output.decode()


async def _latencies_ms(port: int, until: asyncio.Event) -> list[float]:
    """Request `/health` repeatedly over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[float] = []
    while not until.is_set():
        began = time.perf_counter()
        writer.write(HEALTH)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        found.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PAUSE_S)
    writer.close()
    return found
