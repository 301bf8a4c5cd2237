"""The whole tool server on a free port, as a process has it, without the bus."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import httpx2

from libs.core.tasks import TaskSet
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.service import Check
from libs.testing.keys import API_KEY
from libs.testing.waiting import eventually
from moe.registry import build_service
from tests.support.mcp.timeouts import PATIENT_S, patience

KEY = API_KEY
HEADERS = {"Authorization": f"Bearer {KEY}"}


@asynccontextmanager
async def tool_server(data_dir: Path, **given: str) -> AsyncIterator[str]:
    """Serve, patiently; yield the address, `http://127.0.0.1:<port>`."""
    with patience():
        async with _served(data_dir, **given) as address:
            yield address


@asynccontextmanager
async def _served(data_dir: Path, **given: str) -> AsyncIterator[str]:
    service = build_service("mcp", {"MOE_BOOTSTRAP_API_KEY": KEY, "MOE_DATA_DIR": str(data_dir), **given})
    assert service.http is not None
    failures: list[BaseException] = []
    async with AsyncExitStack() as stack:
        for resource in service.resources:
            await stack.enter_async_context(resource)
        app = service.http.app(cast(BusPublisher, None))  # nothing is published from HTTP
        listener = HttpListener(app, "127.0.0.1", 0, TaskSet(failures.append))
        listener.start()
        stack.push_async_callback(listener.stop)
        stack.push_async_callback(service.http.drain)
        await _ready(service.checks)
        yield f"http://127.0.0.1:{listener.port}"
    assert not failures


async def _ready(checks: Iterable[Check]) -> None:
    async def ready() -> bool:
        return all([await check() is None for check in checks])

    await eventually(ready, within_s=60, look_every_s=0.02)


def client_with(key: str | None = KEY, **headers: str) -> httpx2.AsyncClient:
    """Client that sends a key with each request, None for no key."""
    sent = {"Authorization": f"Bearer {key}"} if key is not None else {}
    return httpx2.AsyncClient(headers={**sent, **headers}, timeout=PATIENT_S, trust_env=False)
