"""Cost of hostile requests for a victim: 1,000 shapes against gateway, tool server and metrics port of one fleet.

The victim's latencies are printed, never asserted: a busy machine fails no test. Statuses and memory are asserted. The
attacker computes on the same cores as the fleet, where a real one has a machine of its own. So the control is the same
attack on the same listener of another fleet: what the victim suffers there, no listener could spare it.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Fleet:
    """One `moe up`, and the ports of its listeners."""

    process: ServerProcess
    ports: Mapping[str, int]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fleets(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Fleet, Fleet]]:
    """Run the fleet of the victim, and another for the control."""
    folders = [tmp_path_factory.mktemp(name) for name in ("models", "fleet", "other")]
    async with (
        model_server(folders[0]) as models,
        _running(folders[1], models.url) as fleet,
        _running(folders[2], models.url) as other,
    ):
        yield fleet, other


@asynccontextmanager
async def _running(folder: Path, model_url: str) -> AsyncIterator[Fleet]:
    mcp_port = own_port()
    variables = {
        "PATH": os.defpath,
        "INFERENCE_SERVERS": json.dumps([{"name": "scripted", "url": f"{model_url}/v1", "api_type": "openai"}]),
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
        yield Fleet(process, ports)
    finally:
        await process.stop()


@pytest.mark.parametrize("at_once", CONNECTIONS)
@pytest.mark.parametrize("listener", ["gateway", "mcp", "metrics"])
async def test_a_victim_beside_hostile_requests(
    fleets: tuple[Fleet, Fleet], listener: str, at_once: int, figures: Figures
) -> None:
    fleet, other = fleets
    port, case = fleet.ports[listener], f"hostile requests, {listener}, {at_once} at once"
    before = fleet.process.rss_bytes()
    calm_ms, _ = await _beside(asyncio.sleep(CALM_S, ""), port)
    elsewhere_ms, wrong_elsewhere = await _beside(_siege(other.ports[listener], at_once), port)
    besieged_ms, wrong = await _beside(_siege(port, at_once), port)
    calm_ms += (await _beside(asyncio.sleep(CALM_S, ""), port))[0]
    grown = fleet.process.rss_bytes() / before - 1
    calm, elsewhere, besieged = (quantile(each, 0.99) for each in (calm_ms, elsewhere_ms, besieged_ms))
    figures.add(f"{case}: a victim's p99 as calm", besieged / calm, goal="<= 2", judged=False)
    figures.add(f"{case}: as calm, if another fleet is attacked", elsewhere / calm)
    figures.add(f"{case}: as if another fleet is attacked", besieged / elsewhere)
    print(f"\n{case}: p99 calm {calm:.1f} ms, another attacked {elsewhere:.1f}, attacked {besieged:.1f}", end="; ")
    medians = (f"{quantile(each, 0.5):.2f}" for each in (calm_ms, elsewhere_ms, besieged_ms))
    print(f"p50 {', '.join(medians)} ms; memory {grown:+.1%}")
    assert wrong == wrong_elsewhere == ""
    assert grown <= 0.05


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
