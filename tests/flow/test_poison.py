"""Poison records on every topic of a fleet at work: each is dead-lettered, without another effect."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from libs.contracts import catalogue
from libs.contracts.answer import AnswerFinished
from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import TOPICS
from libs.contracts.dead_letter import DeadLettered
from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.record import Record
from libs.core.clock import SystemClock
from libs.core.errors import Rejected
from libs.operations.dead_letters.letters import read_letters
from libs.operations.dead_letters.resolver import DeadLetterResolver
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Handler, Output, Service, Sink
from libs.testing.model_server import ModelServer
from libs.testing.poison import BUG_MARK, KINDS, Dose, every_poison
from libs.testing.waiting import eventually, waiting
from moe.registry import build_service
from tests.support.fleet import BACKOFF, PATIENCE_S, RETRIES, SIGNER, STAGES, Client, Stores, gateway_client
from tests.support.recorded_messages import kept

QUESTION = "How large should connection pools be, see #{}?"
Place = tuple[str, int, int]


async def keep_nothing(_record: Record) -> None:
    """Stand for the journal's store; the broker in memory is where the test looks."""


def buggy(service: Service) -> Service:
    return replace(service, handlers=tuple(map(_buggy, service.handlers)))


def _buggy(handler: Handler) -> Handler:
    @functools.wraps(handler)
    def handle(event: Message, deps: object) -> Awaitable[Output] | AsyncIterator[Message]:
        if BUG_MARK in event.model_dump_json():
            raise KeyError("the patient is called Ann")
        return handler(event, deps)

    return handle


@asynccontextmanager
async def fleet(
    stores: Stores, broker: MemoryBroker, change: Callable[[Service], Service] = lambda service: service
) -> AsyncIterator[Client]:
    """Run gateway, stages and a journal that stores nothing; `change` is done to each stage."""
    stages = [change(build_service(name, stores.variables)) for name in STAGES]
    journal = Service("journal", sinks=(Sink(keep_nothing),))
    services = [build_service("gateway", stores.variables), *stages, journal]
    options = ProcessOptions(SIGNER, backoff=BACKOFF, retries=RETRIES)
    async with (
        Fleet(services, MemoryBus(broker), options) as running,
        gateway_client(running.ports[0], broker) as client,
    ):
        yield client


def inject(broker: MemoryBroker, kinds: set[str]) -> dict[Place, str]:
    """Publish every poison record on its topic; return the position of each and the error of its letter."""
    placed = {}
    for poison in every_poison(Dose(SIGNER, time.time())):
        outgoing = poison.outgoing
        partitions = broker.logs[outgoing.topic.name]
        number = outgoing.partition(len(partitions))
        placed[outgoing.topic.name, number, len(partitions[number].records)] = poison.error
        broker.append(outgoing)
        kinds.add(poison.kind)
    return placed


def letters(broker: MemoryBroker) -> list[DeadLettered]:
    """Dead letters on the log that can be read."""
    found = (_read(record) for log in broker.logs["moe.pipeline.dead-letters.v1"] for record in log.records)
    return [message for message in found if isinstance(message, DeadLettered)]


def _read(record: Record) -> Message | None:
    try:
        return decode(record, verified_envelope(record, SIGNER))
    except Rejected:
        return None


def place_of(letter: DeadLettered) -> Place:
    return letter.record.topic, letter.record.partition, letter.record.offset


async def test_the_dead_letters_are_exactly_the_poison_and_neighbours_get_their_answers(
    valkey_url: str, tmp_path: Path
) -> None:
    broker, kinds = MemoryBroker(), set[str]()
    async with ModelServer() as models, fleet(Stores(models.url, valkey_url, tmp_path), broker, buggy) as client:
        neighbours = [asyncio.gather(*(client.answer(QUESTION.format(f"n{n}")) for n in range(10)))]
        placed = inject(broker, kinds)
        victim = await client.ask(f"{BUG_MARK}, see #bug")
        neighbours.append(asyncio.gather(*(client.answer(QUESTION.format(f"m{n}")) for n in range(10))))
        answers = [answer for group in neighbours for answer in await group]
        await eventually(lambda: len({letter.letter for letter in letters(broker)}) >= len(placed) + 1)
    assert {kind for kind in KINDS if kind != "handler bug"} == kinds
    dead = {place_of(letter): letter.error for letter in letters(broker)}
    bugs = {place for place, error in dead.items() if error == "internal_error"}
    assert {place: error for place, error in dead.items() if place not in bugs} == placed
    assert {place[0] for place in bugs} == {"moe.pipeline.question-asked.v1"}
    assert len(bugs) == 1
    assert victim.json()["error"]["code"] == "internal_error"
    assert [f"#{token}" in answer for answer, token in zip(answers, tokens(), strict=True)] == [True] * 20


