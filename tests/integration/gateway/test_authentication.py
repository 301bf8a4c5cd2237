"""Authentication: decided from the key alone, at once, and before anything is read or written."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from libs.contracts.progress import RequestOpened
from libs.testing.waiting import eventually, waiting
from services.gateway.domain.body.json import FREE_BYTES, BodyMemoryLimit
from services.gateway.domain.request_limits import RequestLimits
from tests.support.gateway import KEY, GatewayHarness, open_gateway, pending_replies_for

BODY = b'{"model":"moe-orchestrator","messages":[{"role":"user","content":"Hi"}],"stream":true}'


@asynccontextmanager
async def connection(gateway: GatewayHarness) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def head(length: int) -> bytes:
    lines = ("POST /v1/chat/completions HTTP/1.1", "host: x", f"authorization: Bearer {KEY}")
    return "\r\n".join((*lines, "content-type: application/json", f"content-length: {length}", "", "")).encode()


async def status_of(reader: asyncio.StreamReader) -> int:
    async with waiting(30):
        return int((await reader.readline()).split()[1])


async def test_a_refusal_needs_no_byte_of_the_body() -> None:
    async with open_gateway(pending_replies=pending_replies_for(1)) as gateway, connection(gateway) as (reader, writer):
        async with gateway.client.stream("POST", "/v1/chat/completions", content=BODY, headers=_json()):
            writer.write(head(10_000_000))
            assert await status_of(reader) == 503
        assert len(gateway.fleet.all(RequestOpened)) == 1


async def test_a_flood_is_refused_while_one_is_answered_and_nothing_of_it_is_written() -> None:
    async with open_gateway(pending_replies=pending_replies_for(1)) as gateway:
        async with gateway.client.stream("POST", "/v1/chat/completions", content=BODY, headers=_json()):
            told = Counter([await _refused(gateway) for _ in range(200)])
        assert told == {(503, "1"): 200}
        assert len(gateway.fleet.all(RequestOpened)) == 1


async def _refused(gateway: GatewayHarness) -> tuple[int, str]:
    response = await gateway.client.post("/v1/chat/completions", content=BODY, headers=_json())
    return response.status_code, response.headers["retry-after"]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Memory that bodies have reserved, after each increase."""
    sizes: list[int] = []
    take = BodyMemoryLimit.reserve

    def noted(memory: BodyMemoryLimit, size: int) -> None:
        take(memory, size)
        sizes.append(size)

    monkeypatch.setattr(BodyMemoryLimit, "reserve", noted)
    return sizes


async def test_bodies_that_are_large_together_are_refused_and_their_memory_is_released(taken: list[int]) -> None:
    rules = replace(RequestLimits(), body_bytes=FREE_BYTES + 100_000, body_memory_bytes=100_000)
    async with open_gateway(rules=rules) as gateway, connection(gateway) as one, connection(gateway) as other:
        for _, writer in (one, other):
            writer.write(head(FREE_BYTES + 80_000))
        one[1].write(b" " * (FREE_BYTES + 70_000))
        await eventually(lambda: sum(taken) >= 70_000, within_s=30)
        other[1].write(b" " * (FREE_BYTES + 70_000))
        assert await status_of(other[0]) == 503
        one[1].write(b" " * 10_000)
        assert await status_of(one[0]) == 400
        async with connection(gateway) as (reader, writer):
            writer.write(head(FREE_BYTES + 80_000) + b" " * (FREE_BYTES + 80_000))
            assert await status_of(reader) == 400


def _json() -> dict[str, str]:
    return {"content-type": "application/json"}
