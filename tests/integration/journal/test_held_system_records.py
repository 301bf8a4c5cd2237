"""Unverifiable records and their dead letters belong to the system: a hold of a tenant keeps those of its persons."""

import pytest

from libs.adapters.journal.holds import PostgresHolds
from libs.adapters.journal.pruning import Pruner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.sessions import Connection
from libs.core.ids import SYSTEM_TENANT
from libs.runtime.settings.journal_secrets import JournalSecrets
from tests.integration.journal.test_custody import ADA, BOB, LONG_AGO, YEAR, append, entry, journal, owner

__all__ = ["journal", "owner"]
pytestmark = pytest.mark.embedded
ABOUT = LONG_AGO.removeprefix("chatcmpl-")  # the subject of a record that claims a response and no person


@pytest.mark.parametrize(("held", "left"), [(ADA, {1, 2, 3}), (BOB, {1, 4}), ("", {1, 2, 3, 4})])
@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_a_hold_covers_does_not_run_out(
    journal: PostgresJournal,
    owner: Connection,
    owner_url: str,
    secrets: JournalSecrets,
    *,
    held: str,
    left: set[int],
    dry_run: bool,
) -> None:
    system = [entry(2, ADA, tenant=SYSTEM_TENANT), entry(3, ABOUT, tenant=SYSTEM_TENANT)]
    await append(journal, [entry(1, ADA), *system, entry(4, BOB, tenant=SYSTEM_TENANT)])
    await owner.execute(f"UPDATE moe.journal SET received_us = received_us - {YEAR}")
    await owner.execute(
        "INSERT INTO moe.heads (tenant, sequence, hash, unsigned, unsigned_ms) VALUES ('acme', 1, $1, 0, 0)", bytes(32)
    )
    await PostgresHolds(owner_url, secrets.passwords, "acme").place(held, "lawsuit", "olga")
    pruned = await Pruner(owner_url, secrets.passwords, "olga").prune(SYSTEM_TENANT, 183, dry_run=dry_run)
    assert (pruned.rows, pruned.held) == (4 - len(left), held == "")
    rows = await owner.fetch('SELECT "offset" FROM moe.journal WHERE content IS NOT NULL')
    assert {row["offset"] for row in rows} == ({1, 2, 3, 4} if dry_run else left)
