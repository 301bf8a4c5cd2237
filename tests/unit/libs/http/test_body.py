"""Bodies that are announced as JSON."""

import asyncio

import pytest
from starlette.types import Message

from libs.http.body import BodyLimits, BodyNotJson, BodyTooLarge, BodyTooSlow, read_json_body

JSON = {"content-type": "application/json"}


async def read(headers: dict[str, str], *parts: bytes, size: int = 8, timeout_s: float = 5.0) -> bytes:
    waiting = list(parts)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    return await read_json_body(headers, receive, BodyLimits(size, timeout_s))


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.moe+json"])
async def test_a_json_body_is_read_in_parts(kind: str) -> None:
    assert await read({"content-type": kind}, b"[1,", b"2]") == b"[1,2]"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [({}, ""), ({"content-type": "text/json"}, "text/json"), ({**JSON, "content-encoding": "gzip"}, "gzip")],
)
async def test_another_body_is_rejected_unread(headers: dict[str, str], kind: str) -> None:
    with pytest.raises(BodyNotJson) as rejected:
        await read(headers)
    assert rejected.value.kind == kind


async def test_a_body_that_is_announced_as_too_large_is_rejected_unread() -> None:
    with pytest.raises(BodyTooLarge) as rejected:
        await read({**JSON, "content-length": "9"})
    assert rejected.value.limit == 8


async def test_a_body_that_becomes_too_large_is_rejected() -> None:
    with pytest.raises(BodyTooLarge):
        await read(JSON, b"[12345", b"678]")


async def test_a_body_that_arrives_too_slowly_is_rejected() -> None:
    with pytest.raises(BodyTooSlow):
        await read(JSON, timeout_s=0.01)
