"""Static membership in a group: a killed process that restarts has its partitions at once."""

from collections.abc import Iterator
from typing import Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, NoError, RebalanceInProgressError, UnknownMemberIdError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest

from libs.core.clock import Clock
from libs.runtime.kafka.client_internals import member_id_of, request_client
from libs.runtime.kafka.subscriber import OnError

FENCED_INSTANCE_ID = 82  # the client does not define it
_UNKNOWN_MEMBER = UnknownMemberIdError.errno
_KNOWN_MEMBER = {NoError.errno, RebalanceInProgressError.errno}
_AS_MEMBER = (HeartbeatRequest, SyncGroupRequest, OffsetCommitRequest)
_ANSWERED_AT_ONCE = (HeartbeatRequest, OffsetCommitRequest)


class _Answer(Protocol):
    """A response: one error code, or, to a commit, one for each partition of each topic. A join's holds a member id."""

    error_code: int
    member_id: str
    topics: list[tuple[str, list[tuple[int, int]]]]


class FencedMember(KafkaError):  # type: ignore[misc]  # the library has no types
    """Another process has joined the group under the name of this one."""


class Membership:
    """Checks the broker's responses to one static member.

    The name of a member must be unique. Two processes with one name would fence each other for ever, so a fenced one
    does not rejoin: its process ends.

    An unknown member is one that was replaced, or one whose session has expired after too long a silence; the latter
    may rejoin, under a new id. The difference is when the broker last accepted a request under that id: a request under
    the old id proves nothing about the new one.
    """

    def __init__(self, name: str, session_timeout_s: float, clock: Clock, on_replaced: OnError) -> None:
        self._name = name
        self._session_timeout_s = session_timeout_s
        self._clock = clock
        self._on_replaced = on_replaced
        self._alive_at = clock.monotonic()
        self._member_id: str | None = None
        self._replaced = False
        self._watched: object = None

    @classmethod
    def of(cls, name: str | None, session_timeout_s: float, clock: Clock, on_replaced: OnError) -> "Membership | None":
        """None for a dynamic member."""
        return cls(name, session_timeout_s, clock, on_replaced) if name is not None else None

    def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Check every response to a consumer's requests. Idempotent."""
        client = request_client(consumer)
        if client is self._watched:
            return
        self._watched = client
        plain_send = client.send

        async def send(node_id: int, request: object, **options: object) -> _Answer:
            if self._replaced and isinstance(request, JoinGroupRequest):
                raise FencedMember(self._name)  # joining again would fence the other process
            asked_at = self._clock.monotonic()
            response: _Answer = await plain_send(node_id, request, **options)
            self._look(request, response, asked_at)
            return response

        client.send = send

    def _look(self, request: object, response: _Answer, asked_at: float) -> None:
        codes = set(_codes(request, response))
        if FENCED_INSTANCE_ID in codes or (_UNKNOWN_MEMBER in codes and self._was_alive(request)):
            self._end()
        elif codes and codes <= _KNOWN_MEMBER:
            # A suspended process reads an old response: the broker received the request at `asked_at`.
            heard_at = asked_at if isinstance(request, _ANSWERED_AT_ONCE) else self._clock.monotonic()
            if heard_at >= self._alive_at:
                self._alive_at = heard_at
                self._member_id = response.member_id if isinstance(request, JoinGroupRequest) else member_id_of(request)

    def _was_alive(self, request: object) -> bool:
        silent_s = self._clock.monotonic() - self._alive_at
        is_member = isinstance(request, _AS_MEMBER) and member_id_of(request) == self._member_id
        return is_member and silent_s < self._session_timeout_s

    def _end(self) -> None:
        if not self._replaced:
            self._replaced = True
            advice = "each process needs a MOE_INSTANCE_ORDINAL or MOE_DATA_DIR of its own"
            self._on_replaced(FencedMember(f"another process has joined as {self._name}; {advice}"))


def _codes(request: object, response: _Answer) -> Iterator[int]:
    if isinstance(request, OffsetCommitRequest):
        for _, partitions in response.topics:
            yield from (code for _, code in partitions)
    elif isinstance(request, (JoinGroupRequest, *_AS_MEMBER)):
        yield response.error_code
