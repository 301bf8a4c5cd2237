"""Incremental fetches (KIP-227): after the first one, only what changed travels, both ways.

The client sends every partition with every fetch and is told about each in every response: with twelve partitions a
topic that was a tenth of the CPU of a request. Here a session is kept for each broker, underneath the client's own
fetching: the client goes on asking for everything, the wire carries the difference. A session that the broker does not
know, or a fetch that failed, begins anew with a full one. Brokers without sessions answer with session 0 and always
get full fetches.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.fetch import FetchRequest

FIRST_WITH_SESSIONS = 7
LAST_EPOCH = 2**31 - 1

PartitionKey: TypeAlias = tuple[str, int]  # topic, partition
Wanted: TypeAlias = tuple[int, int]  # offset, bytes at most
Topics: TypeAlias = Sequence[tuple[str, Sequence[tuple[int, int, int]]]]  # partition, offset, bytes at most


class _Version(Protocol):
    """One version of a request on the wire."""

    API_VERSION: int


class _Response(Protocol):
    """What a response says about its session."""

    API_VERSION: int
    error_code: int
    session_id: int


@dataclass(slots=True)
class FetchSession:
    """The session with one broker: what it believes we want. `epoch` counts the fetches; 0 asks for a new session."""

    number: int = 0
    epoch: int = 0
    known: dict[PartitionKey, Wanted] = field(default_factory=dict)

    def difference(self, topics: Topics) -> tuple[Topics, list[tuple[str, list[int]]]]:
        """Return what the broker has to be told about these wants, and the partitions that are not wanted any more."""
        wanted = {(topic, part): (offset, size) for topic, parts in topics for part, offset, size in parts}
        news: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for (topic, part), want in wanted.items():
            if self.known.get((topic, part)) != want:
                news[topic].append((part, *want))
        gone: dict[str, list[int]] = defaultdict(list)
        for topic, part in self.known.keys() - wanted.keys():
            gone[topic].append(part)
        self.known = wanted
        return list(news.items()), list(gone.items())

    def settle(self, response: _Response) -> None:
        """Take the broker's answer to the last fetch."""
        if response.API_VERSION < FIRST_WITH_SESSIONS or response.error_code or response.session_id == 0:
            self.forget()
        elif self.number == 0:
            self.number, self.epoch = response.session_id, 1
        else:
            self.epoch = self.epoch + 1 if self.epoch < LAST_EPOCH else 1

    def forget(self) -> None:
        """Begin anew with the next fetch."""
        self.number, self.epoch, self.known = 0, 0, {}


class IncrementalFetch(FetchRequest):  # type: ignore[misc]  # the library has no types
    """A fetch as the client made it; on the wire it carries the difference to what its session knows."""

    def __init__(self, whole: FetchRequest, session: FetchSession) -> None:
        self._topics: Topics
        super().__init__(
            whole._max_wait_ms,
            whole._min_bytes,
            whole._max_bytes,
            whole._isolation_level,
            whole._topics,
            rack_id=whole._rack_id,
        )
        self._session = session

    def build(self, request_struct_class: _Version) -> object:
        """Return the request for the version that broker and client agreed on."""
        if request_struct_class.API_VERSION < FIRST_WITH_SESSIONS:
            return super().build(request_struct_class)
        everything: Topics = self._topics
        self._topics, forgotten = self._session.difference(everything)
        request = super().build(request_struct_class)
        self._topics = everything
        request.session_id, request.session_epoch = self._session.number, self._session.epoch
        request.forgotten_topics_data = forgotten
        return request


def use_fetch_sessions(consumer: AIOKafkaConsumer) -> None:
    """Let the fetches of a consumer travel in sessions, one for each broker."""
    client = consumer._client
    plain_send = client.send
    sessions: dict[int, FetchSession] = defaultdict(FetchSession)

    async def send(node_id: int, request: object, **options: object) -> object:
        if not isinstance(request, FetchRequest):
            return await plain_send(node_id, request, **options)
        session = sessions[node_id]
        try:
            response = await plain_send(node_id, IncrementalFetch(request, session), **options)
        except BaseException:
            session.forget()  # whether the broker counted this fetch is not known
            raise
        session.settle(response)
        return response

    client.send = send
