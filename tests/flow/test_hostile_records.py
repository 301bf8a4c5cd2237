"""Hostile numbers and texts in every field of every message, on the log before the fleet starts and while it runs.

No process ends, no partition is blocked, no other record is lost, and usage is the sum of the valid records.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.usage_store import MOST_TOKENS
from libs.contracts.dead_letter import DeadLettered
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.origin import Origin
from libs.contracts.record import Record
from libs.contracts.records import CallsLogged, RequestLogged
from libs.contracts.topics import REQUESTS, Topic
from libs.core.errors import Rejected
from libs.core.ids import new_response_id
from libs.core.outside_numbers import is_unix_time
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import Outgoing, decode, placed_by, verified_envelope
from libs.testing.fake_usage_store import FakeUsageStore
from libs.testing.hostile import Case, Json, cases_of, drawn, full_documents
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer
from libs.testing.stores import postgres
from tests.support.fleet import PATIENCE_S, SIGNER, THINKING, Client, Stores, gateway_client, process

pytestmark = pytest.mark.embedded
SEED = 13
CUT = 400
LIFE_S = 3.0  # of a hostile request: a join that it opened closes then
KEY = SIGNING_KEY  # the test fleet's own
TENANT = "hostile"
NEIGHBOUR = "Why are pools bounded, see #{}?"


@dataclass(frozen=True)
class Place:
    """A fleet with a journal in front of one log and one database."""

    broker: MemoryBroker
    stores: Stores
    owner_url: str

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Client, MemoryBus]]:
        """Run all services in one process."""
        bus = MemoryBus(self.broker)
        async with (
            process(("gateway", *THINKING, "journal"), bus, self.stores) as fleet,
            gateway_client(fleet.ports[0], self.broker) as client,
        ):
            yield client, bus

    async def booked(self) -> Usage:
        lines = await PostgresBudgetAdmin(self.owner_url, KEY, TENANT).usage("user", 36_500)
        return Usage(
            prompt_tokens=sum(line.prompt_tokens for line in lines),
            completion_tokens=sum(line.completion_tokens for line in lines),
        )

    def letters(self) -> dict[tuple[str, int, int], DeadLettered]:
        """The journal's own dead letters, by position of the record."""
        messages = (readable(record) for record in self.broker.records())
        letters = (each for each in messages if isinstance(each, DeadLettered) and each.stage == "journal")
        return {(each.record.topic, each.record.partition, each.record.offset): each for each in letters}


@pytest_asyncio.fixture
async def owner_url() -> AsyncIterator[str]:
    async with postgres() as url:
        await migrated(url, KEY)
        yield url


def hostile_records(count: int, deadline_at: float) -> list[Outgoing]:
    """Hostile records of all messages, on each of their topics: signed, as by a producer with a bug."""
    found = [(kind, case) for kind, document in documents().items() for case in cases_of(document, foreign=False)]
    return [lying(kind, case, topic, deadline_at) for kind, case in drawn(found, count, SEED) for topic in kind.topics]


def documents() -> Mapping[type[Message], Json]:
    """Document of each message; that of a request's record can be booked as it is."""
    full = dict(full_documents())
    record = full[RequestLogged]
    assert isinstance(record, dict)
    assert isinstance(record["account"], dict)
    account = record["account"] | {"chunks": ["00000000-0000-4000-8000-000000000000"]}
    return full | {RequestLogged: record | {"account": account, "ts": time.time()}}


def lying(kind: type[Message], case: Case, topic: Topic, deadline_at: float) -> Outgoing:
    response_id = new_response_id(0, deadline_at - 60)
    origin = Origin(response_id, TENANT, deadline_at=deadline_at)
    bound = next(each for each in EXAMPLES if type(each) is kind).opening(origin)
    headers = bound.envelope.headers(SIGNER.sign(bound.envelope, case.body))
    return Outgoing(topic, response_id.encode(), placed_by(topic, bound), headers, case.body)


def readable(record: Record) -> Message | None:
    try:
        return decode(record, verified_envelope(record, SIGNER))
    except Rejected:
        return None


def can_be_booked(message: Message) -> bool:
    """Decide, independently of the usage store, which records no table accepts."""
    if isinstance(message, CallsLogged):
        return all(is_possible(call.usage) and "\0" not in call.id for call in message.calls)
    assert isinstance(message, RequestLogged)
    account = message.account
    chunks = all(re.fullmatch(r"[0-9a-f-]{36}", chunk) and UUID(chunk) for chunk in account.chunks)
    names = "\0" not in "".join(message.calls)
    return (
        is_possible(message.usage)
        and is_unix_time(message.ts)
        and bool(chunks)
        and names
        and 0 <= account.reserved < 2**63
    )


def is_possible(usage: Usage) -> bool:
    return 0 <= usage.prompt_tokens <= MOST_TOKENS and 0 <= usage.completion_tokens <= MOST_TOKENS


async def served(place: Place, records: Sequence[Outgoing]) -> None:
    """Put half of the records on the log, start the fleet on them, add the rest, and wait until all are done."""
    for record in records[::2]:
        place.broker.append(record)
    async with place.running() as (client, bus):
        asking = asyncio.gather(*(client.answer(NEIGHBOUR.format(f"n{number}")) for number in range(5)))
        for record in records[1::2]:
            place.broker.append(record)
        answers = await asking
        for name in (*THINKING, "journal"):
            assert await bus.caught_up(name, PATIENCE_S * 5), f"{name} is held up"
        assert not bus.failed.is_set()
        assert [f"#n{number}" in answer for number, answer in enumerate(answers)] == [True] * 5


async def check(place: Place, count: int) -> None:
    """Feed so many hostile records to the fleet; compare its dead letters and usage with the expected ones."""
    await served(place, hostile_records(count, time.time() + LIFE_S))
    told = {
        (record.topic, record.partition, record.offset): message
        for log in place.broker.logs[REQUESTS.name]
        for record in log.records
        if isinstance(message := readable(record), RequestLogged | CallsLogged)
    }
    refused = {where for where, letter in place.letters().items() if letter.error == "unstorable"}
    expected = {where for where, message in told.items() if not can_be_booked(message)}
    assert refused == expected, [str(told.get(where)) for where in refused ^ expected]
    assert [letter for letter in place.letters().values() if letter.error == "internal_error"] == []
    assert await place.booked() == await summed([each for where, each in told.items() if where not in refused])


async def summed(told: Sequence[RequestLogged | CallsLogged]) -> Usage:
    """Usage of all requests of the tenant."""
    books = FakeUsageStore()
    for each in told:
        await (books.record_usage(each) if isinstance(each, RequestLogged) else books.record_late_calls(each))
    requests = (each.envelope for each in books.usage_by_request.values() if each.envelope.tenant == TENANT)
    return sum((books.usage(envelope) for envelope in requests), start=Usage())


async def test_hostile_records_cost_nobody_else_anything(owner_url: str, valkey_url: str, tmp_path: Path) -> None:
    await check_in(CUT, owner_url, valkey_url, tmp_path)


@pytest.mark.whole
@pytest.mark.slow
async def test_every_hostile_record_costs_nobody_else_anything(owner_url: str, valkey_url: str, tmp_path: Path) -> None:
    await check_in(100_000, owner_url, valkey_url, tmp_path)


async def check_in(count: int, owner_url: str, valkey_url: str, folder: Path) -> None:
    extra = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(KEY)}
    async with ModelServer() as models:
        await check(Place(MemoryBroker(), Stores(models.url, valkey_url, folder, extra), owner_url), count)
