"""A small join of the tests' own, and a runner that is handed records one by one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, RequestCancelled, RequestOpened
from libs.contracts.question import Question
from libs.contracts.tool import RunTool
from libs.contracts.topics import PROGRESS
from libs.ports.deltas import Delta
from libs.ports.reducer import Join, LateEvents, Tick, Transition
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.messaging.bus import Delivery
from libs.runtime.watchdog.work import Watchdog
from libs.testing.fake_clock import TEST_TIME_S, LoopClock
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER, record_of, request

CALL = ToolCall(tool="calculate", arguments={})


@dataclass(frozen=True)
class Gathered:
    """The state of the tests' own join: the names of the parts, and the event that it follows."""

    cause: Message
    parts: tuple[str, ...] = ()


def advance(state: Gathered | None, event: Message | Tick) -> Transition[Gathered]:
    """Request a part when opened, gather, answer at the part `end`, expire on a tick, obey any other end."""
    match event:
        case Tick():
            assert state is not None
            return Transition(state, (AnswerFinished(outcome="expired").after(state.cause),), closed=True)
        case AnswerFinished() | RequestCancelled():
            return Transition(state or Gathered(event), closed=True)
        case PartCompleted(part="bug"):
            raise ValueError("a bug in the reducer")
        case PartCompleted(part="end"):
            parts = state.parts if state is not None else ()
            return Transition(Gathered(event, parts), (ended(event, parts),), closed=True)
        case PartCompleted(part=part):
            following = replace(state, parts=(*state.parts, part)) if state is not None else Gathered(event, (part,))
            return Transition(following, (ask(event, part),), (Delta("progress", text=part),))
        case _:
            return Transition(Gathered(event), (ask(event, "opened"),))


def due_at(state: Gathered) -> float | None:
    return state.cause.envelope.deadline_at


def ask(cause: Message, part: str) -> Message:
    return RunTool(part=f"after {part}", call=CALL).after(cause)


def ended(cause: Message, parts: tuple[str, ...]) -> Message:
    return AnswerFinished(outcome="answered", text="+".join(parts)).after(cause)


class Scene:
    """A runner that is handed records one by one."""

    def __init__(self, publisher: FakePublisher | None = None, late: LateEvents[Gathered] | None = None) -> None:
        self.publisher = publisher or FakePublisher()
        self.deltas = FakeDeltas()
        self.errors: list[BaseException] = []
        self.finished: list[int] = []
        self.offset = -1
        self.clock = LoopClock()
        self.watchdog = Watchdog(self.errors.append, self.clock)
        place = RuntimeContext(SIGNER, self.publisher, self.clock, watchdog=self.watchdog)
        join = Join(PROGRESS, advance, due_at, self.deltas, late=late)
        self.runner = JoinRunner(join, place, self.errors.append)

    async def take(self, message: Message, partition: int = 0) -> None:
        """Hand over a message as the next record of the partition."""
        self.offset += 1
        delivery = self._delivery(message, self.offset, partition)
        with self.watchdog.working(delivery.record):
            await self.runner(delivery)

    def start(self, message: Message) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self.take(message))

    def _delivery(self, message: Message, offset: int, partition: int) -> Delivery:
        record = record_of(message, offset=offset, partition=partition)
        return Delivery(record, lambda: self.finished.append(offset))

    @property
    def published(self) -> list[str]:
        return said_by(self.publisher.messages)


def said_by(messages: list[Message]) -> list[str]:
    return [message.part if isinstance(message, RunTool) else outcome(message) for message in messages]


def outcome(message: Message) -> str:
    assert isinstance(message, AnswerFinished)
    return f"{message.outcome} {message.text}".strip()


class Talk:
    """The messages of one request."""

    def __init__(self, *, seconds: float = 60) -> None:
        self.origin = request(deadline_at=TEST_TIME_S + seconds)

    def opened(self) -> Message:
        question = Question(text="Why?")
        return RequestOpened(question=question, model="default", accepted_at=TEST_TIME_S).opening(self.origin)

    def part(self, name: str) -> Message:
        return PartCompleted(part=name, part_kind="tool").opening(self.origin)

    def cancelled(self) -> Message:
        return RequestCancelled(reason="client gone").opening(self.origin)


@asynccontextmanager
async def clocked(scene: Scene) -> AsyncIterator[Scene]:
    async with scene.runner:
        yield scene


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
