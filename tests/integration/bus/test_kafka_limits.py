"""Rejections by a real broker, and the log output and speed of a start on it; times are printed, not judged."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS, REQUEST_CANCELLED, Placement, Topic
from libs.core.errors import ConfigurationError, Rejected, Retryable
from libs.runtime.kafka import subscriber
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Delivery, Subscription, TailSubscription
from libs.runtime.messaging.codec import Outgoing, encode
from libs.runtime.settings import BusSettings
from libs.runtime.telemetry import configure_logging
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import facts, new_service
from libs.testing.ports import own_port
from libs.testing.records import SIGNER

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
NOWHERE = Topic("moe.nowhere", Placement.RESPONSE)
TWO_MEGABYTES = b"x" * 2_000_000
START_GOAL_S = 2.0


@pytest.fixture
async def bus(settings: BusSettings) -> AsyncIterator[KafkaBus]:
    made = KafkaBus(settings)
    yield made
    await made.stop()


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator["LogLines"]:
    """Log lines of a user's terminal with an available broker: only an unavailable one is logged."""
    monkeypatch.setattr(subscriber, "LEAVE_TIMEOUT_S", 20.0)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging("INFO")
    yield LogLines(capsys)
    root.handlers[:], root.level = before


class LogLines:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def read(self) -> list[str]:
        return self._capsys.readouterr().err.splitlines()


async def finish(delivery: Delivery) -> None:
    delivery.done()


def outgoing() -> Outgoing:
    return encode(facts("a fact")[0], SIGNER)[0]


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        (Subscription("suite-x", NOWHERE.name, finish), r"topic moe\.nowhere does not exist"),
        (TailSubscription(NOWHERE.name, 0, finish), r"topic moe\.nowhere does not exist"),
        (TailSubscription(PROGRESS.name, 99, finish), "has 12 partitions, not 100"),
    ],
)
async def test_a_topic_that_is_not_there_stops_the_start(
    bus: KafkaBus, feed: Subscription | TailSubscription, words: str
) -> None:
    bus.add(feed)
    with pytest.raises(ConfigurationError, match=f"{words}; run `moe topics apply`"):
        await bus.start()


async def test_a_topic_that_is_not_there_cannot_be_written(bus: KafkaBus) -> None:
    await bus.start()
    with pytest.raises(ConfigurationError, match=r"topic moe\.nowhere does not exist"):
        await bus.send([replace(outgoing(), topic=NOWHERE)])


@pytest.mark.parametrize("value", [TWO_MEGABYTES, TWO_MEGABYTES * 3], ids=["for the broker", "for the client"])
async def test_what_is_too_large_is_rejected_and_the_next_one_is_taken(bus: KafkaBus, value: bytes) -> None:
    await bus.start()
    record = outgoing()
    with pytest.raises(Rejected) as caught:
        await bus.send([replace(record, value=value)])
    assert caught.value.code == "message_too_large"
    for _ in range(3):
        await bus.send([record])


async def test_without_a_broker_the_start_says_so_in_one_line() -> None:
    bus = KafkaBus(BusSettings(kafka_url=f"kafka://127.0.0.1:{own_port()}"))
    bus.add(Subscription("suite-x", PROGRESS.name, finish))
    with pytest.raises(Retryable) as caught:
        await bus.start()
    assert "\n" not in str(caught.value)
    assert await bus.check() == "not_connected"


async def test_a_fleet_of_subscribers_starts_quietly(settings: BusSettings, log_lines: LogLines) -> None:
    services = new_service(), new_service()
    await started_and_stopped(settings, services)  # the broker's very first groups take a moment longer
    took_s = await started_and_stopped(settings, services)
    assert log_lines.read() == []
    print(f"\na fleet of subscribers started in {took_s:.2f} s (goal < {START_GOAL_S})")  # noqa: T201


async def started_and_stopped(settings: BusSettings, services: tuple[str, ...]) -> float:
    """Run a process with a feed for every topic of each service; return how long its start took, in seconds."""
    bus = KafkaBus(settings)
    for service in services:
        for topic in TOPICS:
            bus.add(Subscription(service, topic.name, finish))
    bus.add(TailSubscription(REQUEST_CANCELLED.name, 0, finish))
    bus.add(TailSubscription(ANSWER_FINISHED.name, 0, finish))
    began = time.monotonic()
    await bus.start()
    took_s = time.monotonic() - began
    await bus.stop()
    return took_s


async def test_members_come_and_go_quietly(settings: BusSettings, log_lines: LogLines) -> None:
    service, said = new_service(), facts("1", "2")
    heard = Listener(*said)
    first, second = KafkaBus(settings), KafkaBus(settings)
    for bus in (first, second):
        bus.add(Subscription(service, PROGRESS.name, heard))
        await bus.start()
    await second.send([encode(fact, SIGNER)[0] for fact in said])
    await heard.received_all("12")
    await first.stop()
    await second.stop()
    assert log_lines.read() == []


async def test_a_send_that_is_cancelled_is_given_up_at_once_and_harms_nobody(bus: KafkaBus) -> None:
    await bus.start()
    await bus.send([outgoing()])
    sending = [asyncio.get_running_loop().create_task(bus.send([outgoing()])) for _ in range(10)]
    await asyncio.sleep(0)
    for task in sending[::2]:
        task.cancel()
    await asyncio.wait(sending)
    assert [task.cancelled() for task in sending] == [True, False] * 5
    assert [task.exception() for task in sending[1::2]] == [None] * 5
