"""Cheap fetches for each kind of broker: held-back empty responses, or fetch sessions."""

import asyncio
from collections import Counter
from typing import Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest

from libs.runtime.kafka.fetch_session import use_fetch_sessions
from libs.runtime.settings import BusSettings


class _FetchResponse(Protocol):
    """`topics`: (name, partitions); of a partition the second field is an error code, the last one the records."""

    topics: list[tuple[str, list[tuple[object, ...]]]]


class PublishSignal:
    """Signals that this process has published to a topic."""

    def __init__(self) -> None:
        self._notified: Counter[str] = Counter()
        self._next: dict[str, asyncio.Event] = {}

    def notify(self, topic: str) -> None:
        """Wake the waiters of a topic."""
        self._notified[topic] += 1
        if (waiting := self._next.pop(topic, None)) is not None:
            waiting.set()

    def count(self, topic: str) -> int:
        return self._notified[topic]

    async def wait_after(self, topic: str, count: int, timeout_s: float) -> None:
        """Wait for more than `count` notifications of a topic, at most `timeout_s` seconds."""
        if self._notified[topic] > count:
            return
        waiting = self._next.setdefault(topic, asyncio.Event())
        try:
            async with asyncio.timeout(timeout_s):
                await waiting.wait()
        except TimeoutError:
            return


def tune_fetches(consumer: AIOKafkaConsumer, topic: str, signal: PublishSignal, settings: BusSettings) -> None:
    """Select the cheap fetch that suits the broker: `hold_empty_fetches` or `use_fetch_sessions`.

    Apache Kafka holds an empty fetch until a record arrives, and keeps fetch sessions. Tansu does neither: it holds an
    empty fetch for its full time. So a consumer had to fetch often, which costs CPU while idle (0.8 of a core for 20
    consumers at 15 ms), or to wait in every hop. For Tansu an empty response is held back in this process until it
    publishes to the topic or a pause ends.
    """
    if settings.fetch_pause_ms > 0:
        hold_empty_fetches(consumer, topic, signal, settings.fetch_pause_ms / 1000)
    else:
        use_fetch_sessions(consumer)


def hold_empty_fetches(consumer: AIOKafkaConsumer, topic: str, signal: PublishSignal, pause_s: float) -> None:
    """Hold back empty responses to the fetches of a consumer. To the client they are slow fetches.

    A record published during a fetch notifies before the response is checked, so it is not missed.
    """
    client = consumer._client
    plain_send = client.send

    async def send(node_id: int, request: object, **options: object) -> object:
        count = signal.count(topic)
        response = await plain_send(node_id, request, **options)
        if isinstance(request, FetchRequest) and _is_empty(response):
            await signal.wait_after(topic, count, pause_s)
        return response

    client.send = send


def _is_empty(response: _FetchResponse) -> bool:
    partitions = [partition for _, partitions in response.topics for partition in partitions]
    return not any(partition[1] or partition[-1] for partition in partitions)
