"""Gateways whose clock is up to 60 s ahead of the database: requests accepted before an erasure stay erased."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.data_subject_keys import DataSubjectKeys
from libs.adapters.journal.erasure import ErasureRequest, erase
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.recorded_erasures import PostgresErasures
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.sessions import Connection
from libs.adapters.write_ahead.postgres import PostgresWriteAhead
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from libs.ports.erasures import RequestRef
from libs.ports.journal import JournalEntry
from libs.ports.key_values import DataSubject
from libs.runtime.settings.journal_secrets import JournalSecrets
from tests.integration.journal.test_custody import ADA, entry

pytestmark = pytest.mark.embedded
AHEAD_S = 60.0
LATER_S = 90.0  # beyond any clock skew: she returned


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest_asyncio.fixture
async def erased_at(journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets) -> float:
    """Erase ADA, who has stored content; return the database's time just before, in Unix seconds."""
    await journal.append(entry(1, ADA))
    now: float = await owner.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    await erase(owner_url, secrets.passwords, ErasureRequest("acme", (ADA,), "olga"), dry_run=False)
    return now


@pytest_asyncio.fixture
async def owner(journal: PostgresJournal, owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


def said(at: float, offset: int) -> JournalEntry:
    """Record of a request, with equal times of its gateway and of the broker."""
    return replace(entry(offset, ADA, new_response_id(0, at)), timestamp_ms=int(at * 1000) + 5)


async def test_the_journal_keeps_late_words_of_a_fast_clock_without_content(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets, erased_at: float
) -> None:
    entries = [said(erased_at + ahead_s, offset) for offset, ahead_s in ((2, AHEAD_S), (3, LATER_S), (4, AHEAD_S))]
    for each in entries:  # the last one is recorded when she has a key again
        await journal.append(each)
    reader = PostgresJournalReader(owner_url, secrets)
    rows = [row for each in entries for row in await reader.history(each.claims.response_id or "", "acme")]
    assert [(row.entry.position.offset, row.erased) for row in rows] == [(2, True), (3, False), (4, True)]


async def test_the_write_ahead_store_keeps_no_late_request_of_a_fast_clock(
    owner: Connection, owner_url: str, secrets: JournalSecrets, erased_at: float
) -> None:
    async with PostgresWriteAhead(owner_url, secrets, "log") as acceptance:
        for ahead_s, kept in ((AHEAD_S, 0), (LATER_S, 1)):
            await acceptance.record_request(opened(erased_at + ahead_s))
            assert await owner.fetchval("SELECT count(*) FROM moe.write_ahead") == kept


async def test_notes_have_no_key_for_late_words_of_a_fast_clock(
    owner_url: str, secrets: JournalSecrets, erased_at: float
) -> None:
    async with DataSubjectKeys(owner_url, secrets) as keys:
        assert await keys.to_write(DataSubject("acme", ADA, erased_at + AHEAD_S)) is None
        assert await keys.to_write(DataSubject("acme", ADA, erased_at + LATER_S)) is not None


async def test_a_request_of_a_fast_clock_counts_as_erased(
    owner_url: str, secrets: JournalSecrets, erased_at: float
) -> None:
    before, afterwards = (
        RequestRef("acme", new_response_id(0, erased_at + ahead), ADA) for ahead in (AHEAD_S, LATER_S)
    )
    async with PostgresErasures(owner_url, secrets.passwords) as erasures:
        assert await erasures.erased([before, afterwards]) == {before}


def opened(at: float) -> RequestOpened:
    origin = Origin(new_response_id(0, at), "acme", deadline_at=at + 60, subject=ADA)
    return RequestOpened(question=Question(text="Why?"), model="moe", accepted_at=at).opening(origin)
