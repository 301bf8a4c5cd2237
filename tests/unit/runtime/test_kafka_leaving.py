"""Stopping a consumer of the client library: whatever becomes of its own stop, we go on stopping."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from libs.runtime import kafka_subscriber
from libs.runtime.kafka_subscriber import stopped


class FakeClient:
    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class FakeConsumer:
    """Has what `stopped` uses of a consumer."""

    def __init__(self) -> None:
        self._client = FakeClient()


async def ends() -> None:
    """Stop as it should."""


async def is_cancelled_by_itself() -> None:
    """A fetch that waited for the broker was cancelled by the stop, which awaits it."""
    raise asyncio.CancelledError


async def fails() -> None:
    raise ConnectionError("the broker is away")


async def hangs() -> None:
    await asyncio.Event().wait()


async def test_a_good_stop_is_left_alone() -> None:
    consumer = FakeConsumer()
    await stopped(ends(), consumer)
    assert not consumer._client.closed


@pytest.mark.parametrize("stop", [is_cancelled_by_itself, fails, hangs])
async def test_a_stop_that_gives_up_is_followed_by_hanging_up(
    stop: Callable[[], Coroutine[object, object, None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_subscriber, "LEAVE_TIMEOUT_S", 0.01)
    consumer = FakeConsumer()
    await stopped(stop(), consumer)
    assert consumer._client.closed
