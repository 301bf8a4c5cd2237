"""The primary is lost and its standby promoted: nothing acknowledged is lost or doubled, and no process starts anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from libs.adapters.journal.pool import migrated
from libs.adapters.journal.sealer import Sealer, SealingLimits
from libs.adapters.journal.signing import CheckpointSigner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.quota.budgets.admin import PostgresBudgetAdmin
from libs.adapters.quota.budgets.lease_size import Holder
from libs.adapters.quota.budgets.lease_store import PostgresLeaseStore
from libs.adapters.write_ahead.postgres import PostgresWriteAhead, WriteAheadLimits
from libs.adapters.write_ahead.recovery_store import open_recovery_store
from libs.core.errors import Retryable
from libs.core.key_roots import RootKeys
from libs.core.tasks import TaskSet
from libs.ports.quota import BudgetUnknown
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.keys import AUDIT_KEY, SIGNING_KEY
from libs.testing.waiting import eventually, waiting
from tests.integration.journal.test_acceptance import request
from tests.integration.journal.test_sealer import entry
from tests.support.journal.recording_publisher import RecordingPublisher
from tests.support.postgres.loaded_fleet import CLIENTS, AskedFleet, asked_fleet
from tests.support.postgres.primary_and_standby import Pair, Server, postgres_pair
from tests.support.quota.budget_backends import RULES

pytestmark = [pytest.mark.embedded, pytest.mark.slow]
SECRETS = JournalSecrets(SIGNING_KEY, RootKeys(SIGNING_KEY))
_OPENED = "SELECT response_id FROM moe.write_ahead UNION SELECT response_id FROM moe.journal"
_ACCEPTED = "SELECT count(*) FROM moe.write_ahead"
HOLDER = Holder("acme", "user", "julia")


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[Pair]:
    async with postgres_pair() as servers:
        yield servers


async def test_a_fleet_goes_on_when_its_primary_was_killed(pair: Pair, tmp_path: Path) -> None:
    async with asked_fleet(pair.url, tmp_path, log_id="log-1") as fleet:
        async with fleet.asking():
            await fleet.more_answers(6)
            pair.cut_replication()
            await eventually(partial(_waits_or_answers, pair, fleet, len(fleet.answered) + 2 * CLIENTS))
            before = list(fleet.answered)
            pair.primary.kill()
            await pair.promote()
            kept = {row["response_id"] for row in await pair.standby.rows(_OPENED)}
            assert set(before) <= kept
            await fleet.more_answers(6)
        await fleet.all_is_kept(pair.standby.url)
        await fleet.assert_books_are_right(pair.standby.url)
        await fleet.assert_chain_verifies()


async def test_a_retry_that_finds_its_row_waits_for_the_standby_as_well(pair: Pair) -> None:
    """The row is on the primary alone, of an attempt that was cut off: finding it there acknowledges nothing."""
    await migrated(pair.url, SIGNING_KEY)
    async with PostgresWriteAhead(pair.url, SECRETS, "log-1", WriteAheadLimits(wait_s=WAIT_TIMEOUT_S)) as gateway:
        await gateway.record_request(request())  # makes the person's key
        pair.standby.freeze()
        accepting = asyncio.get_running_loop().create_task(gateway.record_request(request()))
        await eventually(pair.waiting_commits)
        await pair.primary.restart()
        assert await pair.primary.value(_ACCEPTED) == 2
        await eventually(partial(_waits_or_is_done, pair, accepting))
        assert not accepting.done()
        pair.standby.thaw()
        await accepting
        pair.primary.kill()
        await pair.promote()
    assert await pair.standby.value(_ACCEPTED) == 2


async def test_a_primary_that_is_lost_without_a_word_holds_up_nobody(pair: Pair) -> None:
    """It takes connections and never answers; its sessions never end."""
    await migrated(pair.url, SIGNING_KEY)
    limits = SealingLimits(pause_s=0.05, again_s=0.05, answer_s=1.0)
    sealer, errors = Sealer(pair.url, SECRETS, CheckpointSigner(AUDIT_KEY), limits), list[BaseException]()
    tasks = TaskSet(errors.append)
    async with (
        PostgresJournal(pair.url, SECRETS) as journal,
        PostgresLeaseStore(pair.url, SIGNING_KEY, RULES) as lease_store,
    ):
        await PostgresBudgetAdmin(pair.url, SIGNING_KEY, "acme").set(HOLDER, {"total": 4000}, "root")
        tasks.start(sealer(RecordingPublisher()))
        await journal.append(entry(1))
        assert await lease_store.lease(HOLDER, 1) is not None
        await eventually(partial(_is_sealed, pair.primary, 1))
        pair.primary.freeze()
        await pair.promote()
        await _in_the_end(partial(journal.append, entry(2)))
        await _in_the_end(partial(lease_store.lease, HOLDER, 1))
        await eventually(partial(_is_sealed, pair.standby, 2))
    await tasks.cancel()
    assert errors == []


async def test_whoever_restores_requests_gives_up_a_primary_that_is_lost(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.adapters.write_ahead.recovery_store.ANSWER_S", 1.0)
    await migrated(pair.url, SIGNING_KEY)
    async with open_recovery_store(pair.url, SECRETS, "log-1") as requests:
        assert await requests.find_lost(1) == []
        pair.primary.freeze()
        async with waiting(WAIT_TIMEOUT_S):
            with pytest.raises(TimeoutError):  # of the statement, before that of this test
                await requests.find_lost(1)
    await pair.promote()
    async with open_recovery_store(pair.url, SECRETS, "log-1") as requests:
        assert await requests.find_lost(1) == []


async def _waits_or_answers(pair: Pair, fleet: AskedFleet, answers: int) -> bool:
    """Whether commits wait, or requests were answered while no commit was possible."""
    return len(fleet.answered) >= answers or await pair.waiting_commits() > 0


async def _waits_or_is_done(pair: Pair, accepting: asyncio.Task[None]) -> bool:
    return accepting.done() or await pair.waiting_commits() > 0


async def _is_sealed(server: Server, rows: int) -> bool:
    return await server.value("SELECT count(*) FROM moe.chain") == rows


async def _in_the_end(act: Callable[[], Awaitable[object]]) -> None:
    """Try until it is done, as its callers do."""
    async with waiting(WAIT_TIMEOUT_S):
        while True:
            try:
                await act()
            except (Retryable, BudgetUnknown):
                await asyncio.sleep(0.05)
            else:
                return
