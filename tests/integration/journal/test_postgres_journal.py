"""Keeping records: committed when it returns, once each, many at a time, and again after the server was away."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.writer import JournalLimits, PostgresJournal
from libs.adapters.postgres.sessions import AS_TENANT, AS_WRITER
from libs.contracts.record import Record
from libs.core.batching import BatchLimits
from libs.core.errors import ConfigurationError, Retryable
from libs.embedded.postgres import Postgres
from libs.ports.journal import JournalEntry, PositionTaken
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.stores import running, throw_away_folders
from libs.testing.waiting import waiting
from services.journal.domain.entries import entry_of

pytestmark = pytest.mark.embedded
SIGNER = Signer(b"a key of the tests' own fleet")
RECORD = Record(
    topic="moe.pipeline.progress.v1",
    partition=3,
    offset=7,
    timestamp_ms=1_700_000_000_123,
    key=b"chatcmpl-1",
    headers=(("event_id", b"e1"), ("response_id", b"chatcmpl-1"), ("tenant", b"acme"), ("blob", b"\x00\xff")),
    value=b'{"kind":"x"}',
)


def entry_at(offset: int, value: bytes = b"{}") -> JournalEntry:
    return entry_of(replace(RECORD, offset=offset, value=value), "", verifier(SIGNER))


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


async def rows_of(url: str, query: str = "SELECT * FROM moe.journal") -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def kept_in_the_end(journal: PostgresJournal, entry: JournalEntry) -> None:
    """Append until the server has stored it, as the runtime does: the server may be slow or restart."""
    async with waiting(WAIT_TIMEOUT_S):
        while True:
            try:
                return await journal.append(entry)
            except Retryable:
                await asyncio.sleep(0.05)


async def test_an_entry_is_committed_when_append_returns(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    entry = entry_of(RECORD, "log-1", verifier(SIGNER))
    await journal.append(entry)
    (kept,) = await PostgresJournalReader(owner_url, secrets).history("chatcmpl-1")
    assert kept.entry == entry
    assert kept.received_at > RECORD.timestamp_ms / 1000


async def test_the_same_entry_again_changes_nothing(journal: PostgresJournal, owner_url: str) -> None:
    await asyncio.gather(*(journal.append(entry_at(1)) for _ in range(5)))
    await journal.append(entry_at(1))
    assert len(await rows_of(owner_url)) == 1


async def test_another_record_at_a_kept_position_is_refused_and_its_neighbours_are_kept(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await journal.append(entry_at(1))
    other, new = await asyncio.gather(
        journal.append(entry_at(1, b'"other"')), journal.append(entry_at(2)), return_exceptions=True
    )
    assert isinstance(other, PositionTaken)
    assert "MOE_LOG_INCARNATION" in str(other)
    assert new is None
    kept = await PostgresJournalReader(owner_url, secrets).history("chatcmpl-1")
    assert [row.entry.payload for row in kept] == [b"{}", b"{}"]


async def test_the_same_position_of_another_log_is_another_place(journal: PostgresJournal, owner_url: str) -> None:
    first = entry_at(1)
    second = replace(first, position=replace(first.position, log_id="after-the-restart"), payload=b'"other"')
    await journal.append(first)
    await journal.append(second)
    assert len(await rows_of(owner_url)) == 2


async def test_concurrent_appends_share_an_insert(journal: PostgresJournal, owner_url: str) -> None:
    await asyncio.gather(*(journal.append(entry_at(offset)) for offset in range(300)))
    (found,) = await rows_of(
        owner_url, "SELECT count(*) AS rows, count(DISTINCT xmin::text) AS inserts FROM moe.journal"
    )
    assert found["rows"] == 300
    assert found["inserts"] <= 3


async def test_two_replicas_with_the_same_records_keep_each_once(owner_url: str, secrets: JournalSecrets) -> None:
    small = JournalLimits(BatchLimits(items=7, linger_s=0.001))
    async with (
        PostgresJournal(owner_url, secrets, small) as one,
        PostgresJournal(owner_url, secrets, small) as other,
    ):
        forwards = (one.append(entry_at(offset)) for offset in range(200))
        backwards = (other.append(entry_at(offset)) for offset in reversed(range(200)))
        await asyncio.gather(*forwards, *backwards)
    assert len(await rows_of(owner_url)) == 200


RECORDS = st.builds(
    Record,
    topic=st.just("moe.linting"),
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp_ms=st.integers(-1, 2**63 - 1),
    key=st.none() | st.binary(max_size=40),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["event_id", "response_id", "tenant", "schema", "causation_id"]) | st.text(max_size=8),
            st.binary(max_size=30) | st.just(b"x" * 5000) | st.just(b"nul\0") | st.text(max_size=9).map(str.encode),
        ),
        max_size=6,
    ).map(tuple),
    value=st.binary(max_size=60),
)


def test_whatever_lies_on_the_log_is_kept_byte_for_byte(server_url: str, secrets: JournalSecrets) -> None:
    with asyncio.Runner() as runner:

        @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(RECORDS, max_size=8, unique_by=lambda record: (record.partition, record.offset)))
        def keep(records: list[Record]) -> None:
            runner.run(_kept(server_url, secrets, records))

        keep()


async def _kept(url: str, secrets: JournalSecrets, records: list[Record]) -> None:
    log_id = os.urandom(8).hex()
    entries = [entry_of(record, log_id, verifier(SIGNER)) for record in records]
    async with PostgresJournal(url, secrets) as journal:
        await asyncio.gather(*(journal.append(entry) for entry in entries))
    reader = PostgresJournalReader(url, secrets)
    ids = {entry.claims.response_id for entry in entries if entry.claims.response_id is not None}
    histories = [await reader.history(response_id) for response_id in ids]
    read_back = {row.entry.position: row.entry for history in histories for row in history}
    for entry in entries:
        if entry.claims.response_id is not None:
            assert read_back[entry.position] == entry


async def test_a_commit_reported_is_on_disk_whatever_the_server_s_default(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    assert await connection.fetchval("SHOW synchronous_commit") == "off"
    for statement in (AS_TENANT, AS_WRITER):
        async with connection.transaction():
            await connection.execute(statement, "acme")
            assert await connection.fetchval("SHOW synchronous_commit") == "on"
    await connection.close()


async def test_a_server_that_is_away_is_retryable_in_bounded_time_and_found_again(secrets: JournalSecrets) -> None:
    limits = JournalLimits(wait_s=1.0)
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=False)) as server:
            url = server.launch.gives.postgres_url
            assert url is not None
            async with PostgresJournal(url, secrets, limits) as journal:
                await kept_in_the_end(journal, entry_at(1))
                server.kill()
                await server.stop()
                async with waiting(WAIT_TIMEOUT_S):
                    with pytest.raises(Retryable, match="Postgres"):
                        await journal.append(entry_at(2))
                assert "Postgres" in (await journal.problem() or "")
                await server.restart()
                await kept_in_the_end(journal, entry_at(2))
                assert await journal.problem() is None
            assert len(await rows_of(url)) == 2


async def test_a_server_that_is_away_at_the_start_is_found_later(secrets: JournalSecrets) -> None:
    with throw_away_folders() as folders:
        async with running(Postgres(folders, durable=False)) as server:
            url = server.launch.gives.postgres_url
            assert url is not None
            server.kill()
            await server.stop()
            async with PostgresJournal(url, secrets, JournalLimits(wait_s=WAIT_TIMEOUT_S)) as journal:
                waiting = asyncio.gather(journal.append(entry_at(1)))
                await server.restart()
                await waiting


async def test_a_session_that_hangs_is_given_up_in_bounded_time(owner_url: str, secrets: JournalSecrets) -> None:
    async with PostgresJournal(owner_url, secrets, JournalLimits(wait_s=1.0)) as journal:
        backend = await (await journal.pool()).fetchval("SELECT pg_backend_pid()")
        os.kill(backend, signal.SIGSTOP)
        try:
            async with waiting(WAIT_TIMEOUT_S):
                with pytest.raises(Retryable, match="no answer"):
                    await journal.append(entry_at(1))
            await kept_in_the_end(journal, entry_at(2))
        finally:
            os.kill(backend, signal.SIGCONT)


async def test_a_wrong_password_stops_the_start_with_one_line(owner_url: str, secrets: JournalSecrets) -> None:
    wrong = _with_password(owner_url, "wrong")
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: password authentication failed") as caught:
        async with PostgresJournal(wrong, secrets):
            pass
    assert "\n" not in str(caught.value)


def _with_password(url: str, password: str) -> str:
    head, _, tail = url.rpartition("@")
    user = head.rsplit("/", 1)[1].split(":", 1)[0]
    return f"postgres://{user}:{password}@{tail}"