def tokens() -> list[str]:
    return [f"n{n}" for n in range(10)] + [f"m{n}" for n in range(10)]


async def test_each_unsigned_record_is_audited(valkey_url: str, tmp_path: Path) -> None:
    broker = MemoryBroker()
    async with ModelServer() as models, fleet(Stores(models.url, valkey_url, tmp_path), broker):
        placed = inject(broker, set())
        unsigned = {place for place, error in placed.items() if error == "bad_signature"}
        await eventually(lambda: len(acts(broker)) >= len(unsigned))
    assert {act.target for act in acts(broker)} == {"/".join(map(str, place)) for place in unsigned}
    assert len(unsigned) == 2 * len(TOPICS)


def acts(broker: MemoryBroker) -> list[AuditRecorded]:
    found = (_read(record) for log in broker.logs["moe.audit"] for record in log.records)
    return [act for act in found if isinstance(act, AuditRecorded) and act.action == "message-rejected"]


async def test_a_dead_letter_of_a_fact_completes_its_request_once_when_it_is_replayed_after_the_fix(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merger is too old to know how parts end; its successor is not. Meanwhile the request waits."""
    broker, schema = MemoryBroker(), PartCompleted.schema_name()
    async with ModelServer() as models:
        stores = Stores(models.url, valkey_url, tmp_path)
        async with fleet(stores, broker) as client:
            with monkeypatch.context() as old:
                old.delitem(catalogue._BY_SCHEMA, schema)
                asking = asyncio.gather(client.answer(QUESTION.format("r1")))
                plan = await client_event(broker, PlanDrafted)
                await eventually(lambda: len(letters(broker)) >= len(plan.parts))
            assert not asking.done()
            for _ in range(2):  # the second time everything is settled
                await replay_all(broker)
            async with waiting(PATIENCE_S):
                (answer,) = await asking
            ends = [message for message in client_messages(broker) if isinstance(message, AnswerFinished)]
    assert "#r1" in answer
    assert len({end.envelope.event_id for end in ends}) == 1
    assert len({end.model_dump_json() for end in ends}) == 1


async def test_a_dead_letter_of_a_command_is_done_when_it_is_replayed_and_its_request_keeps_its_end(
    valkey_url: str, tmp_path: Path
) -> None:
    broker = MemoryBroker()
    async with ModelServer() as models:
        stores = Stores(models.url, valkey_url, tmp_path)
        async with fleet(stores, broker, buggy) as client:
            refused = await client.ask(f"{BUG_MARK}, see #c1")
        async with fleet(stores, broker) as client:
            await replay_all(broker)
            plan = await client_event(broker, PlanDrafted)
            await eventually(lambda: len(parts(broker)) >= len(plan.parts))
            ends = {
                message.model_dump_json() for message in client_messages(broker) if isinstance(message, AnswerFinished)
            }
    assert refused.json()["error"]["code"] == "internal_error"
    assert len(ends) == 1


def parts(broker: MemoryBroker) -> list[Message]:
    return [message for message in client_messages(broker) if isinstance(message, PartCompleted)]


async def replay_all(broker: MemoryBroker) -> None:
    """Do what `moe dlq replay --all --force` does."""
    journal = kept(broker.records())
    resolver = DeadLetterResolver(
        journal, BusPublisher(MemoryBus(broker), SIGNER), SIGNER, SystemClock(), "ops", force=True
    )
    for case in await read_letters(journal, SIGNER):
        await resolver.replay(case)


def client_messages(broker: MemoryBroker) -> list[Message]:
    return [message for record in broker.records() if (message := _read(record)) is not None]


async def client_event(broker: MemoryBroker, kind: type[PlanDrafted]) -> PlanDrafted:
    """Plan, waiting for it."""
    found: list[PlanDrafted] = []

    def there() -> bool:
        found[:] = [message for message in client_messages(broker) if isinstance(message, kind)]
        return bool(found)

    await eventually(there)
    return found[0]
