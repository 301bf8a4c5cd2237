"""Processes and messages of the bus suite, and ways to publish them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, RequestCancelled
from libs.contracts.tool import RunTool
from libs.core.errors import Retryable
from libs.runtime.messaging.bus import Bus, Subscription, TailSubscription
from libs.runtime.messaging.codec import encode
from libs.testing.bus_suite.cluster import Cluster
from libs.testing.records import SIGNER, request
from libs.testing.waiting import eventually, waiting

BROKER_TIMEOUT_S = 60.0


async def started(cluster: Cluster, *feeds: Subscription | TailSubscription) -> Bus:
    """A started process with these subscriptions."""
    bus = cluster.process()
    for feed in feeds:
        bus.add(feed)
    await bus.start()
    return bus


@asynccontextmanager
async def running(cluster: Cluster, *feeds: Subscription | TailSubscription) -> AsyncIterator[Bus]:
    """Run a process while the block runs."""
    bus = await started(cluster, *feeds)
    try:
        yield bus
    finally:
        await bus.stop()


def new_service() -> str:
    """Unique, so that its groups are new."""
    return f"suite-{secrets.token_hex(6)}"


def facts(*words: str) -> list[Message]:
    """Facts of one new response; they share a partition."""
    envelope = request()
    return [PartCompleted(part=word, part_kind="tool").opening(envelope) for word in words]


def tool_runs(*words: str) -> list[Message]:
    """Commands of one new response; they spread over the partitions."""
    envelope = request()
    call = ToolCall(tool="calculate", arguments={})
    return [RunTool(part=word, call=call).opening(envelope) for word in words]


def cancellations(*words: str) -> list[Message]:
    """One cancellation for each word, each of a response of its own."""
    return [RequestCancelled(reason=word).opening(request()) for word in words]


async def publish_messages(bus: Bus, *messages: Message) -> None:
    """Send messages at once, each to the last of its topics (a cancellation to the broadcast)."""
    await bus.send([encode(message, SIGNER)[-1] for message in messages])


async def trickle(bus: Bus, messages: Sequence[Message]) -> None:
    """Publish messages one after the other."""
    for message in messages:
        await publish_messages(bus, message)


async def publish_until_accepted(bus: Bus, message: Message) -> None:
    """Send until the broker takes it."""
    async with waiting(BROKER_TIMEOUT_S):
        while True:
            try:
                return await publish_messages(bus, message)
            except Retryable:
                await asyncio.sleep(0.05)


async def until_answering(bus: Bus) -> None:
    """Wait until the broker answers. A check has a short timeout, and a busy machine may take longer."""

    async def answers() -> bool:
        return await bus.check() is None

    await eventually(answers, within_s=BROKER_TIMEOUT_S, look_every_s=0.05)
