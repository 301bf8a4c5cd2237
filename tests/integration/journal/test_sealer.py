"""Rows become a chain without gap or fork, with several sealers and late writers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.checkpoints import CheckpointRule
from libs.adapters.journal.pool import migrated
from libs.adapters.journal.sealer import Sealer, SealingLimits, require_sealable
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.journal.writer import JournalLimits, PostgresJournal
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import Connection
from libs.contracts.audit import AuditRecorded
from libs.contracts.checkpoint import ChainCheckpointed
from libs.core.chain import GENESIS, ChainHeader, commitment, link
from libs.core.database_roles import JOURNAL_ROLE, SEALER_ROLE
from libs.core.errors import ConfigurationError, Retryable
from libs.core.tasks import TaskSet
from libs.embedded.postgres import Postgres
from libs.ports.journal import Claims, JournalEntry, Owner, Position
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.fake_clock import FakeClock
from libs.testing.keys import AUDIT_KEY
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import eventually
from tests.support.journal.recording_publisher import RecordingPublisher

pytestmark = pytest.mark.embedded
LATE_ROW = """
INSERT INTO moe.journal (log_id, topic, partition, "offset", timestamp_ms, tenant, commitment)
VALUES ('', 'late', 0, 0, 0, 'acme', '')
"""


def entry(offset: int, tenant: str = "acme", schema: str = "x.v1") -> JournalEntry:
    place = Position("", "moe.requests", 0, offset)
    claims = Claims(event_id=f"e{offset}", response_id="r", schema=schema)
    return JournalEntry(place, 5, None, (), b"{}", claims, Owner(tenant))


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest_asyncio.fixture
async def session(journal: PostgresJournal, owner_url: str, secrets: JournalSecrets) -> AsyncIterator[Connection]:
    async with logged_in(owner_url, secrets.passwords, SEALER_ROLE) as connection:
        yield connection


@pytest_asyncio.fixture
async def owner(journal: PostgresJournal, owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


def sealer(url: str, secrets: JournalSecrets, rule: CheckpointRule | None = None) -> Sealer:
    limits = SealingLimits(rows=7, checkpoints=rule or CheckpointRule())
    return Sealer(url, secrets, CheckpointSigner(AUDIT_KEY), limits, FakeClock(1_700_000_000.0))


async def append(journal: PostgresJournal, entries: Sequence[JournalEntry]) -> None:
    await asyncio.gather(*(journal.append(each) for each in entries))


async def chain_of(owner: Connection, tenant: str) -> list[asyncpg.Record]:
    query = """
        SELECT c.sequence, c.hash, j.* FROM moe.chain c JOIN moe.journal j ON j.id = c.row_id
        WHERE c.tenant = $1 ORDER BY c.sequence
    """
    return await owner.fetch(query, tenant)


def assert_links(rows: Sequence[asyncpg.Record]) -> None:
    """Recompute the chain from the stored rows."""
    previous = GENESIS
    for number, row in enumerate(rows, start=1):
        header = ChainHeader(
            row["tenant"], number, row["log_id"], row["topic"], row["partition"], row["offset"], row["timestamp_ms"],
            row["received_us"], row["event_id"], row["response_id"], row["schema"], row["causation_id"],
        )  # fmt: skip
        assert commitment(row["salt"], row["content"]) == row["commitment"]
        previous = link(previous, header.canonical(), row["commitment"])
        assert (row["sequence"], row["hash"]) == (number, previous)


async def test_each_tenant_has_a_chain_of_its_own(
    journal: PostgresJournal, session: Connection, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(offset, "acme" if offset % 3 else "zeta") for offset in range(40)])
    await sealer(owner_url, secrets).round(session, RecordingPublisher())
    await append(journal, [entry(offset) for offset in range(40, 50)])
    await sealer(owner_url, secrets).round(session, RecordingPublisher())
    assert len(await chain_of(owner, "acme")) == 36
    assert len(await chain_of(owner, "zeta")) == 14
    assert_links(await chain_of(owner, "acme"))
    assert_links(await chain_of(owner, "zeta"))


async def test_many_sealers_make_one_chain(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(offset, f"tenant-{offset % 5}") for offset in range(100)])

    async def seal_for_a_while() -> None:
        async with logged_in(owner_url, secrets.passwords, SEALER_ROLE) as connection:
            for _ in range(10):
                await sealer(owner_url, secrets).round(connection, RecordingPublisher())

    await asyncio.gather(*(seal_for_a_while() for _ in range(4)))
    for number in range(5):
        rows = await chain_of(owner, f"tenant-{number}")
        assert len(rows) == 20
        assert_links(rows)


async def test_a_late_committer_is_not_skipped(
    journal: PostgresJournal, session: Connection, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    ours = sealer(owner_url, secrets)
    async with logged_in(owner_url, secrets.passwords, JOURNAL_ROLE) as late:
        transaction = late.transaction()
        await transaction.start()
        await late.execute("SELECT set_config('moe.tenant', 'acme', true)")
        await late.execute(LATE_ROW)
        await journal.append(entry(1))  # committed later than the late row was written, and before it is committed
        await ours.round(session, RecordingPublisher())
        assert await chain_of(owner, "acme") == []
        await transaction.commit()
    await ours.round(session, RecordingPublisher())
    assert [row["topic"] for row in await chain_of(owner, "acme")] == ["late", "moe.requests"]


async def test_a_second_link_with_a_number_is_refused(
    journal: PostgresJournal, session: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1), entry(2)])
    await sealer(owner_url, secrets).round(session, RecordingPublisher())
    with pytest.raises(asyncpg.UniqueViolationError):
        await session.execute("INSERT INTO moe.chain (tenant, sequence, row_id, hash) VALUES ('acme', 2, 3, '')")


async def test_the_head_is_signed_after_enough_rows_and_said_once(
    journal: PostgresJournal, session: Connection, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    said, ours = RecordingPublisher(), sealer(owner_url, secrets, CheckpointRule(rows=5, seconds=60))
    await append(journal, [entry(offset) for offset in range(4)])
    await ours.round(session, said)
    assert said.messages == []
    await append(journal, [entry(4)])
    await ours.round(session, said)
    await ours.round(session, said)
    (message,) = said.messages
    assert isinstance(message, ChainCheckpointed)
    assert message.envelope.tenant == "acme"
    assert (message.chain, message.sequence, message.key) == ("acme", 5, CheckpointSigner(AUDIT_KEY).public_key)
    assert bytes.fromhex(message.hash) == (await chain_of(owner, "acme"))[-1]["hash"]


async def test_the_head_is_signed_after_a_while_but_checkpoints_alone_call_for_none(
    journal: PostgresJournal, session: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    said, ours = RecordingPublisher(), sealer(owner_url, secrets, CheckpointRule(rows=100, seconds=0))
    await append(journal, [entry(1)])
    await ours.round(session, said)
    assert len(said.messages) == 1
    await append(journal, [entry(2, schema="chain-checkpointed.v1")])
    await ours.round(session, said)
    assert len(said.messages) == 1


async def test_a_head_that_was_sealed_before_the_clock_went_back_an_hour_is_signed_at_once(
    journal: PostgresJournal, session: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    said, clock = RecordingPublisher(), FakeClock(1_700_000_000.0)
    ours = Sealer(owner_url, secrets, CheckpointSigner(AUDIT_KEY), SealingLimits(), clock)
    await append(journal, [entry(1)])
    await ours.round(session, said)
    assert said.messages == []
    clock.step(-3600)
    await ours.round(session, said)
    assert len(said.messages) == 1


async def test_what_could_not_be_said_is_said_later(
    journal: PostgresJournal, session: Connection, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    said, ours = RecordingPublisher(), sealer(owner_url, secrets, CheckpointRule(rows=1))
    await owner.execute(
        "INSERT INTO moe.audit_outbox (tenant, action, actor, target) VALUES ('acme', 'hold-placed', 'ada', 'h1')"
    )
    await append(journal, [entry(1)])
    said.away = True
    with pytest.raises(Retryable):
        await ours.round(session, said)
    said.away = False
    await ours.round(session, said)
    await ours.round(session, said)
    assert [type(message) for message in said.messages] == [ChainCheckpointed, AuditRecorded]
    assert [message.envelope.tenant for message in said.messages] == ["acme", "acme"]


async def test_a_restored_journal_is_sealed_on_after_an_owner_has_looked_at_it(
    journal: PostgresJournal, session: Connection, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    ours = sealer(owner_url, secrets)
    await append(journal, [entry(1), entry(2)])
    await ours.round(session, RecordingPublisher())
    await append(journal, [entry(3)])
    for table in ("journal", "seals"):  # as if by transactions that this cluster has yet to have
        await owner.execute(f"UPDATE moe.{table} SET xact = xact + 1000000000 WHERE xact > 0")
    await append(journal, [entry(4)])
    with pytest.raises(ConfigurationError, match="run `moe migrate`"):
        await require_sealable(session)
    await migrated(owner_url, secrets.passwords)
    await require_sealable(session)
    await ours.round(session, RecordingPublisher())
    rows = await chain_of(owner, "acme")
    assert [row["offset"] for row in rows] == [1, 2, 3, 4]
    assert_links(rows)


async def test_a_sealer_says_what_keeps_it_and_goes_on_when_it_can(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1)])
    said = RecordingPublisher()
    said.away = True
    limits = SealingLimits(pause_s=0.01, again_s=0.01, checkpoints=CheckpointRule(rows=1))
    ours = Sealer(owner_url, secrets, CheckpointSigner(AUDIT_KEY), limits)
    errors: list[BaseException] = []
    tasks = TaskSet(errors.append)
    tasks.start(ours(said))
    await eventually(ours.problem, within_s=WAIT_TIMEOUT_S)
    said.away = False

    async def recovered() -> bool:
        return bool(said.messages) and await ours.problem() is None

    await eventually(recovered, within_s=WAIT_TIMEOUT_S)
    await tasks.cancel()
    assert errors == []
    assert len(await chain_of(owner, "acme")) == 1


async def test_a_server_that_was_killed_is_sealed_on_without_gap(secrets: JournalSecrets) -> None:
    limits = SealingLimits(pause_s=0.01, again_s=0.05, rows=7)
    errors: list[BaseException] = []
    tasks = TaskSet(errors.append)
    with throw_away_folders() as folders:
        async with running(Postgres(folders)) as server:
            url = server.launch.gives.postgres_url
            assert url is not None
            async with PostgresJournal(url, secrets, JournalLimits(wait_s=WAIT_TIMEOUT_S)) as journal:
                tasks.start(Sealer(url, secrets, CheckpointSigner(AUDIT_KEY), limits)(RecordingPublisher()))
                written: list[int] = []

                async def write() -> None:
                    for offset in range(150):
                        await journal.append(entry(offset))
                        written.append(offset)

                tasks.start(write())
                for count in (20, 60, 100):  # the server dies with some of them written and some of those sealed
                    await eventually(
                        partial(lambda least: len(written) >= least, count), within_s=WAIT_TIMEOUT_S, look_every_s=0.005
                    )
                    assert len(written) < 150
                    server.kill()
                    await server.stop()
                    await server.restart()
                assert_links(await _all_sealed(url, 150))
            await tasks.cancel()
    assert errors == []


async def _all_sealed(url: str, count: int) -> list[asyncpg.Record]:
    owner = await asyncpg.connect(url)

    async def every_row() -> list[asyncpg.Record] | None:
        rows = await chain_of(owner, "acme")
        return rows if len(rows) >= count else None

    rows = await eventually(every_row, within_s=WAIT_TIMEOUT_S, look_every_s=0.02)
    await owner.close()
    return rows


async def test_the_sealer_sees_no_content(session: Connection) -> None:
    for column in ("content", "salt", "tag"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.execute(f"SELECT {column} FROM moe.journal")
