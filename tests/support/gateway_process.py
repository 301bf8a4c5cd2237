"""A gateway to measure: one process on real stores, with a key of the directory and limits, before a fast model."""

import json
import os
import statistics
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from libs.testing.keys import API_KEY, SIGNING_KEY, roots_beside
from libs.testing.ports import own_port
from libs.testing.processes import IMPORT_ROOT, ProcessContext, Program, ServerProcess, moe, moe_process
from libs.testing.stores import postgres, tansu, valkey
from tests.support.measured_path import Way

BOOTSTRAP = API_KEY


@dataclass(frozen=True)
class Ways:
    """Two ways to the same model: to its server itself, and through the gateway. `key` opens the latter."""

    gateway: ServerProcess
    model: ServerProcess
    key: str
    kafka: str
    redis_url: str

    @property
    def through(self) -> Way:
        return Way(self.gateway, self.key, "@fast")

    @property
    def straight(self) -> Way:
        return Way(self.model, self.key)


@asynccontextmanager
async def two_ways(
    folder: Path, extra: Mapping[str, str] | None = None, *, source: Path = IMPORT_ROOT, under: tuple[str, ...] = ()
) -> AsyncIterator[Ways]:
    """Run the gateway as its operator would, on a broker, a Valkey and a Postgres of its own; `extra` variables win.

    It is imported from `source`, and runs `under` a command, such as a profiler.
    """
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
            **roots_beside(SIGNING_KEY),
            "MOE_BOOTSTRAP_API_KEY": BOOTSTRAP,
            "MOE_DATA_DIR": str(folder / "data"),
            "MOE_KAFKA_IDEMPOTENCE": "false",
            "MOE_KAFKA_STATIC_MEMBERS": "false",
            **(extra or {}),
        }
        place = ProcessContext(variables, folder, source)
        await _run(place, "topics", "apply")
        await _run(place, "migrate")
        key = await _limited_key(place)
        gateway = moe_process(place, "serve", "gateway")
        gateway.run_under(*under)
        await gateway.start()
        stack.push_async_callback(gateway.stop)
        yield Ways(gateway, model, key, kafka, redis_url)


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def median(values: list[float]) -> float:
    return statistics.median(values)


def _fast_model(folder: Path) -> ServerProcess:
    port = own_port()
    command = (sys.executable, "-m", "tests.support.fast_model", str(port))
    return ServerProcess(Program("fast-model", command, {"PATH": os.defpath}, ready_path="/v1/models"), folder, port)


async def _limited_key(place: ProcessContext) -> str:
    """Key of the directory whose limits are checked for every request and reached by none."""
    await _run(place, "users", "create", "bench")
    await _run(place, "users", "grant", "bench", "model_endpoint", "*")
    limits = ("--rpm", "10000000", "--tpm", "2000000000", "--streams", "100000")
    return str(json.loads(await _run(place, "keys", "create", "bench", *limits, "--json"))["key"])


async def _run(place: ProcessContext, *arguments: str) -> str:
    finished = await moe(place, *arguments)
    assert finished.code == 0, finished.errors
    return finished.output
