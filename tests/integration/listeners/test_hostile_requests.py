"""Hostile requests against every listener there is: each gets its status, and no memory stays."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from libs.core.tasks import TaskSet
from libs.runtime.process.http import listener
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.probes import Readiness, with_metrics
from libs.testing.hostile_requests import HostileRequest, Outcome, attack, attack_all, hostile_requests
from tests.support.gateway import open_gateway
from tests.support.mcp.tool_server import tool_server

SEED = 13
REQUESTS = 240
AT_ONCE = 8
LISTENERS = ("gateway", "mcp", "probes")


@asynccontextmanager
async def listener_of(name: str, folder: Path) -> AsyncIterator[int]:
    """Serve one of the listeners; yield its port."""
    async with AsyncExitStack() as stack:
        match name:
            case "gateway":
                yield urlsplit((await stack.enter_async_context(open_gateway())).url).port or 0
            case "mcp":
                yield urlsplit(await stack.enter_async_context(tool_server(folder))).port or 0
            case _:
                yield await stack.enter_async_context(_probes())


@asynccontextmanager
async def _probes() -> AsyncIterator[int]:
    errors: list[BaseException] = []
    probes = HttpListener(with_metrics(Readiness(())), "127.0.0.1", 0, TaskSet(errors.append))
    probes.start()
    yield probes.port
    await probes.stop()
    assert errors == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejections follow each other ten times as fast; a bench keeps their pace."""
    for name in ("REJECTION_DELAY_S", "DISCARD_PAUSE_S"):
        monkeypatch.setattr(listener, name, getattr(listener, name) / 10)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", LISTENERS)
async def test_every_shape_gets_its_status_and_leaves_no_memory(name: str, tmp_path: Path) -> None:
    requests = hostile_requests(SEED, REQUESTS)
    process = psutil.Process()
    async with listener_of(name, tmp_path) as port:
        await attack_all(port, requests[: REQUESTS // 4], AT_ONCE)  # one-time allocations of a process
        before = process.memory_info().rss
        outcomes = await attack_all(port, requests, AT_ONCE)
        assert wrong(requests, outcomes) == []
        assert process.memory_info().rss <= before * 1.05
        assert (await attack(port, HostileRequest("none", (GET,), frozenset({200})))).status in {200, 401}


GET = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"


def wrong(requests: list[HostileRequest], outcomes: list[Outcome]) -> list[str]:
    pairs = zip(requests, outcomes, strict=True)
    return [f"{request.name}: {outcome.status}" for request, outcome in pairs if outcome.status not in request.statuses]
