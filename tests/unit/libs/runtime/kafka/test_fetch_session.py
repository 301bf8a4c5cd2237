"""Fetch sessions: only what changed travels, and a session in doubt begins anew."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4, FetchRequest_v11
from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.kafka.fetch_session import (
    FETCHES,
    LAST_EPOCH,
    FetchSession,
    FetchWait,
    IncrementalFetch,
    use_fetch_sessions,
)

TOPIC = "moe.pipeline.progress.v1"
SIZE = 1 << 20


@dataclass
class Reply:
    session_id: int = 7
    error_code: int = 0
    API_VERSION: int = 11
    topics: Sequence[tuple[str, Sequence[tuple[Any, ...]]]] = ()


UNKNOWN = [Reply(error_code=70), Reply(error_code=71), Reply(session_id=0), Reply(API_VERSION=4)]


def fetch(**offsets: int) -> FetchRequest:
    partitions = [(int(name[1:]), offset, SIZE) for name, offset in offsets.items()]
    return FetchRequest(500, 1, SIZE, 0, [(TOPIC, partitions)])


def sent(session: FetchSession, **offsets: int) -> FetchRequest_v11:
    return IncrementalFetch(fetch(**offsets), session).build(FetchRequest_v11)


def offsets_in(request: FetchRequest_v11) -> dict[int, int]:
    return {part: offset for _, parts in request.topics for part, _, offset, _, _ in parts}


def opened(**offsets: int) -> FetchSession:
    session = FetchSession()
    sent(session, **offsets)
    session.settle(Reply())
    return session


def test_the_first_fetch_asks_for_a_session_and_names_everything() -> None:
    request = sent(FetchSession(), p0=3, p1=9)

    assert (request.session_id, request.session_epoch) == (0, 0)
    assert offsets_in(request) == {0: 3, 1: 9}


def test_a_later_fetch_names_what_moved_only() -> None:
    request = sent(opened(p0=3, p1=9), p0=3, p1=10)

    assert (request.session_id, request.session_epoch) == (7, 1)
    assert offsets_in(request) == {1: 10}
    assert request.forgotten_topics_data == []


def test_partitions_that_are_not_wanted_any_more_are_forgotten() -> None:
    request = sent(opened(p0=3, p1=9), p0=3)

    assert request.forgotten_topics_data == [(TOPIC, [1])]


def test_the_client_still_sees_the_whole_request() -> None:
    whole = IncrementalFetch(fetch(p0=3, p1=9), opened(p0=3, p1=9))
    whole.build(FetchRequest_v11)

    assert whole.topics == [(TOPIC, [(0, 3, SIZE), (1, 9, SIZE)])]


@pytest.mark.parametrize(
    "reply", [Reply(error_code=70), Reply(error_code=71), Reply(session_id=0), Reply(API_VERSION=4)]
)
def test_a_broker_that_knows_no_session_gets_everything_again(reply: Reply) -> None:
    session = opened(p0=3)
    session.settle(reply)

    request = sent(session, p0=3)
    assert (request.session_id, request.session_epoch) == (0, 0)
    assert offsets_in(request) == {0: 3}


def test_epochs_begin_again_at_one() -> None:
    session = opened(p0=3)
    session.epoch = LAST_EPOCH

    session.settle(Reply())

    assert session.epoch == 1


def test_a_version_without_sessions_is_asked_as_before() -> None:
    request = IncrementalFetch(fetch(p0=3), opened(p0=3)).build(FetchRequest_v4)

    assert isinstance(request, FetchRequest_v4)
    assert request.topics == [(TOPIC, [(0, 3, SIZE)])]


@given(st.lists(st.dictionaries(st.integers(0, 5), st.integers(0, 3)), max_size=20))
def test_the_broker_always_knows_what_is_wanted(wishes: list[dict[int, int]]) -> None:
    session, broker = FetchSession(), dict[int, int]()
    for wish in wishes:
        request = sent(session, **{f"p{part}": offset for part, offset in wish.items()})
        if request.session_epoch == 0:
            broker = {}
        for _, parts in request.forgotten_topics_data:
            for part in parts:
                del broker[part]
        broker |= offsets_in(request)
        session.settle(Reply())
        assert broker == wish


class Connection:
    """A connection to a broker."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Client:
    """The part of the client that sends; it fails on request."""

    def __init__(self) -> None:
        self.requests: list[object] = []
        self.groups: list[object] = []
        self.failure: BaseException | None = None
        self.reply = Reply()
        self._conns: dict[tuple[int, object], Connection] = {}

    async def send(self, node_id: int, request: object, *, group: object = None) -> Reply:
        self._conns.setdefault((node_id, group), Connection())
        self.groups.append(group)
        if self.failure is not None:
            raise self.failure
        self.requests.append(request.build(FetchRequest_v11) if isinstance(request, FetchRequest) else request)
        return self.reply


