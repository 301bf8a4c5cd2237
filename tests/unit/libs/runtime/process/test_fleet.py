"""A process: the order in which it starts and stops, and its resources after a failure."""

import asyncio
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import TOPICS
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, PlanDrafted, RequestCancelled
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.contracts.tool import RunTool
from libs.contracts.topics import ANSWER_FINISHED
from libs.core.errors import ConfigurationError, Rejected, Retryable
from libs.ports.bus import Publisher
from libs.runtime.delivery.backoff import Backoff
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Subscription, TailSubscription
from libs.runtime.messaging.codec import Outgoing, encode
from libs.runtime.process.fleet import Fleet, ProcessOptions, ShutdownTimeouts
from libs.runtime.service import HttpServer, Service, Sink, Tail
from libs.testing.records import SIGNER, request
from libs.testing.waiting import eventually, waiting

LOOPBACK = "127.0.0.1"
OPTIONS = ProcessOptions(
    SIGNER, backoff=Backoff(first_s=0.001), shutdown_timeouts=ShutdownTimeouts(stages=60.0, sinks=60.0)
)
# A component that never ends does not block the others.
HASTY = replace(OPTIONS, shutdown_timeouts=ShutdownTimeouts(stages=0.2, sinks=0.2))


@dataclass
class Diary:
    """Events, in order."""

    entries: list[str] = field(default_factory=list)

    def __call__(self, entry: str) -> None:
        self.entries.append(entry)


@dataclass
class Resource:
    """Something that a service opens."""

    name: str
    diary: Diary
    fails: bool = False

    async def __aenter__(self) -> None:
        if self.fails:
            raise ConfigurationError(f"{self.name}: cannot be opened")
        self.diary(f"open {self.name}")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.diary(f"close {self.name}")


class Bus(MemoryBus):
    """A bus in memory that keeps a diary."""

    def __init__(self, broker: MemoryBroker, diary: Diary, *, fails: bool = False) -> None:
        super().__init__(broker)
        self._diary = diary
        self._fails = fails
        self.feeds: list[Subscription | TailSubscription] = []

    def add(self, feed: Subscription | TailSubscription) -> None:
        super().add(feed)
        self.feeds.append(feed)

    async def start(self) -> None:
        if self._fails:
            raise Retryable("no broker at a:9092")
        self._diary("start bus")
        await super().start()

    async def stop_subscriptions(self, services: frozenset[str], grace_s: float) -> None:
        self._diary(f"stop {', '.join(sorted(services)) or 'nobody'}")
        await super().stop_subscriptions(services, grace_s)

    async def stop(self) -> None:
        self._diary("stop bus")
        await super().stop()


class Scene:
    """A broker with a diary around it."""

    def __init__(self, *, bus_fails: bool = False) -> None:
        self.diary = Diary()
        self.broker = MemoryBroker()
        self.bus = Bus(self.broker, self.diary, fails=bus_fails)

    def fleet(self, *services: Service, options: ProcessOptions = OPTIONS) -> Fleet:
        return Fleet(services, self.bus, options)

    def resource(self, name: str, *, fails: bool = False) -> Resource:
        return Resource(name, self.diary, fails)

    def http(self, port: int = 0) -> HttpServer:
        async def drain() -> None:
            self.diary("drain http")

        return HttpServer(hello, LOOPBACK, port, drain)

    async def say(self, *messages: Message) -> None:
        outgoing: Sequence[Outgoing] = [record for message in messages for record in encode(message, SIGNER)]
        await self.bus.send(outgoing)

    def published(self, schema: str) -> list[Record]:
        return [record for record in self.broker.records() if dict(record.headers)["schema"] == schema.encode()]


def hello(_publisher: Publisher) -> "Hello":
    return Hello()


class Hello:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


async def draft_plan(event: QuestionAsked, deps: object) -> PlanDrafted:
    return PlanDrafted(parts=(), source="rule").after(event)


def asked() -> QuestionAsked:
    return QuestionAsked(question=Question(text="Why?")).opening(request(deadline_at=4e9))


