"""History of one request, drawn from a seed: its events, and the crashes of its join.

The real runner folds a log in memory in virtual time. Facts are lost, doubled, late and out of order; the client
may leave; the deadline passes at any time; and the process with the join may end between any two of its steps.
"""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer, WriteTrace
from libs.contracts.finding import Confidence
from libs.contracts.message import Message, PartMessage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted
from libs.contracts.topics import PROGRESS
from libs.core.tasks import TaskSet
from libs.ports.reducer import Join
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.bus import Subscription
from libs.runtime.messaging.codec import Outgoing, decode, encode, verified_envelope
from libs.testing.fake_clock import LoopClock
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.records import SIGNER
from services.merger.domain import Request, advance, due_at
from tests.support.merger.join_facts import (
    ACCEPTED_AT,
    DEADLINE_AT,
    OFFER_ABOVE,
    cancelled,
    candidate,
    computed,
    expert,
    failed,
    found,
    noted,
    opened,
    plan,
    thinking,
    tool,
)

M = TypeVar("M", bound=Message)
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")
LIFE_S = DEADLINE_AT - ACCEPTED_AT
AFTERLIFE_S = 200.0  # the deadline, both graces, and a last rebuilding
NEVER = 1_000_000


@dataclass
class World:
    """Everything around the join. `loss` and `doubling` are chances; `leaves_at` is when the client does, if at all."""

    rng: random.Random
    broker: MemoryBroker
    loss: float
    doubling: float
    planned: PlanDrafted
    leaves_at: float | None
    tasks: TaskSet = field(default_factory=lambda: TaskSet(_fail))
    answered: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Accept the request: its opening is on the log for certain, everything else may get lost."""
        self.put(opened(), certain=True)
        self.later(self.planned, 5)
        for part in self.planned.parts:
            if not part.needs:
                self.end_of(part)
        if self.leaves_at is not None:
            self.later(cancelled(), self.leaves_at)

    def react(self, message: Message) -> None:
        """Simulate the other stages' reaction to the first publication of each message of the join."""
        if message.envelope.event_id in self.answered:
            return
        self.answered.add(message.envelope.event_id)
        if isinstance(message, MergeAnswer):
            text = "+".join(result.part for result in message.results)
            self.later(AnswerFinished(outcome="answered", text=text).after(message), 30)
        elif isinstance(message, AnswerDrafted):
            self.later(AnswerFinished(outcome="answered", text=message.text).after(message), 30)
        elif isinstance(message, WriteTrace):
            self.later(noted() if self.rng.random() < 0.75 else failed(message.part), self.rng.choice((5, 40, 120)))
        elif isinstance(message, PartMessage):
            self.end_of(next(part for part in self.planned.parts if part.id == message.part))

    def end_of(self, part: PlannedPart) -> None:
        """Let a part end somehow, some time."""
        if self.rng.random() < 0.25:
            end: Message = failed(part.id, self.rng.choice(("model_unavailable", "invalid_argument")))
        elif part.kind == "tool":
            end = computed(part.id)
        else:
            confidence = self.rng.choice(CONFIDENCES)
            self.later(candidate(part.id, confidence), 20)
            end = found(part.id, confidence=confidence)
        self.later(end, self.rng.choice((5, 40, 120)))

    def later(self, message: Message, within_s: float) -> None:
        """Put a message on the log some time, perhaps never, perhaps several times."""
        if self.rng.random() < self.loss:
            return
        for _ in range(1 + (self.rng.randint(1, 3) if self.rng.random() < self.doubling else 0)):
            self.tasks.start(self._put_after(message, self.rng.uniform(0, within_s)))

    async def _put_after(self, message: Message, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.put(message)

    def put(self, message: Message, *, certain: bool = False) -> None:
        for outgoing in encode(message, SIGNER):
            if certain or outgoing.topic is PROGRESS or isinstance(message, AnswerFinished):
                self.broker.append(outgoing)


def _fail(error: BaseException) -> None:
    raise AssertionError(f"a task of the world failed: {error!r}")


class MortalPublisher:
    """Publishes for one life of a process. At its last step it signals this and publishes nothing more."""

    def __init__(self, world: World, dies_at: int) -> None:
        self._world = world
        self._steps_left = dies_at
        self.died = asyncio.Event()

    async def publish(self, *messages: Message) -> None:
        """Put messages on the log one by one; the process may end before, between and after them."""
        for message in messages:
            await self._step()
            for outgoing in encode(message, SIGNER):
                self._world.broker.append(outgoing)
            self._world.react(message)
        await self._step()

    async def forward(self, *records: Outgoing) -> None:
        raise AssertionError("a join passes nothing on")

    async def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            self.died.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)


