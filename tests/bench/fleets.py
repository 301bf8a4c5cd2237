"""Fleets to measure: real processes on real stores, with a model server in a separate process."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from libs.runtime.settings import BusSettings
from libs.testing.http_client import crowd_client
from libs.testing.processes import IMPORT_ROOT, ProcessContext, ServerProcess, model_server_process, moe_process
from libs.testing.stores import postgres, valkey
from tests.support.fleet_processes import KEY, FleetHarness, Stores, whole_fleet


@asynccontextmanager
async def model_server(folder: Path, *options: str) -> AsyncIterator[ServerProcess]:
    """Run a scripted model server."""
    server = model_server_process(folder, *options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def apart(kafka: BusSettings, models: ServerProcess, folder: Path) -> AsyncIterator[FleetHarness]:
    """Run every service as a separate process on Apache Kafka."""
    async with AsyncExitStack() as stack:
        redis_url = await stack.enter_async_context(valkey())
        postgres_url = await stack.enter_async_context(postgres())
        stores = Stores(kafka.bootstrap, redis_url, postgres_url)
        yield await stack.enter_async_context(whole_fleet(stores, f"{models.url}/v1", folder))


@asynccontextmanager
async def embedded(
    models: ServerProcess, folder: Path, extra: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    """Run the fleet as `make run` does, but with the given models; yield the gateway's address and a client. `extra`
    variables win."""
    async with embedded_process(models, folder, extra) as process, crowd_client() as http:
        http.headers["authorization"] = f"Bearer {KEY}"
        yield process.url, http


@asynccontextmanager
async def embedded_process(
    models: ServerProcess, folder: Path, extra: Mapping[str, str] | None = None, source: Path = IMPORT_ROOT
) -> AsyncIterator[ServerProcess]:
    """Run the fleet as `embedded` does, imported from `source`; its key is that of `tests.support.fleet_processes`."""
    process = moe_process(embedded_place(models, folder, extra, source), "up")
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


def embedded_place(
    models: ServerProcess, folder: Path, extra: Mapping[str, str] | None = None, source: Path = IMPORT_ROOT
) -> ProcessContext:
    """Environment of `embedded`: commands of an operator find its fleet there."""
    variables = {
        "PATH": os.defpath,
        "INFERENCE_SERVERS": json.dumps([{"name": "scripted", "url": f"{models.url}/v1", "api_type": "openai"}]),
        "JUDGE_MODEL": "scripted:7b",
        "MOE_ANSWER_CACHE_SECONDS": "0",  # the same question is sent again and again, and the fleet must answer each
        "MOE_BOOTSTRAP_API_KEY": KEY,
        "MOE_QUEUE_TARGET_MS": "0",  # every request is admitted, however slow a busy machine is
        "MOE_DATA_DIR": str(folder / "embedded"),
        **(extra or {}),
    }
    return ProcessContext(variables, folder, source)
