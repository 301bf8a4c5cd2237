"""Cheap fetches for each kind of broker: held-back empty responses, or fetch sessions."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.structs import RecordMetadata

from libs.runtime.kafka.client_internals import request_client, set_wait
from libs.runtime.kafka.fetch_session import FetchResponse, FetchWait, PartitionKey, is_empty, use_fetch_sessions
from libs.runtime.settings import BusSettings

# Tansu reads a partition from its start, 0.9 µs a batch, and answers without records when the time of a fetch is over,
# but else as soon as it has some: so a fetch for a record that exists gets much time.
PATIENT_WAIT_MS = 1_000


class PublishSignal:
    """Signals that this process has published to a topic, and up to which offsets."""

    def __init__(self) -> None:
        self._notified: Counter[str] = Counter()
        self._acknowledged: dict[PartitionKey, int] = {}  # last offset
        self._next: dict[str, set[asyncio.Event]] = defaultdict(set)

    def notify(self, topic: str) -> None:
        """Wake the waiters of a topic."""
        self._notified[topic] += 1
        for waiting in self._next.pop(topic, ()):
            waiting.set()

    def acknowledge(self, records: Iterable[RecordMetadata]) -> None:
        """Remember the offsets of acknowledged records."""
        for record in records:
            self._acknowledged[record.topic, record.partition] = record.offset

    def behind(self, fetch: FetchRequest) -> list[PartitionKey]:
        """Partitions of which a fetch asks for a record that was acknowledged."""
        acknowledged = self._acknowledged
        return [
            (topic, partition)
            for topic, partitions in fetch.topics
            for partition, offset, _ in partitions
            if offset <= acknowledged.get((topic, partition), -1)
        ]

    def forget(self, partitions: Iterable[PartitionKey]) -> None:
        """Forget acknowledged records that a fetch did not find: the broker has lost its memory."""
        for partition in partitions:
            self._acknowledged.pop(partition, None)

    def count(self, topics: Sequence[str]) -> int:
        return sum(self._notified[topic] for topic in topics)

    async def wait_after(self, topics: Sequence[str], count: int, timeout_s: float) -> None:
        """Wait for more than `count` notifications of these topics, at most `timeout_s` seconds."""
        if self.count(topics) > count:
            return
        waiting = asyncio.Event()
        for topic in topics:
            self._next[topic].add(waiting)
        try:
            async with asyncio.timeout(timeout_s):
                await waiting.wait()
        except TimeoutError:
            return
        finally:
            for topic in topics:
                self._next[topic].discard(waiting)


def tune_fetches(
    consumer: AIOKafkaConsumer,
    topics: Sequence[str],
    signal: PublishSignal,
    settings: BusSettings,
    fetch_wait: Callable[[], FetchWait],
) -> None:
    """Select the cheap fetch that suits the broker: `hold_empty_fetches` or `use_fetch_sessions`.

    Apache Kafka holds an empty fetch until a record arrives, and keeps fetch sessions. Tansu does neither: it holds an
    empty fetch for its full time. So a consumer had to fetch often, which costs CPU while idle (0.8 of a core for 20
    consumers at 15 ms), or to wait in every hop. For Tansu an empty response is held back in this process until it
    publishes to one of the topics or a pause ends.
    """
    if settings.fetch_pause_ms > 0:
        hold_empty_fetches(consumer, topics, signal, settings.fetch_pause_ms / 1000)
    else:
        use_fetch_sessions(consumer, fetch_wait)


def hold_empty_fetches(
    consumer: AIOKafkaConsumer, topics: Sequence[str], signal: PublishSignal, pause_s: float
) -> None:
    """Hold back empty responses to the fetches of a consumer. To the client they are slow fetches.

    A record published during a fetch notifies before the response is checked, so it is not missed. Without much time
    for records that exist, a consumer would receive none behind some 2,000 batches of a partition.
    """
    client = request_client(consumer)
    plain_send = client.send
    missed = False

    async def send(node_id: int, request: object, **options: object) -> object:
        nonlocal missed
        if not isinstance(request, FetchRequest):
            return await plain_send(node_id, request, **options)
        count = signal.count(topics)
        behind = signal.behind(request)
        if missed or behind:
            set_wait(request, PATIENT_WAIT_MS)
        response = await plain_send(node_id, request, **options)
        found_nothing = is_empty(response)
        missed = found_nothing and _lacks_records(request, response)
        if found_nothing and not missed:
            signal.forget(behind)
            await signal.wait_after(topics, count, pause_s)
        return response

    client.send = send


def _lacks_records(request: FetchRequest, response: FetchResponse) -> bool:
    """Whether the high watermark of a partition is above the requested offset, of a response without records."""
    offsets = {(topic, part): offset for topic, parts in request.topics for part, offset, _ in parts}
    return any(
        high_watermark > offsets.get((topic, part), high_watermark)
        for topic, parts in response.topics
        for part, _, high_watermark, *_ in parts
    )