@dataclass
class Life:
    """One process with the join, from its start to its end. `end` returns the offset that it committed."""

    world: World
    dies_at: int
    dies_after_s: float
    end: str = "crash"

    async def live(self) -> None:
        """Run until the process dies of one thing or the other."""
        bus, publisher = MemoryBus(self.world.broker), MortalPublisher(self.world, self.dies_at)
        join = Join(PROGRESS, partial(advance, offer_above=OFFER_ABOVE), due_at, FakeDeltas())
        place = RuntimeContext(SIGNER, publisher, LoopClock(ACCEPTED_AT))
        async with JoinRunner[Request](join, place, _fail) as runner:
            bus.add(Subscription("merger", PROGRESS.name, runner, ordered=True, listener=runner))
            await bus.start()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.dies_after_s):
                    await publisher.died.wait()
            await self._end(bus)

    async def _end(self, bus: MemoryBus) -> None:
        if self.end == "commit, crash":
            for member in bus._members:  # as the interval commit of a real broker would
                member._commit()
        await (bus.stop() if self.end == "stop" else bus.crash())


@dataclass(frozen=True)
class Ending:
    """Content of the log at the end; `unfinished` records are not committed."""

    planned: PlanDrafted
    messages: tuple[Message, ...]
    unfinished: int

    def all_of(self, kind: type[M]) -> list[M]:
        """Messages of a kind, those of one topic in the order of the log."""
        return [message for message in self.messages if isinstance(message, kind)]


async def lived(seed: int) -> Ending:
    """Play the history of a seed to its end."""
    rng = random.Random(seed)
    broker = MemoryBroker(partitions=1, clock=LoopClock(ACCEPTED_AT))
    world = World(
        rng=rng,
        broker=broker,
        loss=rng.choice((0.0, 0.0, 0.1, 0.4)),
        doubling=rng.choice((0.0, 0.3, 0.8)),
        planned=_plan(rng),
        leaves_at=rng.uniform(0, 120) if rng.random() < 0.3 else None,
    )
    world.begin()
    for _ in range(rng.choice((0, 0, 1, 2, 4))):
        end = rng.choice(("crash", "commit, crash", "stop"))
        await Life(world, rng.randint(0, 12), rng.uniform(1, LIFE_S), end).live()
        await asyncio.sleep(rng.choice((0.0, 1.0, 30.0)))
    await Life(world, NEVER, LIFE_S + AFTERLIFE_S, "stop").live()
    await world.tasks.cancel()
    return _ending(world)


def _ending(world: World) -> Ending:
    records = [record for logs in world.broker.logs.values() for log in logs for record in log.records]
    committed = world.broker.committed[f"merger.{PROGRESS.name}", 0]
    unfinished = len(world.broker.logs[PROGRESS.name][0].records) - committed.watermark
    messages = tuple(decode(record, verified_envelope(record, SIGNER)) for record in records)
    return Ending(world.planned, messages, unfinished)


def _plan(rng: random.Random) -> PlanDrafted:
    names = ("a", "b", "c", "d")[: rng.randint(1, 4)]
    parts = []
    for index, name in enumerate(names):
        needs = tuple(sorted(rng.sample(names[:index], rng.randint(0, min(index, 2))))) if index else ()
        parts.append(tool(name, needs=needs) if rng.random() < 0.4 else expert(name, "general", needs=needs))
    drafted = plan(*parts, critic=("medical_consult",) if rng.random() < 0.3 else ())
    return thinking(drafted) if rng.random() < 0.3 else drafted
