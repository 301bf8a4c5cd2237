"""Stopping a consumer of the client library: whatever the result of its own stop, ours continues."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from libs.runtime.kafka import producer as kafka_producer
from libs.runtime.kafka import subscriber
from libs.runtime.kafka.closing import ends_well
from libs.runtime.kafka.subscriber import stopped


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, "LEAVE_TIMEOUT_S", 0.01)
    monkeypatch.setattr(kafka_producer, "CLOSE_TIMEOUT_S", 0.01)


class FakeClient:
    """Waits for its connections to end, as the real one does; `ended` is set when they have."""

    def __init__(self) -> None:
        self.closed = False
        self.ended = asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        self.closed = True
        await asyncio.gather(self.ended)


class FakeConsumer:
    """Has what `stopped` uses of a consumer."""

    def __init__(self) -> None:
        self._client = FakeClient()


class FakeSender:
    async def close(self) -> None:
        raise asyncio.CancelledError


class FakeProducer:
    """Has what closing uses of a producer."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self._sender = FakeSender()

    async def stop(self) -> None:
        await self.client.close()


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
    stop: Callable[[], Coroutine[object, object, None]],
) -> None:
    consumer = FakeConsumer()
    await stopped(stop(), consumer)
    assert consumer._client.closed


async def test_connections_that_do_not_end_are_not_waited_for_and_cancel_nothing() -> None:
    consumer = FakeConsumer()
    await stopped(consumer._client.close(), consumer)
    assert consumer._client.ended.cancelled(), "the stop that was cut short took its futures with it"


async def test_a_producer_whose_connections_do_not_end_is_closed() -> None:
    producer = FakeProducer()
    await kafka_producer._close(producer)
    assert producer.client.ended.cancelled()


@pytest.mark.parametrize("close", [is_cancelled_by_itself, fails, hangs])
async def test_closing_never_fails_or_cancels_its_caller(
    close: Callable[[], Coroutine[object, object, None]],
) -> None:
    assert not await ends_well(close(), 0.01)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0
