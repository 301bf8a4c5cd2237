"""Cost of the journal: bytes per request, and the speed of folding a chain."""

import asyncio
import itertools
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import asyncpg
import pytest
from verify_export import Rules, verify

from libs.adapters.journal.sealer import Sealer
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.login import logged_in
from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.contracts.topics import REQUESTS
from libs.core.chain import GENESIS, ChainHeader, commitment, link
from libs.core.database_roles import SEALER_ROLE
from libs.core.ids import new_response_id
from libs.core.key_roots import RootKeys
from libs.core.subjects import pseudonym
from libs.ports.llm import Completion, ModelRequest
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.keys import SIGNING_KEY
from libs.testing.stores import postgres
from services.journal.domain.entries import entry_of
from tests.bench.figures import Figures
from tests.support.journal.recording_publisher import RecordingPublisher
from tests.support.null_ports import NullModel, null_stages
from tests.support.tools.exports import SIGNER as CHECKPOINTS
from tests.support.tools.exports import Forge, lines_of, text_of

pytestmark = pytest.mark.embedded
REQUESTS_KEPT = 200
SIZE_GOAL = 30_000
FOLD_GOAL = 40_000
KEY = SIGNING_KEY
SIGNER = Signer(KEY.encode())
PROSE = "\n".join(path.read_text() for path in sorted(Path(__file__).parents[2].glob("docs/**/*.md")))
SIZES = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'moe'::regnamespace AND relkind = 'r'"
)


def prose(chance: Random, characters: int) -> str:
    """Piece of real text, another one each time."""
    start = chance.randrange(len(PROSE) - characters)
    return PROSE[start : start + characters]


class ProseModel(NullModel):
    """Answers every part with 1 kB of text that is never the same."""

    def __init__(self, tasks: int, chance: Random) -> None:
        super().__init__(tasks)
        self._chance = chance

    async def complete(self, request: ModelRequest) -> Completion:
        completion = await super().complete(request)
        head, found, _ = completion.text.partition("DETAILS: ")
        if not found:
            return completion
        return replace(completion, text=f"{head}{found}{prose(self._chance, 1000)}")


async def recorded(requests: int) -> list[Record]:
    """Records of a fleet for `requests` requests: a plan, four experts, the judge, the critic."""
    chance, broker = Random(4), MemoryBroker()
    bus, gateway_bus = MemoryBus(broker), MemoryBus(broker)
    publisher = BusPublisher(gateway_bus, SIGNER)
    async with Fleet(null_stages(4, ProseModel(4, chance)), bus, ProcessOptions(SIGNER)):
        for number in range(requests):
            await _ask(publisher, number, Question(text=prose(chance, 1000)))
        await _until_all_ended(broker, requests)
    return broker.records()


async def _ask(publisher: BusPublisher, number: int, question: Question) -> None:
    now = time.time()
    subject = pseudonym(KEY, "bench", f"user {number % 20}")
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    origin = Origin(new_response_id(0, now), "bench", deadline_at=now + 600, trace=trace, subject=subject)
    opened = RequestOpened(question=question, model="bench", accepted_at=now).opening(origin)
    await publisher.publish(opened, QuestionAsked(question=question).after(opened))


async def _until_all_ended(broker: MemoryBroker, requests: int) -> None:
    async with asyncio.timeout(600):
        for _ in itertools.count():
            if sum(record.topic == REQUESTS.name for record in broker.records()) >= requests:
                return
            await asyncio.sleep(0.05)


@pytest.mark.asyncio(loop_scope="session")
async def test_bytes_a_request(figures: Figures) -> None:
    """1 kB question, four parts of 1 kB, the judge, the critic; sealed, every 1,000 rows signed."""
    records = await recorded(REQUESTS_KEPT)
    ends = sum(AnswerFinished.schema_name().encode() in dict(each.headers).get("schema", b"") for each in records)
    assert ends >= REQUESTS_KEPT
    full = sum(
        len(each.key or b"") + len(each.value) + sum(len(name) + len(value) for name, value in each.headers)
        for each in records
    )
    async with postgres() as url:
        kept, cpu_us = await _stored(url, records)
    print(f"\n{len(records) / REQUESTS_KEPT:.1f} records a request, {full / REQUESTS_KEPT / 1000:.1f} kB in full size")
    figures.add("journal, size of a request", kept / REQUESTS_KEPT / 1000, "kB", f"<= {SIZE_GOAL / 1000:g}")
    figures.add("journal, CPU for a record, sealing included", cpu_us, "us")
    assert kept / REQUESTS_KEPT <= SIZE_GOAL


async def _stored(url: str, records: list[Record]) -> tuple[int, float]:
    secrets = JournalSecrets(KEY, RootKeys(KEY))
    sealer = Sealer(url, secrets, CheckpointSigner(KEY))
    async with PostgresJournal(url, secrets) as journal:
        owner = await asyncpg.connect(url)
        empty = await owner.fetchval(SIZES)
        started = time.process_time()
        await asyncio.gather(*(journal.append(entry_of(record, "", verifier(SIGNER))) for record in records))
        async with logged_in(url, KEY, SEALER_ROLE) as session:
            await sealer.round(session, RecordingPublisher())
        cpu_us = (time.process_time() - started) * 1_000_000 / len(records)
        assert await owner.fetchval("SELECT count(*) FROM moe.chain") == len(records)
        kept = await owner.fetchval(SIZES) - empty
        await owner.close()
    return int(kept), cpu_us


def test_folding_a_chain(figures: Figures) -> None:
    """Headers, commitments over 1 kB of ciphertext, links: the work of sealing and verifying for each row."""
    header = ChainHeader("bench", 1, "", REQUESTS.name, 0, 1, 1, 1, "e" * 36, "r" * 45, "request-logged.v1", "c" * 36)
    content, salt, count = bytes(1000), bytes(16), 50_000
    started = time.process_time()
    head = GENESIS
    for number in range(count):
        head = link(head, replace(header, sequence=number).canonical(), commitment(salt, content))
    rate = count / (time.process_time() - started)
    figures.add("journal, rows that a core links", rate, "rows/s", f">= {FOLD_GOAL}")


def test_verifying_an_export(figures: Figures) -> None:
    """The verifier of the auditors, JSON and a signature every 1,000 rows included."""
    rows = Forge().rows(20_000)
    lines = text_of(lines_of(rows, every=1000))
    started = time.process_time()
    state = verify(lines, Rules(frozenset({CHECKPOINTS.public_key})))
    rate = state.sequence / (time.process_time() - started)
    figures.add("journal, rows that a core verifies", rate, "rows/s", f">= {FOLD_GOAL}")
    assert state.sequence == len(rows)