async def get(port: int, path: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.get(f"http://{LOOPBACK}:{port}{path}")


def taken_port() -> socket.socket:
    return socket.create_server((LOOPBACK, 0))


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


def refuses(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((LOOPBACK, port)) != 0


class TestRunning:
    async def test_what_a_handler_hears_and_says_goes_over_the_bus(self) -> None:
        scene = Scene()
        async with scene.fleet(Service("planner", handlers=(draft_plan,))):
            await scene.say(asked())
            await eventually(lambda: bool(scene.published("plan-drafted.v1")))

    async def test_deps_are_handed_to_every_handler(self) -> None:
        seen: list[object] = []

        async def note(event: QuestionAsked, deps: object) -> None:
            seen.append(deps)

        scene = Scene()
        async with scene.fleet(Service("planner", deps="the deps", handlers=(note,))):
            await scene.say(asked())
            await eventually(lambda: seen == ["the deps"])

    async def test_a_tail_hears_the_replies_of_its_partition(self) -> None:
        heard: list[str] = []

        async def deliver(event: AnswerFinished, deps: object) -> None:
            heard.append(event.text)

        scene = Scene()
        async with scene.fleet(Service("gateway", tails=(Tail(ANSWER_FINISHED, 5, deliver),))):
            for number in (4, 5):
                envelope = request(reply_partition=number)
                await scene.say(AnswerFinished(outcome="answered", text=f"for {number}").opening(envelope))
            await eventually(lambda: heard == ["for 5"])

    async def test_a_cancelled_request_stops_its_running_calls(self) -> None:
        began, stopped = asyncio.Event(), asyncio.Event()

        async def run(event: RunTool, deps: object) -> PartCompleted:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            return PartCompleted(part=event.part, part_kind="tool").after(event)

        scene, call = Scene(), ToolCall(tool="calculate", arguments={})
        async with scene.fleet(Service("mcp", handlers=(run,))):
            tool_run = RunTool(part="p1", call=call).opening(request(deadline_at=4e9))
            await scene.say(tool_run)
            await began.wait()
            await scene.say(RequestCancelled(reason="client gone").after(tool_run))
            async with waiting(30):
                await stopped.wait()
        assert scene.published("part-completed.v1") == []

    async def test_a_process_that_comes_back_knows_what_was_cancelled_before(self) -> None:
        """The command of a cancelled request is redelivered after a crash: no handler works for it any more."""
        working: set[str] = set()

        async def run(event: RunTool, deps: object) -> None:
            working.add(event.part)
            try:
                await asyncio.Event().wait()
            finally:
                working.discard(event.part)

        scene, call = Scene(), ToolCall(tool="calculate", arguments={})
        gone = RunTool(part="gone", call=call).opening(request(deadline_at=4e9))
        await scene.say(gone)
        await scene.say(RequestCancelled(reason="client gone").after(gone))
        async with scene.fleet(Service("mcp", handlers=(run,)), options=HASTY):
            await scene.say(RunTool(part="wanted", call=call).opening(request(deadline_at=4e9)))
            await eventually(lambda: working == {"wanted"})

    async def test_a_cancellation_that_nobody_signed_or_another_tenant_stops_nothing(self) -> None:
        began = asyncio.Event()
        gate = asyncio.Event()

        async def run(event: RunTool, deps: object) -> PartCompleted:
            began.set()
            await gate.wait()
            return PartCompleted(part=event.part, part_kind="tool").after(event)

        scene, call = Scene(), ToolCall(tool="calculate", arguments={})
        async with scene.fleet(Service("mcp", handlers=(run,))):
            tool_run = RunTool(part="p1", call=call).opening(request(deadline_at=4e9))
            await scene.say(tool_run)
            await began.wait()
            cancel = RequestCancelled(reason="not you").after(tool_run)
            forged = encode(cancel, SIGNER)[1]
            await scene.bus.send([replace(forged, headers=(*forged.headers, ("signature", b"00")))])
            await scene.say(cancel.bound(replace(cancel.envelope, tenant="globex")))
            gate.set()
            await eventually(lambda: bool(scene.published("part-completed.v1")))

    async def test_a_sink_gets_every_record_of_every_topic(self) -> None:
        stored: list[Record] = []

        async def store(record: Record) -> None:
            stored.append(record)

        scene = Scene()
        async with scene.fleet(Service("journal", sinks=(Sink(store),))):
            assert {feed.topic for feed in scene.bus.feeds if isinstance(feed, Subscription)} == {
                t.name for t in TOPICS
            }
            await scene.say(asked(), AnswerFinished(outcome="answered").opening(request()))
            (odd,) = encode(asked(), SIGNER)
            await scene.bus.send([replace(odd, headers=(), value=b"\xff")])
        assert len(stored) == 4
        assert [record.value for record in stored if not record.headers] == [b"\xff"]

    async def test_a_sink_waits_for_its_store(self) -> None:
        stored: list[Record] = []
        away = [True, True, True]

        async def store(record: Record) -> None:
            if away:
                away.pop()
                raise Retryable("postgres is away")
            stored.append(record)

        scene = Scene()
        async with scene.fleet(Service("journal", sinks=(Sink(store),))):
            await scene.say(asked())
            await eventually(lambda: len(stored) == 1)

    async def test_a_part_that_cannot_go_on_ends_the_process(self) -> None:
        async def store(record: Record) -> None:
            raise Rejected("the log began anew")

        scene = Scene()
        async with scene.fleet(Service("journal", sinks=(Sink(store),)), options=HASTY) as fleet:
            await scene.say(asked())
            async with waiting(30):
                await fleet.failed.wait()


class TestStarting:
    async def test_resources_are_opened_before_anything_is_heard(self) -> None:
        scene = Scene()
        service = Service("planner", handlers=(draft_plan,), resources=(scene.resource("llm"), scene.resource("cache")))
        async with scene.fleet(service):
            assert scene.diary.entries == ["open llm", "open cache", "start bus"]

    async def test_it_is_ready_after_the_start_and_not_before(self) -> None:
        scene = Scene()
        states: list[str] = []

        class Asking(Resource):
            async def __aenter__(self) -> None:
                states.append((await fleet.readiness.report()).failing["process"])

        fleet = scene.fleet(Service("gateway", http=scene.http(), resources=(Asking("x", scene.diary),)))
        async with fleet:
            answer = await get(fleet.ports[0], "/ready")
            assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert states == ["starting"]

    async def test_the_application_is_served_beside_the_probes(self) -> None:
        scene = Scene()
        async with scene.fleet(Service("gateway", http=scene.http())) as fleet:
            assert (await get(fleet.ports[0], "/anything")).text == "hello"
            assert (await get(fleet.ports[0], "/health")).json()["status"] == "alive"

    async def test_a_process_without_http_serves_the_probes_alone(self) -> None:
        scene = Scene()
        async with scene.fleet(Service("planner", handlers=(draft_plan,))) as fleet:
            assert (await get(fleet.ports[0], "/ready")).status_code == 200
            assert (await get(fleet.ports[0], "/anything")).status_code == 404

    async def test_a_broker_that_is_away_is_named(self) -> None:
        scene = Scene()
        async with scene.fleet(Service("gateway", http=scene.http())) as fleet:
            scene.broker.available = False
            answer = await get(fleet.ports[0], "/ready")
            assert answer.status_code == 503
            assert json.loads(answer.text)["failing"] == {"broker": "unreachable"}

    async def test_a_taken_port_stops_the_start_before_anything_is_consumed(self) -> None:
        scene = Scene()
        with taken_port() as taken:
            first = Service("gateway", http=scene.http(), resources=(scene.resource("cache"),))
            second = Service("mcp", http=scene.http(port_of(taken)))
            fleet = scene.fleet(first, second)
            with pytest.raises(ConfigurationError, match="Address already in use; choose another port"):
                await fleet.__aenter__()
        assert scene.diary.entries == ["open cache", "close cache"]
        assert refuses(fleet.ports[0])

    async def test_a_resource_that_cannot_be_opened_leaves_nothing_open(self) -> None:
        scene = Scene()
        one = Service("planner", resources=(scene.resource("a"), scene.resource("b")))
        other = Service("critic", resources=(scene.resource("c"), scene.resource("d", fails=True)))
        with pytest.raises(ConfigurationError, match="d: cannot be opened"):
            await scene.fleet(one, other).__aenter__()
        assert scene.diary.entries == ["open a", "open b", "open c", "close c", "close b", "close a"]

    async def test_a_broker_that_cannot_be_reached_leaves_nothing_open(self) -> None:
        scene = Scene(bus_fails=True)
        fleet = scene.fleet(Service("gateway", http=scene.http(), resources=(scene.resource("cache"),)))
        with pytest.raises(Retryable, match="no broker"):
            await fleet.__aenter__()
        assert scene.diary.entries == ["open cache", "close cache"]
        assert refuses(fleet.ports[0])


class TestStopping:
    async def test_the_order_of_a_stop(self) -> None:
        scene = Scene()

        async def store(record: Record) -> None:
            """Store nothing."""

        gateway = Service("gateway", http=scene.http(), resources=(scene.resource("valkey"),))
        planner = Service("planner", handlers=(draft_plan,), resources=(scene.resource("llm"),))
        journal = Service("journal", sinks=(Sink(store),), resources=(scene.resource("postgres"),))
        async with scene.fleet(gateway, planner, journal):
            scene.diary.entries.clear()
        assert scene.diary.entries == [
            "drain http",
            "stop gateway, planner",
            "stop journal",
            "stop bus",
            "close postgres",
            "close llm",
            "close valkey",
        ]

    async def test_nobody_is_served_and_nobody_is_ready_after_the_stop(self) -> None:
        scene = Scene()
        async with scene.fleet(Service("gateway", http=scene.http())) as fleet:
            pass
        assert refuses(fleet.ports[0])
        assert (await fleet.readiness.report()).failing == {"process": "stopping"}

    async def test_what_a_stage_says_last_is_stored_by_the_sink(self) -> None:
        stored: list[str] = []
        began = asyncio.Event()

        async def slow_plan(event: QuestionAsked, deps: object) -> PlanDrafted:
            began.set()
            await asyncio.sleep(0.02)  # still at work when the stop begins
            return PlanDrafted(parts=(), source="rule").after(event)

        async def store(record: Record) -> None:
            stored.append(dict(record.headers)["schema"].decode())

        scene = Scene()
        services = (Service("planner", handlers=(slow_plan,)), Service("journal", sinks=(Sink(store),)))
        async with scene.fleet(*services):
            await scene.say(asked())
            await began.wait()
        assert sorted(stored) == ["plan-drafted.v1", "question-asked.v1"]

    async def test_what_does_not_end_in_time_is_left_for_the_next_process(self) -> None:
        began = asyncio.Event()

        async def stuck(event: QuestionAsked, deps: object) -> PlanDrafted:
            began.set()
            await asyncio.Event().wait()
            return PlanDrafted(parts=(), source="rule").after(event)

        scene = Scene()
        async with scene.fleet(Service("planner", handlers=(stuck,)), options=HASTY):
            await scene.say(asked())
            await began.wait()
        scene.bus = Bus(scene.broker, scene.diary)
        async with scene.fleet(Service("planner", handlers=(draft_plan,))):
            await eventually(lambda: bool(scene.published("plan-drafted.v1")))

    async def test_everything_is_closed_even_when_a_drain_fails(self) -> None:
        scene = Scene()

        async def fail() -> None:
            raise ValueError("a bug in drain")

        http = replace(scene.http(), drain=fail)
        fleet = scene.fleet(Service("gateway", http=http, resources=(scene.resource("valkey"),)))
        with pytest.raises(ValueError, match="a bug in drain"):
            async with fleet:
                pass
        assert scene.diary.entries[-2:] == ["stop bus", "close valkey"]
        assert refuses(fleet.ports[0])

    async def test_an_error_in_the_block_is_passed_on_after_an_orderly_stop(self) -> None:
        scene = Scene()
        with pytest.raises(KeyError, match="outside"):
            async with scene.fleet(Service("planner", resources=(scene.resource("llm"),))):
                raise KeyError("outside")
        assert scene.diary.entries[-2:] == ["stop bus", "close llm"]
