"""A gateway, a Postgres and a start on a full disk: refusals with a reason, and nothing acknowledged is lost."""

import asyncio
import itertools
import os
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from libs.adapters.journal.writer import JournalLimits, PostgresJournal
from libs.contracts.record import Record
from libs.contracts.records import RequestLogged
from libs.core.errors import Retryable
from libs.core.key_roots import RootKeys
from libs.embedded.postgres import Postgres
from libs.embedded.store import Folders
from libs.ports.journal import JournalEntry
from libs.runtime.messaging.codec import verifier
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import SIGNING_KEY
from libs.testing.model_server import Reply, Rule
from libs.testing.processes import ProcessContext, moe
from libs.testing.small_disk import SmallDisk, small_disk
from libs.testing.stores import running
from libs.testing.waiting import eventually, waiting
from services.journal.domain.entries import entry_of
from tests.support.direct_gateway import DirectGateway, DirectSetting, direct_gateway

MEGABYTE = 1 << 20
SIGNER = Signer(b"a key of the tests' own fleet")
RECORD = Record(
    topic="moe.pipeline.progress.v1",
    partition=3,
    offset=7,
    timestamp_ms=1_700_000_000_123,
    key=b"chatcmpl-1",
    headers=(("event_id", b"e1"), ("response_id", b"chatcmpl-1"), ("tenant", b"acme")),
    value=b"{}",
)
SECRETS = JournalSecrets(SIGNING_KEY, RootKeys(SIGNING_KEY))


def entry_at(offset: int) -> JournalEntry:
    return entry_of(replace(RECORD, offset=offset, value=os.urandom(MEGABYTE // 4)), "", verifier(SIGNER))


async def refusal_of(direct: DirectGateway) -> tuple[int, str]:
    response = await direct.ask()
    return response.status_code, response.json().get("error", {}).get("code", "")


async def test_a_gateway_on_a_full_disk_loses_no_record_and_refuses_until_there_is_space(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MEGABYTE) as disk:
        async with direct_gateway(DirectSetting(disk.folder / "books"), Rule(Reply("Sunny."))) as direct:
            with disk.full():
                assert await refusal_of(direct) == (200, "")  # that the disk is full shows at the first record
                await direct.logged(1)
                assert await refusal_of(direct) == (503, "outbox_full")
            await eventually(direct.proxy.outbox.can_record)
            assert await refusal_of(direct) == (200, "")
            await direct.logged(2)
            assert len(direct.gateway.fleet.all(RequestLogged)) == 2


@pytest.mark.embedded
async def test_a_journal_whose_disk_is_full_waits_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 192 * MEGABYTE) as disk:
        if not disk.is_mounted:
            return  # the server is a separate process, which a limit on this one does not reach
        folders = Folders(disk.folder / "postgres", tmp_path / "postgres.log")
        folders.home.mkdir(mode=0o700)
        async with running(Postgres(folders, durable=False)) as database:
            url = database.launch.gives.postgres_url
            assert url is not None
            await _journal_through_a_full_disk(url, disk)


async def _journal_through_a_full_disk(url: str, disk: SmallDisk) -> None:
    kept: list[int] = []
    async with PostgresJournal(url, SECRETS, JournalLimits(wait_s=2.0)) as journal:
        with disk.full(), pytest.raises(Retryable):
            await _append_for_ever(journal, kept)
        await _append_until_taken(journal, entry_at(len(kept)))
        kept.append(len(kept))
    connection = await asyncpg.connect(url)
    rows = await connection.fetch('SELECT "offset" FROM moe.journal ORDER BY 1')
    await connection.close()
    assert [row[0] for row in rows] == kept


async def _append_for_ever(journal: PostgresJournal, kept: list[int]) -> None:
    for offset in itertools.count():
        await journal.append(entry_at(offset))
        kept.append(offset)


async def _append_until_taken(journal: PostgresJournal, entry: JournalEntry) -> None:
    """Append again and again, as the runtime does for a record whose store is away."""
    async with waiting(WAIT_TIMEOUT_S):
        while True:
            try:
                return await journal.append(entry)
            except Retryable:
                await asyncio.sleep(0.05)


async def test_a_start_on_a_read_only_disk_ends_with_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", MEGABYTE) as disk, disk.read_only():
        path = os.pathsep.join((str(Path(sys.executable).parent), os.defpath))
        ended = await moe(ProcessContext({"PATH": path, "MOE_DATA_DIR": str(disk.folder)}, tmp_path), "up", "gateway")
    assert ended.code != 0
    (line,) = ended.errors.splitlines()
    assert line.startswith("Error: MOE_DATA_DIR: cannot use ")
