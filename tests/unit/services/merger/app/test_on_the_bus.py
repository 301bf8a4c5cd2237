"""The merger on the bus in memory: the join and the judge together, through the runtime."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted
from libs.contracts.record import Record
from libs.contracts.records import RequestLogged
from libs.contracts.staffing import ModelRef
from libs.contracts.topics import PROGRESS
from libs.ports.reducer import Join
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service, Sink
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import FakeLLM
from libs.testing.waiting import waiting
from services.merger.domain import advance, due_at
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from tests.support.merger.join_facts import (
    ACCEPTED_AT,
    OFFER_ABOVE,
    RESPONSE_ID,
    computed,
    expert,
    found,
    opened,
    plan,
    tool,
)

M = TypeVar("M", bound=Message)
SIGNER = Signer(b"sixteen bytes at least")


class StandingClock:
    """The time at which the request of the facts was accepted."""

    def now(self) -> float:
        return ACCEPTED_AT

    def monotonic(self) -> float:
        return 0.0


def merger(llm: FakeLLM, deltas: FakeDeltas) -> Service:
    deps = Deps(
        llm,
        deltas,
        ModelRef(model="magistral:24b", server="big"),
        JudgePrompt({"judge": "You are the judge."}, 2400),
        900,
    )
    join = Join(PROGRESS, partial(advance, offer_above=OFFER_ABOVE), due_at, deltas)
    return Service("merger", deps=deps, handlers=(merge_answer,), joins=(join,))


class Witness:
    """Reads every record of the fleet."""

    def __init__(self) -> None:
        self._heard: list[Message] = []
        self._news = asyncio.Condition()

    @property
    def service(self) -> Service:
        return Service("journal", sinks=(Sink(self._hear),))

    async def _hear(self, record: Record) -> None:
        async with self._news:
            self._heard.append(decode(record, verified_envelope(record, SIGNER)))
            self._news.notify_all()

    def all_of(self, kind: type[M]) -> list[M]:
        return [message for message in self._heard if isinstance(message, kind)]

    async def first(self, kind: type[M]) -> M:
        """First message of a kind, waiting for it."""
        async with waiting(60), self._news:
            await self._news.wait_for(lambda: self.all_of(kind))
        return self.all_of(kind)[0]


@asynccontextmanager
async def running(broker: MemoryBroker, *services: Service) -> AsyncIterator[BusPublisher]:
    bus = MemoryBus(broker)
    async with Fleet(services, bus, ProcessOptions(SIGNER, clock=StandingClock())):
        yield BusPublisher(bus, SIGNER)


async def test_parts_become_one_streamed_answer_and_one_log_record() -> None:
    witness, deltas = Witness(), FakeDeltas()
    service = merger(FakeLLM("RAID joins disks; 2+2 is 4."), deltas)
    async with running(MemoryBroker(), service, witness.service) as publisher:
        await publisher.publish(opened(), plan(tool("a"), expert("b")), computed("a"), found("b"))
        record = await witness.first(RequestLogged)
    assert (record.answer, record.outcome) == ("RAID joins disks; 2+2 is 4.", "answered")
    assert len(witness.all_of(RequestLogged)) == 1
    (stream,) = [delta.stream for delta in deltas.written[RESPONSE_ID] if delta.kind == "promote"]
    assert deltas.text(RESPONSE_ID, stream) == record.answer


async def test_a_merger_that_died_before_all_parts_were_in_takes_up_where_the_log_ends() -> None:
    broker, before, after = MemoryBroker(), Witness(), Witness()
    async with running(broker, merger(FakeLLM(), FakeDeltas()), before.service) as publisher:
        await publisher.publish(opened(), plan(tool("a"), expert("b")), computed("a"))
        await before.first(PartCompleted)
    async with running(broker, merger(FakeLLM("Both."), FakeDeltas()), after.service) as publisher:
        await publisher.publish(found("b"))
        assert (await after.first(RequestLogged)).answer == "Both."
    assert before.all_of(AnswerFinished) == []
