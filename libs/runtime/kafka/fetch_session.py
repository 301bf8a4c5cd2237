"""Fetches of Apache Kafka: incremental (KIP-227), on a connection of their own, and in batches where nothing waits."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, TypeAlias

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest

from libs.runtime.kafka.client_internals import arguments_of, drop_connection, request_client, set_wait

FIRST_WITH_SESSIONS = 7
# Nothing waits for a relaxed fetch, so it fetches records in batches: it made half of all fetches before.
RELAXED_WAIT_MS = 500
RELAXED_BYTES = 256 * 1024
SHORT_WAIT_MS = 50
LAST_EPOCH = 2**31 - 1

# The client's name of a connection to a broker. The broker answers the requests of a connection in their order, so
# metadata and offsets would wait behind a fetch that waits for records.
FETCHES = "fetches"

PartitionKey: TypeAlias = tuple[str, int]  # topic, partition
Wanted: TypeAlias = tuple[int, int]  # offset, bytes at most
Topics: TypeAlias = Sequence[tuple[str, Sequence[tuple[int, int, int]]]]  # partition, offset, bytes at most


class _Version(Protocol):
    """One version of a request on the wire."""

    API_VERSION: int


class FetchResponse(Protocol):
    """A fetch response: its session, and `topics` of (name, partitions).

    The fields of a partition begin with its number, an error code and the high watermark, and end with its records.
    """

    API_VERSION: int
    error_code: int
    session_id: int
    topics: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]


@dataclass(slots=True)
class FetchSession:
    """The fetch session with one broker. `epoch` counts the fetches; 0 opens a new session.

    `known` are the partitions and offsets that the broker has on record for the session.
    """

    number: int = 0
    epoch: int = 0
    known: dict[PartitionKey, Wanted] = field(default_factory=dict)

    def difference(self, topics: Topics) -> tuple[Topics, list[tuple[str, list[int]]]]:
        """Changed partitions to send, and partitions to remove. Updates `known`."""
        wanted = {(topic, part): (offset, size) for topic, parts in topics for part, offset, size in parts}
        news: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for (topic, part), want in wanted.items():
            if self.known.get((topic, part)) != want:
                news[topic].append((part, *want))
        removed: dict[str, list[int]] = defaultdict(list)
        for topic, part in self.known.keys() - wanted.keys():
            removed[topic].append(part)
        self.known = wanted
        return list(news.items()), list(removed.items())

    def settle(self, response: FetchResponse) -> None:
        """Update the session with the response to the last fetch."""
        if response.API_VERSION < FIRST_WITH_SESSIONS or response.error_code or response.session_id == 0:
            self.forget()
        elif self.number == 0:
            self.number, self.epoch = response.session_id, 1
        else:
            self.epoch = self.epoch + 1 if self.epoch < LAST_EPOCH else 1

    def forget(self) -> None:
        """Open a new session with the next fetch."""
        self.number, self.epoch, self.known = 0, 0, {}


class IncrementalFetch(FetchRequest):  # type: ignore[misc]  # the library has no types
    """A fetch of the client, reduced on the wire to the changes since its session's last fetch."""

    def __init__(self, whole: FetchRequest, session: FetchSession) -> None:
        self._topics: Topics
        super().__init__(**arguments_of(whole))
        self._session = session

    def build(self, request_struct_class: _Version) -> object:
        if request_struct_class.API_VERSION < FIRST_WITH_SESSIONS:
            return super().build(request_struct_class)
        everything: Topics = self._topics
        self._topics, forgotten = self._session.difference(everything)
        request = super().build(request_struct_class)
        self._topics = everything
        request.session_id, request.session_epoch = self._session.number, self._session.epoch
        request.forgotten_topics_data = forgotten
        return request


class FetchWait(Enum):
    """What a fetch waits for while the log has no more records."""

    URGENT = "the first record"
    RELAXED = "many records, unless the last fetch found none"
    SHORT = "the first record, for a short time: it leaves out partitions that may be resumed meanwhile"


def use_fetch_sessions(consumer: AIOKafkaConsumer, fetch_wait: Callable[[], FetchWait]) -> None:
    """Use fetch sessions for a consumer, one for each broker. `fetch_wait` tells what its next fetch waits for.

    The client sends every partition with every fetch, and every response contains each: with twelve partitions a topic
    that took a tenth of the CPU of a request. A session that the broker does not know, or a failed fetch, is followed
    by a full fetch. Brokers without sessions answer with session 0 and always receive full fetches.
    """
    client = request_client(consumer)
    plain_send = client.send
    sessions: dict[int, FetchSession] = defaultdict(FetchSession)
    quiet: set[int] = set()  # brokers whose last fetch found nothing

    async def send(node_id: int, request: object, **options: object) -> object:
        if not isinstance(request, FetchRequest):
            return await plain_send(node_id, request, **options)
        session = sessions[node_id]
        wait = fetch_wait()
        if wait is FetchWait.SHORT:
            set_wait(request, SHORT_WAIT_MS, min_bytes=1)
        elif wait is FetchWait.RELAXED and node_id not in quiet:
            set_wait(request, RELAXED_WAIT_MS, RELAXED_BYTES)
        else:
            set_wait(request, min_bytes=1)
        try:
            response = await plain_send(node_id, IncrementalFetch(request, session), group=FETCHES, **options)
        except BaseException as error:
            session.forget()  # it is unknown whether the broker counted this fetch
            if isinstance(error, asyncio.CancelledError):
                drop_connection(client, node_id, FETCHES)  # the next fetch would wait behind this one
            raise
        session.settle(response)
        (quiet.add if is_empty(response) else quiet.discard)(node_id)
        return response

    client.send = send


def is_empty(response: FetchResponse) -> bool:
    """True if a response has neither records nor an error."""
    partitions = [partition for _, partitions in response.topics for partition in partitions]
    return not any(partition[1] or partition[-1] for partition in partitions)