@dataclass
class Consumer:
    _client: Client


async def test_every_broker_has_a_session_of_its_own() -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: FetchWait.URGENT)

    for node in (1, 1, 2):
        await client.send(node, fetch(p0=3))

    assert [request.session_epoch for request in client.requests] == [0, 1, 0]  # type: ignore[attr-defined]


async def test_after_a_fetch_that_failed_the_session_begins_anew() -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: FetchWait.URGENT)
    await client.send(1, fetch(p0=3))
    client.failure = ConnectionError("gone")
    with pytest.raises(ConnectionError):
        await client.send(1, fetch(p0=3))
    client.failure = None

    await client.send(1, fetch(p0=3))

    assert client.requests[-1].session_epoch == 0  # type: ignore[attr-defined]


async def test_other_requests_pass_as_they_are() -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: FetchWait.URGENT)
    request = object()

    await client.send(1, request)

    assert client.requests == [request]


async def test_fetches_have_a_connection_of_their_own() -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: FetchWait.URGENT)

    await client.send(1, object())
    await client.send(1, fetch(p0=3))

    assert client.groups == [None, FETCHES]


async def test_a_fetch_that_is_given_up_leaves_no_connection_on_which_the_next_would_wait() -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: FetchWait.URGENT)
    await client.send(1, object())
    await client.send(1, fetch(p0=3))
    (plain, fetching) = client._conns.values()
    client.failure = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await client.send(1, fetch(p0=3))

    assert (plain.closed, fetching.closed) == (False, True)
    assert list(client._conns.values()) == [plain]


SOME = Reply(topics=[(TOPIC, [(0, 0, 9, 9, 0, None, -1, b"records")])])
FIRST, MORE, BRIEFLY = (5000, 1), (500, 262_144), (50, 1)


@pytest.mark.parametrize(
    ("wait", "replies", "waits"),
    [
        (FetchWait.SHORT, [Reply(), SOME, SOME], [BRIEFLY, BRIEFLY, BRIEFLY]),
        (FetchWait.URGENT, [Reply(), SOME, SOME, Reply()], [FIRST, FIRST, FIRST, FIRST]),
        (FetchWait.RELAXED, [Reply(), Reply(), SOME, SOME, Reply(), SOME], [MORE, FIRST, FIRST, MORE, MORE, FIRST]),
    ],
)
async def test_a_relaxed_fetch_waits_for_more_records_once_there_are_some(
    *, wait: FetchWait, replies: list[Reply], waits: list[tuple[int, int]]
) -> None:
    client = Client()
    use_fetch_sessions(Consumer(client), lambda: wait)

    for client.reply in replies:
        await client.send(1, FetchRequest(5000, 1, SIZE, 0, [(TOPIC, [(0, 3, SIZE)])]))

    assert [(each.max_wait_time, each.min_bytes) for each in client.requests] == waits  # type: ignore[attr-defined]
