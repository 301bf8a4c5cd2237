"""A gateway with few descriptors closes idle connections, does not exit, and serves all clients afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from libs.testing.http_client import CROWD_ERRORS
from libs.testing.keys import API_KEY
from libs.testing.model_server import ModelServer, Reply, Rule, server_entry
from libs.testing.stores import valkey
from tests.support.direct_gateway import WEATHER
from tests.support.up_fleet import MOE, UpFleet, running

pytestmark = pytest.mark.embedded
DESCRIPTORS = 256
CROWD = 300  # connections at each of its ports: more than it may have at all
ASKED = {"model": "judge@scripted", "messages": [{"role": "user", "content": "Weather?"}], "tools": [WEATHER]}


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[UpFleet]:
    """Run a gateway in a separate process with DESCRIPTORS descriptors, soft and hard."""
    async with valkey() as redis_url, ModelServer((Rule(Reply("Sunny.")),)) as models:
        entry = server_entry(models)
        server = {"name": entry.name, "url": entry.url, "api_type": "openai"}
        variables = {
            "INFERENCE_SERVERS": json.dumps([server]),
            "JUDGE_MODEL": "judge@scripted",
            "REDIS_URL": redis_url,
            "MOE_BOOTSTRAP_API_KEY": API_KEY,
        }
        limited = ("sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$0" "$@"', str(MOE), "up", "gateway")
        fleet = UpFleet(folder, variables, command=limited)
        async with running(fleet):
            yield fleet


@asynccontextmanager
async def crowd(ports: Iterable[int]) -> AsyncIterator[None]:
    """Hold connections that send no request; a server may close any of them."""
    opened = [asyncio.open_connection("127.0.0.1", port) for port in ports for _ in range(CROWD)]
    results = await asyncio.gather(*opened, return_exceptions=True)
    try:
        yield
    finally:
        for result in results:
            if not isinstance(result, BaseException):
                result[1].transport.abort()


async def answers(fleet: UpFleet, count: int) -> list[int]:
    """Send so many concurrent requests over new connections; return each status, 0 for a closed connection."""

    async def ask() -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            try:
                headers = {"authorization": f"Bearer {API_KEY}"}
                response = await client.post(f"{fleet.url}/v1/chat/completions", json=ASKED, headers=headers)
            except CROWD_ERRORS:
                return 0
            return response.status_code

    return list(await asyncio.gather(*(ask() for _ in range(count))))


async def test_a_crowd_that_takes_every_descriptor_ends_nothing_and_all_is_well_after_it(tmp_path: Path) -> None:
    async with gateway(tmp_path / "fleet") as fleet:
        process = psutil.Process(fleet.running.pid)
        before = process.num_fds()
        assert await answers(fleet, 20) == [200] * 20
        async with crowd((fleet.port, fleet.metrics_port)):
            assert process.num_fds() > before + DESCRIPTORS // 4  # the crowd is there
            assert await answers(fleet, 20) == [200] * 20  # the newest are served; idle ones are closed for them
            assert await answers(fleet, 100)
        assert await answers(fleet, 20) == [200] * 20
        assert [line for line in fleet.errors.splitlines() if "Traceback" in line or "CRITICAL" in line] == []
