"""Poison, retries and the breaker on a real broker, where sizes are limited and offsets are committed."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import TOPICS
from libs.contracts.dead_letter import DeadLettered
from libs.contracts.message import Message
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.contracts.topics import DEAD_LETTERS, QUESTION_ASKED, RETRY_5M, RETRY_5S, RETRY_30S, RETRY_TOPICS
from libs.core.clock import SystemClock
from libs.core.errors import Retryable
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.codec import read
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service, Sink
from libs.runtime.settings import BusSettings
from libs.testing.poison import Dose, poisons
from libs.testing.records import SIGNER, request
from libs.testing.waiting import eventually, waiting

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
QUICK = RetryPolicy(waits=((RETRY_5S, 0.5), (RETRY_30S, 1.0), (RETRY_5M, 2.0)))
PATIENCE_S = 120.0  # ends a hang; not a limit of the test
TAIL_ONLY = ("moe.requests", "moe.audit", "moe.pipeline.answer-finished.v1", DEAD_LETTERS.name)


@dataclass
class Planner:
    """A planner with scripted failures, which counts its attempts at each question."""

    down: int = 0
    bug: bool = False
    calls: list[str] = field(default_factory=list)

    async def draft(self, event: QuestionAsked, _deps: object) -> PlanDrafted:
        self.calls.append(event.question.text)
        if self.bug:
            raise KeyError("a bug")
        if len(self.calls) <= self.down:
            raise Retryable("down")
        return PlanDrafted(parts=(), source="rule").after(event)


@dataclass
class Here:
    """A fleet on the broker, and all records of its journal."""

    bus: KafkaBus
    records: list[Record] = field(default_factory=list)

    async def keep(self, record: Record) -> None:
        self.records.append(record)

    async def say(self, *messages: Message) -> None:
        await BusPublisher(self.bus, SIGNER).publish(*messages)

    def letters(self) -> list[DeadLettered]:
        records = (record for record in self.records if record.topic == DEAD_LETTERS.name)
        return [letter for record in records if isinstance(letter := read(record, SIGNER), DeadLettered)]

    def heard(self, kind: type[Message], about: Message) -> int:
        """Number of messages of a kind about the same request, on any topic."""
        wanted = (kind.schema_name(), about.envelope.response_id)
        messages = (message.envelope for record in self.records if (message := read(record, SIGNER)) is not None)
        return sum((envelope.schema, envelope.response_id) == wanted for envelope in messages)

    def places_of(self, values: Collection[bytes]) -> set[tuple[str, int, int]]:
        return {(each.topic, each.partition, each.offset) for each in self.records if each.value in values}

    def topics_of(self, about: Message) -> set[str]:
        """Topics that have records of the same request."""
        return {record.topic for record in self.records if record.key == about.envelope.response_id.encode()}

    def ended(self) -> set[str]:
        messages = (read(record, SIGNER) for record in self.records)
        return {message.envelope.response_id for message in messages if isinstance(message, AnswerFinished)}


@asynccontextmanager
async def fleet(
    settings: BusSettings, planner: Planner, breaker: CircuitBreakerLimits | None = None
) -> AsyncIterator[Here]:
    bus = KafkaBus(settings)
    here = Here(bus)
    services = (
        Service("planner", handlers=(planner.draft,)),
        Service("merger", relays=RETRY_TOPICS),
        Service("journal", sinks=(Sink(here.keep),)),
    )
    options = ProcessOptions(SIGNER, retries=QUICK, breaker=breaker or CircuitBreakerLimits())
    async with Fleet(services, bus, options):
        yield here


async def until(met: Callable[[], bool]) -> None:
    await eventually(met, within_s=PATIENCE_S, look_every_s=0.2)  # each look reads the whole log


def asked() -> QuestionAsked:
    opening = request(deadline_at=SystemClock().now() + 600)
    return QuestionAsked(question=Question(text=f"Why, {opening.response_id}?")).opening(opening)


async def test_poison_becomes_a_dead_letter_and_a_good_question_between_is_answered(settings: BusSettings) -> None:
    dose, planner = Dose(SIGNER, SystemClock().now()), Planner()
    watched = {QUESTION_ASKED.name, RETRY_5S.name, *TAIL_ONLY}
    doses = [poison for topic in TOPICS if topic.name in watched for poison in poisons(topic, dose)]
    values = {poison.outgoing.value for poison in doses}
    async with fleet(settings, planner) as here:
        question = asked()
        await here.bus.send([poison.outgoing for poison in doses[::2]])
        await here.say(question)
        await here.bus.send([poison.outgoing for poison in doses[1::2]])
        await until(lambda: len({letter.letter for letter in here.letters()}) >= len(doses))
        await until(lambda: here.heard(PlanDrafted, question) == 1)
        dead = {(letter.record.topic, letter.record.partition, letter.record.offset) for letter in here.letters()}
        await until(lambda: dead <= here.places_of(values))  # the journal consumes each topic in its own time
    assert {place[0] for place in dead} == watched
    assert len(dead) == len(doses)
    assert planner.calls == [question.question.text]


async def test_a_command_waits_on_the_retry_topics_and_is_done(settings: BusSettings) -> None:
    planner, question = Planner(down=4), asked()
    async with fleet(settings, planner) as here:
        await here.say(question)
        await until(lambda: here.heard(PlanDrafted, question) == 1)
        await until(lambda: {topic.name for topic in RETRY_TOPICS} <= here.topics_of(question))
    assert len(planner.calls) == 5


async def test_a_consumer_that_meets_too_many_bugs_stops_and_its_successor_gets_the_records(
    settings: BusSettings,
) -> None:
    questions = [asked() for _ in range(12)]
    async with fleet(settings, Planner(bug=True), CircuitBreakerLimits(in_a_row=4)) as here:
        await here.say(*questions)
        async with waiting(PATIENCE_S):
            await here.bus.failed.wait()
    mended = Planner()
    async with fleet(settings, mended) as there:
        there.records += here.records

        def lost() -> list[QuestionAsked]:
            ended = there.ended()
            alive = (each for each in questions if each.envelope.response_id not in ended)
            return [each for each in alive if each.question.text not in mended.calls]

        await until(lambda: lost() == [])
    ended = there.ended() & {each.envelope.response_id for each in questions}
    assert len(ended) <= 3, "no letter of a record at which the consumer stopped"
