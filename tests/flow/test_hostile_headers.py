"""Hostile texts in every header of every message, under a valid signature: no process ends, no other record is lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.contracts.examples import EXAMPLES
from libs.contracts.origin import Origin
from libs.contracts.record import Record
from libs.core.ids import new_response_id
from libs.runtime.memory import MemoryBroker
from libs.testing.hostile import drawn
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.model_server import ModelServer
from libs.testing.stores import postgres
from tests.flow.test_hostile_records import LIFE_S, NEIGHBOUR, Place
from tests.support.fleet import PATIENCE_S, SIGNER, THINKING, Stores

pytestmark = pytest.mark.embedded
TEXTS = (
    "",
    "\0",
    "a\nb",
    "no id",
    "x" * 70_000,
    "." * 40,
    "\u202e\U0001f600\uffff",
    "chatcmpl-ffffffff-ffff-8fff-bfff-ffffffffffff",
    "chatcmpl-00000000-0000-8000-8000-000000000000",
    "[" * 3000 + "]" * 3000,
    '[{"kind":"now","value":1e999}]',
    '[{"kind":7}]',
    "9" * 400,
)
COUNT, SEED = 120, 7
FIELDS = ("event_id", "response_id", "tenant", "causation_id", "schema", "trace", "subject", "reads")


@pytest_asyncio.fixture
async def owner_url() -> AsyncIterator[str]:
    async with postgres() as url:
        await migrated(url, SIGNING_KEY)
        yield url


def hostile(deadline_at: float) -> Iterator[Record]:
    number = 0
    for example in EXAMPLES:
        origin = Origin(new_response_id(0, deadline_at - 60), "hostile", deadline_at=deadline_at)
        whole = example.opening(origin).envelope
        for name, text in product(FIELDS, TEXTS):
            envelope = replace(whole, **{name: text})  # type: ignore[arg-type]  # all of them are texts
            for topic in example.topics:
                number += 1
                body = example.body()
                headers = (*envelope.headers(SIGNER.sign(envelope, body)), ("contracts", b"1"))
                yield Record(
                    topic.name, number % 3, 0, int(time.time() * 1000), envelope.response_id.encode(), headers, body
                )


def put(broker: MemoryBroker, record: Record) -> None:
    partitions = broker.logs[record.topic]
    at = partitions[record.partition % len(partitions)]
    at.append(replace(record, partition=record.partition % len(partitions), offset=len(at.records)))


async def test_hostile_headers_under_a_valid_signature_stop_no_process(
    owner_url: str, valkey_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as model:
        broker = MemoryBroker()
        extra = {"POSTGRES_CHECKPOINT_URL": owner_url, **every_root(SIGNING_KEY)}
        place = Place(broker, Stores(model.url, valkey_url, tmp_path, extra), owner_url)
        records = drawn(list(hostile(time.time() + LIFE_S)), COUNT, SEED)
        for record in records[::2]:
            put(broker, record)
        async with place.running() as (client, bus):
            asking = asyncio.gather(*(client.answer(NEIGHBOUR.format(f"n{number}")) for number in range(5)))
            for record in records[1::2]:
                put(broker, record)
            answers = await asking
            for name in (*THINKING, "journal"):
                assert await bus.caught_up(name, PATIENCE_S * 5), f"{name} is held up"
            assert not bus.failed.is_set()
        assert [f"#n{number}" in answer for number, answer in enumerate(answers)] == [True] * 5
