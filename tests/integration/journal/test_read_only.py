"""A database that may only be read, as a standby after a failover, or where an operator has stopped all writing."""

from collections.abc import Awaitable

import asyncpg
import pytest

from libs.adapters.journal.writer import JournalLimits, PostgresJournal
from libs.adapters.write_ahead.postgres import PostgresWriteAhead, WriteAheadLimits
from libs.core.errors import Retryable
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.waiting import eventually
from tests.integration.journal.test_acceptance import request
from tests.integration.journal.test_custody import ADA, entry

pytestmark = pytest.mark.embedded


async def test_a_journal_waits_and_goes_on_when_it_may_be_written(owner_url: str, secrets: JournalSecrets) -> None:
    async with PostgresJournal(owner_url, secrets, JournalLimits(wait_s=2.0)) as journal:
        await journal.append(entry(1, ADA))
        await close_for_writing(owner_url, closed=True)
        with pytest.raises(Retryable):
            await journal.append(entry(2, ADA))
        await close_for_writing(owner_url, closed=False)
        await eventually(lambda: is_taken(journal.append(entry(2, ADA))))
    connection = await asyncpg.connect(owner_url)
    assert [row[0] for row in await connection.fetch('SELECT "offset" FROM moe.journal ORDER BY 1')] == [1, 2]
    await connection.close()


async def test_a_write_ahead_store_refuses_and_goes_on_when_it_may_be_written(
    owner_url: str, secrets: JournalSecrets
) -> None:
    opened = request()
    async with PostgresWriteAhead(owner_url, secrets, "log", WriteAheadLimits(wait_s=2.0)) as acceptance:
        await acceptance.record_request(request())
        await close_for_writing(owner_url, closed=True)
        with pytest.raises(Retryable):
            await acceptance.record_request(opened)
        await close_for_writing(owner_url, closed=False)
        await eventually(lambda: is_taken(acceptance.record_request(opened)))
    connection = await asyncpg.connect(owner_url)
    assert await connection.fetchval("SELECT count(*) FROM moe.write_ahead") == 2
    await connection.close()


async def is_taken(writing: Awaitable[None]) -> bool:
    """Write as the runtime does: again, for as long as the store is away."""
    try:
        await writing
    except Retryable:
        return False
    return True


async def close_for_writing(url: str, *, closed: bool) -> None:
    """Let new sessions only read, or write again, and end all others."""
    connection = await asyncpg.connect(url)
    name = await connection.fetchval("SELECT current_database()")
    change = f'ALTER DATABASE "{name}" SET default_transaction_read_only = {closed}'
    await connection.execute(f"BEGIN READ WRITE; {change}; COMMIT")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()", name
    )
    await connection.close()
