"""A static member: fenced by another of its name it exits; expired because it was silent it rejoins."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest

from libs.core.errors import ConfigurationError
from libs.runtime.kafka.client_internals import check_client, leave_group_on_stop
from libs.runtime.kafka.membership import FENCED_INSTANCE_ID, FencedMember, Membership
from libs.testing.fake_clock import FakeClock

GOOD, ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCING = 0, 22, 25, 27
SESSION_S = 6.0

HEARTBEAT = HeartbeatRequest("g", 1, "m")
JOIN = JoinGroupRequest("g", 6000, 10_000, "m", "planner.0", "consumer", [])
SYNC = SyncGroupRequest("g", 1, "m", "planner.0", [])
COMMIT = OffsetCommitRequest("g", 1, "m", -1, [])


@dataclass
class Answer:
    error_code: int = GOOD
    member_id: str = "m"
    topics: list[tuple[str, list[tuple[int, int]]]] = field(default_factory=list)


class Client:
    """The client of a consumer, and the consumer; its answers are scripted."""

    def __init__(self) -> None:
        self.answer: object = Answer()
        self.sent: list[object] = []
        self.on_its_way: Callable[[], None] = lambda: None

    @property
    def _client(self) -> "Client":
        return self

    async def send(self, _node: int, request: object, **_options: object) -> object:
        self.sent.append(request)
        self.on_its_way()
        return self.answer


class Scene:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.client = Client()
        self.errors: list[BaseException] = []
        self.next_id = "m"
        self.membership = Membership("planner.0", SESSION_S, self.clock, self.errors.append)
        self.membership.watch(self.client)

    async def ask(self, request: object, code: int = GOOD) -> None:
        self.client.answer = Answer(code, self.next_id, [("t", [(0, GOOD), (1, code)])])
        await self.client.send(1, request, group=1)

    @property
    def has_ended(self) -> bool:
        return [type(error) for error in self.errors] == [FencedMember]


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_request_under_the_id_of_an_expired_session_ends_nobody(scene: Scene) -> None:
    await scene.ask(HEARTBEAT)
    scene.clock.advance(SESSION_S + 1)
    scene.next_id = "new"
    await scene.ask(JOIN)
    await scene.ask(COMMIT, UNKNOWN_MEMBER)  # it was on its way, as "m"
    assert scene.errors == []
    await scene.ask(HeartbeatRequest("g", 2, "new"), UNKNOWN_MEMBER)
    assert scene.has_ended


@pytest.mark.parametrize("request_of_member", [HEARTBEAT, SYNC, COMMIT], ids=["heartbeat", "sync", "commit"])
async def test_who_is_unknown_although_it_was_just_heard_was_replaced(scene: Scene, request_of_member: object) -> None:
    await scene.ask(HEARTBEAT)
    scene.clock.advance(SESSION_S - 1)
    await scene.ask(request_of_member, UNKNOWN_MEMBER)
    assert scene.has_ended
    assert "MOE_INSTANCE_ORDINAL" in str(scene.errors[0])


async def test_who_was_silent_for_a_session_may_come_back(scene: Scene) -> None:
    await scene.ask(HEARTBEAT)
    scene.clock.advance(SESSION_S + 1)
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    await scene.ask(JOIN)
    assert scene.errors == []
    assert scene.client.sent[-1] is JOIN


@pytest.mark.parametrize("request_of_member", [HEARTBEAT, COMMIT], ids=["heartbeat", "commit"])
async def test_an_answer_that_is_read_after_a_standstill_is_no_sign_of_life(
    scene: Scene, request_of_member: object
) -> None:
    scene.client.on_its_way = lambda: scene.clock.advance(SESSION_S + 1)
    await scene.ask(request_of_member)
    scene.client.on_its_way = lambda: None
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    assert scene.errors == []


@pytest.mark.parametrize("request_of_member", [JOIN, SYNC], ids=["join", "sync"])
async def test_the_broker_answers_a_join_when_all_are_there(scene: Scene, request_of_member: object) -> None:
    scene.client.on_its_way = lambda: scene.clock.advance(SESSION_S + 1)
    await scene.ask(request_of_member)
    scene.client.on_its_way = lambda: None
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    assert scene.has_ended


async def test_a_rebalance_is_a_sign_of_life(scene: Scene) -> None:
    scene.clock.advance(SESSION_S + 1)
    await scene.ask(HEARTBEAT, REBALANCING)
    scene.clock.advance(1)
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    assert scene.has_ended


async def test_an_old_generation_is_neither_a_sign_of_life_nor_an_end(scene: Scene) -> None:
    scene.clock.advance(SESSION_S + 1)
    await scene.ask(COMMIT, ILLEGAL_GENERATION)
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    assert scene.errors == []


@pytest.mark.parametrize("request_of_member", [JOIN, SYNC], ids=["join", "sync"])
async def test_who_is_fenced_was_replaced_however_long_it_was_silent(scene: Scene, request_of_member: object) -> None:
    scene.clock.advance(1000)
    await scene.ask(request_of_member, FENCED_INSTANCE_ID)
    assert scene.has_ended


async def test_a_first_join_that_is_told_to_try_again_is_no_end(scene: Scene) -> None:
    await scene.ask(JOIN, UNKNOWN_MEMBER)
    assert scene.errors == []


async def test_who_was_replaced_does_not_throw_the_other_one_out(scene: Scene) -> None:
    await scene.ask(HEARTBEAT)
    await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    with pytest.raises(FencedMember):
        await scene.ask(JOIN)
    assert JOIN not in scene.client.sent


async def test_it_is_told_once(scene: Scene) -> None:
    await scene.ask(HEARTBEAT)
    for _ in range(3):
        await scene.ask(HEARTBEAT, UNKNOWN_MEMBER)
    assert scene.has_ended


async def test_watching_twice_changes_nothing(scene: Scene) -> None:
    send = scene.client.send
    scene.membership.watch(scene.client)
    assert scene.client.send is send


async def test_other_requests_go_through(scene: Scene) -> None:
    fetch = FetchRequest(100, 1, 100, 0, [])
    scene.client.answer = object()
    assert await scene.client.send(1, fetch) is scene.client.answer


def test_a_passer_by_is_not_watched() -> None:
    assert Membership.of(None, SESSION_S, FakeClock(), lambda _: None) is None


def test_who_stops_says_goodbye_although_it_is_static() -> None:
    class Stopping:
        _group_instance_id: str | None = "planner.0"

        @property
        def _coordinator(self) -> "Stopping":
            return self

    stopping = Stopping()
    leave_group_on_stop(stopping)
    assert stopping._group_instance_id is None


def test_a_member_whose_start_failed_has_no_group_to_leave() -> None:
    class NotStarted:
        _coordinator = None

    not_started = NotStarted()
    leave_group_on_stop(not_started)
    assert not_started._coordinator is None


def test_the_installed_client_is_the_one_we_know() -> None:
    check_client()


@pytest.mark.parametrize("name", ["fetch_committed_offsets", "_maybe_leave_group"])
def test_another_client_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delattr(GroupCoordinator, name)
    with pytest.raises(ConfigurationError, match="aiokafka"):
        check_client()
