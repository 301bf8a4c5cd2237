"""A gateway to measure: one process on real stores, with a key of the directory and limits, before a fast model."""

import asyncio
import json
import math
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from libs.embedded.ports import free_port
from libs.testing.processes import Place, Program, ServerProcess, moe, moe_process
from libs.testing.stores import postgres, tansu, valkey
from tests.bench.raw_client import RawClient, Told, connected, request_of

IDLE_SHARE = 0.15  # of a core
SIGNING_KEY = "a signing key of a bench"
BOOTSTRAP = "a-bootstrap-key-of-a-bench"


@dataclass(frozen=True)
class Ways:
    """Two ways to the same model: to its server itself, and through the gateway. `key` opens the latter."""

    gateway: ServerProcess
    model: ServerProcess
    key: str
    kafka: str
    redis_url: str

    def request(self, model: str, *, stream: bool = False) -> bytes:
        """Return a request that both take."""
        return request_of(f"{model}@fast", self.key, stream=stream)

    def bare(self, model: str, *, stream: bool = False) -> bytes:
        """Return the same request for the model server itself."""
        return request_of(model, self.key, stream=stream)

    def cpu_s(self) -> float:
        """Return the CPU that the gateway's process has used, in seconds."""
        used = psutil.Process(self.gateway.running.pid).cpu_times()
        return float(used.user + used.system)

    async def quiet(self) -> None:
        """Return when the records of earlier requests are shipped: the gateway uses no more than its idle share."""
        async with asyncio.timeout(60):
            used = math.inf
            while used > IDLE_SHARE:
                before = self.cpu_s()
                await asyncio.sleep(0.5)
                used = (self.cpu_s() - before) / 0.5


@asynccontextmanager
async def two_ways(folder: Path) -> AsyncIterator[Ways]:
    """Run the gateway as its operator would, on a broker, a Valkey and a Postgres of its own."""
    async with AsyncExitStack() as stack:
        model = _fast_model(folder)
        kafka = await stack.enter_async_context(tansu())
        redis_url = await stack.enter_async_context(valkey())
        postgres_url = await stack.enter_async_context(postgres())
        await model.start()
        stack.push_async_callback(model.stop)
        variables = {
            "PATH": os.defpath,
            "KAFKA_URL": f"kafka://{kafka}",
            "REDIS_URL": redis_url,
            "POSTGRES_CHECKPOINT_URL": postgres_url,
            "INFERENCE_SERVERS": json.dumps([{"name": "fast", "url": f"{model.url}/v1", "api_type": "openai"}]),
            "JUDGE_MODEL": "whole",
            "MOE_SIGNING_KEY": SIGNING_KEY,
            "MOE_BOOTSTRAP_API_KEY": BOOTSTRAP,
            "MOE_DATA_DIR": str(folder / "data"),
            "MOE_KAFKA_IDEMPOTENCE": "false",
            "MOE_KAFKA_STATIC_MEMBERS": "false",
            "MOE_FETCH_WAIT_MS": "25",
        }
        place = Place(variables, folder)
        await _run(place, "topics", "apply")
        await _run(place, "migrate")
        key = await _limited_key(place)
        gateway = moe_process(place, "serve", "gateway")
        await gateway.start()
        stack.push_async_callback(gateway.stop)
        yield Ways(gateway, model, key, kafka, redis_url)


async def latencies_ms(client: RawClient, request: bytes, count: int) -> list[float]:
    """Return how long requests take, one after the other, in milliseconds."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        told = await client.ask(request)
        took.append((time.perf_counter() - began) * 1000)
        assert told.status == 200, told.data[:800]
    return took


async def asked_at_once(port: int, request: bytes, connections: int, each: int) -> list[Told]:
    """Return the responses to `each` requests on so many connections."""
    clients = await asyncio.gather(*(connected(port) for _ in range(connections)))

    async def ask(client: RawClient) -> list[Told]:
        return [await client.ask(request) for _ in range(each)]

    told = await asyncio.gather(*map(ask, clients))
    for client in clients:
        client.close()
    return [one for several in told for one in several]


def quantile(values: list[float], part: float) -> float:
    """Return a quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def median(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def _fast_model(folder: Path) -> ServerProcess:
    port = free_port()
    command = (sys.executable, "-m", "tests.bench.fast_model", str(port))
    return ServerProcess(Program("fast-model", command, {"PATH": os.defpath}, ready_path="/v1/models"), folder, port)


async def _limited_key(place: Place) -> str:
    """Return a key of the directory whose limits are looked at for every request and reached by none."""
    await _run(place, "users", "create", "bench")
    await _run(place, "users", "grant", "bench", "model_endpoint", "*")
    limits = ("--rpm", "10000000", "--tpm", "2000000000", "--streams", "100000")
    return str(json.loads(await _run(place, "keys", "create", "bench", *limits, "--json"))["key"])


async def _run(place: Place, *arguments: str) -> str:
    finished = await moe(place, *arguments)
    assert finished.code == 0, finished.errors
    return finished.output
