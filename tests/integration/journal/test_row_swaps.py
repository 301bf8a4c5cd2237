"""A writer of the table still cannot replace the content of one row by that of another."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.cipher import UnreadableContent
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.writer import PostgresJournal
from libs.runtime.settings.journal_secrets import JournalSecrets
from tests.integration.journal.test_custody import ADA, LONG_AGO, append, entry

pytestmark = pytest.mark.embedded
_SWAP = """
UPDATE moe.journal j SET content = o.content, salt = o.salt, tag = o.tag, commitment = o.commitment
FROM moe.journal o WHERE (j."offset", o."offset") IN ((1, 2), (2, 1))
"""
_MOVE = 'UPDATE moe.journal SET "offset" = 5 WHERE "offset" = 2'


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest.mark.parametrize("change", [_SWAP, _MOVE], ids=["swapped", "moved"])
async def test_content_in_another_row_or_position_is_not_read(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets, change: str
) -> None:
    await append(journal, [entry(1, ADA), entry(2, ADA)])
    reader = PostgresJournalReader(owner_url, secrets)
    assert len(await reader.history(LONG_AGO)) == 2
    owner = await asyncpg.connect(owner_url)
    await owner.execute(change)
    await owner.close()
    with pytest.raises(UnreadableContent, match="was changed after it was written"):
        await reader.history(LONG_AGO)
