"""The fleet beside a LangGraph graph of its shape: same model server, same run, interleaved rounds.

Prints figures and goals; machines differ, so a clock never fails it.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from libs.core.clock import SystemClock
from libs.embedded.ports import free_port
from libs.testing.native_kafka import native_kafka
from libs.testing.processes import ProcessContext, Program, ServerProcess, moe, moe_process
from libs.testing.stores import postgres, valkey
from tests.bench.fleets import model_server
from tests.support.fleet_processes import KEY, Stores, body_of, variables_of

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
CATEGORIES = "medical_consult,general,science,technical_support"
CRITICAL_MS = 4 * 200  # planner, slowest expert, judge, critic
CLOCK = SystemClock()


@dataclass(frozen=True)
class Load:
    """`clients` send at once, `questions` in each of `rounds`; the first round warms up."""

    delay_ms: int
    clients: int
    questions: int
    rounds: int = 4


SHAPES = [Load(0, 1, 60), Load(0, 8, 120), Load(200, 1, 12), Load(200, 32, 160)]


@dataclass
class Side:
    """One system: where it listens, its own processes, and those that only keep something for it."""

    name: str
    url: str
    pids: Mapping[str, int]
    latencies: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        ordered = sorted(self.latencies)
        p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
        cpu = ", ".join(f"{name} {seconds / len(ordered) * 1000:.1f}" for name, seconds in self.cpu.items())
        p50 = statistics.median(ordered)
        return f"{self.name:26s} p50 {p50 * 1000:7.1f} ms  p99 {p99 * 1000:7.1f} ms  CPU ms/request: {cpu}"


@dataclass
class Stage:
    """The systems of one run and their client."""

    sides: tuple[Side, ...]
    http: httpx.AsyncClient


@pytest.fixture
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """Start Kafka, Valkey, Postgres, a model server, the whole fleet in one process, and LangGraph twice."""
    assert PYTHON.exists(), "LangGraph is not installed: run `make bench-peers`"
    load: Load = request.param
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        broker, cache, database = await enter(native_kafka()), await enter(valkey()), await enter(postgres())
        options = (f"--delay-ms={load.delay_ms}", "--tasks=4", f"--categories={CATEGORIES}")
        models = await enter(model_server(tmp_path, *options))
        place = ProcessContext(
            variables_of(Stores(broker.bootstrap, cache, database), f"{models.url}/v1", tmp_path), tmp_path
        )
        assert (await moe(place, "topics", "apply")).code == 0
        fleet = await _started(stack, moe_process(place, "up"))
        plain = await _started(stack, _langgraph(tmp_path, models, "langgraph"))
        synced = await _started(stack, _langgraph(tmp_path, models, "langgraph-sync", "--postgres", database))
        stores = {"broker": broker.pid, "database": _postmaster(database)}
        sides = (
            Side("fleet, one process, Kafka", f"{fleet.url}/v1/chat/completions", _with(fleet, stores)),
            Side("LangGraph, no checkpoints", plain.url, _with(plain, {})),
            Side("LangGraph, sync, Postgres", synced.url, _with(synced, {"database": stores["database"]})),
        )
        client = httpx.AsyncClient(timeout=60, headers={"authorization": f"Bearer {KEY}"})
        yield Stage(sides, await enter(client))


@pytest.mark.parametrize(("stage", "load"), [(load, load) for load in SHAPES], indirect=["stage"], ids=str)
async def test_the_fleet_beside_langgraph(stage: Stage, load: Load) -> None:
    for number in range(load.rounds):
        for side in stage.sides:
            await _round(stage.http, side, load, keep=number > 0)
    ours, _, synced = (statistics.median(side.latencies) * 1000 for side in stage.sides)
    print(f"\n{load.delay_ms} ms a model call, {load.clients} clients")
    for side in stage.sides:
        print(f"  {side}")
    print(f"  p50, fleet / LangGraph sync: {ours / synced:.2f} (goal < 1)")
    if load.delay_ms and load.clients == 1:
        print(f"  p50, fleet / critical path of {CRITICAL_MS} ms: {ours / CRITICAL_MS:.3f} (goal <= 1.03)")
    assert all(len(side.latencies) == load.questions * (load.rounds - 1) for side in stage.sides)


async def _round(http: httpx.AsyncClient, side: Side, load: Load, *, keep: bool) -> None:
    before, times = _cpu(side), list[float]()
    numbers = iter(range(load.questions))

    async def client() -> None:
        for number in numbers:
            began = CLOCK.monotonic()
            question = f"How large should the connection pools of a hospital's appointment service be, see #c{number}? "
            response = await http.post(side.url, json=body_of(question * 6))
            assert response.status_code == 200, response.text
            times.append(CLOCK.monotonic() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(load.clients):
            group.create_task(client())
    if keep:
        side.latencies += times
        side.cpu = {name: side.cpu.get(name, 0.0) + spent - before[name] for name, spent in _cpu(side).items()}


def _cpu(side: Side) -> dict[str, float]:
    """CPU seconds of each process with its children."""
    return {name: sum(_seconds(each) for each in _family(pid)) for name, pid in side.pids.items()}


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # a database's connection that has closed
        return 0.0
    return float(times.user + times.system)


def _langgraph(folder: Path, models: ServerProcess, name: str, *options: str) -> ServerProcess:
    port = free_port()
    application = str(Path(__file__).with_name("langgraph_app.py"))
    command = (str(PYTHON), application, f"--port={port}", f"--models={models.url}/v1", *options)
    return ServerProcess(Program(name, command, {}), folder, port)


async def _started(stack: AsyncExitStack, process: ServerProcess) -> ServerProcess:
    await process.start()
    stack.push_async_callback(process.stop)
    return process


def _with(process: ServerProcess, stores: Mapping[str, int]) -> dict[str, int]:
    return {"own": process.running.pid, **stores}


def _postmaster(url: str) -> int:
    port = httpx.URL(url).port
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            assert connection.pid is not None
            return connection.pid
    raise LookupError(f"no server listens on port {port}")
