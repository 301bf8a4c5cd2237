"""Holding, erasing and pruning: deleted records, kept records, and unaffected persons."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.cipher import UnreadableContent
from libs.adapters.journal.erasure import ErasureRequest, erase, rewrite_keys
from libs.adapters.journal.holds import NoSuchHold, PostgresHolds
from libs.adapters.journal.pruning import Pruner, known_tenants
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.subject_keys import SubjectKeys
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.login import logged_in
from libs.adapters.postgres.sessions import Connection
from libs.core.database_roles import JOURNAL_ROLE, SEALER_ROLE
from libs.core.ids import SYSTEM_TENANT, new_response_id
from libs.ports.custody import ErasureResult, UnderLegalHold
from libs.ports.journal import Claims, JournalEntry, Owner, Position
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.fake_clock import FakeClock
from tests.integration.journal.test_sealer import assert_links, chain_of, sealer
from tests.support.journal.recording_publisher import RecordingPublisher

pytestmark = pytest.mark.embedded
ADA, BOB = "a" * 32, "b" * 32
NOW_S = 1_763_000_000.0
LONG_AGO, LATER = new_response_id(0, NOW_S), new_response_id(0, 9_000_000_000.0)
YEAR = 366 * 86_400_000_000


def entry(offset: int, subject: str, response_id: str = LONG_AGO, tenant: str = "acme") -> JournalEntry:
    place = Position("", "moe.requests", 0, offset)
    timestamp_ms = 9_000_000_000_000 if response_id == LATER else int(NOW_S * 1000) + offset
    key = response_id.encode()
    headers = (("event_id", f"e{offset}".encode()), ("tenant", tenant.encode()), ("reads", b"what she read"))
    claims = Claims.of(headers, key)
    return JournalEntry(place, timestamp_ms, key, headers, b"her words", claims, Owner(tenant, subject))


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest_asyncio.fixture
async def owner(journal: PostgresJournal, owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


async def append(journal: PostgresJournal, entries: Sequence[JournalEntry]) -> None:
    await asyncio.gather(*(journal.append(each) for each in entries))


async def erased(url: str, secrets: JournalSecrets, *, dry_run: bool = False) -> ErasureResult:
    return await erase(url, secrets.passwords, ErasureRequest("acme", (ADA,), "olga"), dry_run=dry_run)


async def test_an_erased_subject_s_content_is_gone_and_everybody_else_s_is_there(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA), entry(2, BOB), entry(3, ""), entry(4, ADA, tenant="zeta")])
    report = await erased(owner_url, secrets)
    assert (report.keys, report.rows, report.responses) == (1, 1, (LONG_AGO,))
    assert [(trace.topic, trace.records) for trace in report.topics] == [("moe.requests", 1)]
    rows = {row.entry.position.offset: row for row in await PostgresJournalReader(owner_url, secrets).history(LONG_AGO)}
    assert {offset for offset, row in rows.items() if row.erased} == {1}
    assert (rows[1].entry.payload, rows[1].entry.headers, rows[1].entry.key) == (b"", (), None)
    assert rows[1].entry.claims == entry(1, ADA).claims
    assert rows[2].entry == entry(2, BOB)


async def test_the_chain_still_holds_after_an_erasure(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(offset, ADA if offset % 2 else BOB) for offset in range(6)])
    async with logged_in(owner_url, secrets.passwords, SEALER_ROLE) as session:
        await sealer(owner_url, secrets).round(session, RecordingPublisher())
    before = await chain_of(owner, "acme")
    assert_links(before)
    await erased(owner_url, secrets)
    after = await chain_of(owner, "acme")
    assert [(row["hash"], row["commitment"]) for row in after] == [(row["hash"], row["commitment"]) for row in before]
    assert [row["content"] is None for row in after] == [bool(row["offset"] % 2) for row in after]


async def test_a_dry_run_counts_and_changes_nothing(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    report = await erased(owner_url, secrets, dry_run=True)
    assert (report.keys, report.rows) == (1, 1)
    assert await owner.fetchval("SELECT count(*) FROM moe.subject_keys") == 1
    assert await owner.fetchval("SELECT count(*) FROM moe.audit_outbox") == 0


async def test_what_was_said_before_and_comes_after_is_kept_without_content(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])  # the writer remembers the key from here on
    await erased(owner_url, secrets)
    await append(journal, [entry(2, ADA), entry(3, BOB)])
    rows = {row.entry.position.offset: row for row in await PostgresJournalReader(owner_url, secrets).history(LONG_AGO)}
    assert {offset: row.erased for offset, row in rows.items()} == {1: True, 2: True, 3: False}
    assert await owner.fetchval("SELECT count(*) FROM moe.subject_keys WHERE subject = $1", ADA) == 0


async def test_who_comes_back_is_kept_under_a_new_key(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    await erased(owner_url, secrets)
    await append(journal, [entry(2, ADA, LATER)])
    (kept,) = await PostgresJournalReader(owner_url, secrets).history(LATER)
    assert kept.entry == entry(2, ADA, LATER)


async def test_an_erasure_of_somebody_unknown_still_keeps_late_words_out(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    assert (await erased(owner_url, secrets)).rows == 0
    await append(journal, [entry(1, ADA)])
    (kept,) = await PostgresJournalReader(owner_url, secrets).history(LONG_AGO)
    assert kept.erased


async def test_unreadable_records_of_the_subject_s_responses_go_along(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    name = LONG_AGO.removeprefix("chatcmpl-")
    await append(journal, [entry(1, ADA), entry(2, ADA, tenant=SYSTEM_TENANT)])
    await append(journal, [entry(3, name, tenant=SYSTEM_TENANT), entry(4, "", tenant=SYSTEM_TENANT)])
    assert (await erased(owner_url, secrets)).rows == 3
    rows = await PostgresJournalReader(owner_url, secrets).history(LONG_AGO)
    assert {row.entry.position.offset for row in rows if not row.erased} == {4}


async def test_nothing_is_lost_or_left_when_writers_and_erasures_race(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    async def write() -> None:
        for offset in range(60):
            await journal.append(entry(offset, ADA))

    async def wipe() -> None:
        for _ in range(8):
            await erased(owner_url, secrets)

    await asyncio.gather(write(), wipe())
    await erased(owner_url, secrets)
    assert await owner.fetchval("SELECT count(*) FROM moe.journal") == 60
    assert await owner.fetchval("SELECT count(*) FROM moe.journal WHERE content IS NOT NULL") == 0


async def test_a_process_does_not_remember_a_key_for_longer_than_a_minute(
    owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    clock = FakeClock()
    keys = SubjectKeys(secrets, clock)

    async def looked_up() -> None:
        async with logged_in(owner_url, secrets.passwords, JOURNAL_ROLE) as session, session.transaction():
            await session.execute("SET LOCAL moe.tenant = 'acme'")
            await keys.of(session, "acme", {ADA: 1})

    await looked_up()
    await owner.execute("UPDATE moe.subject_keys SET wrapped = wrapped || 'x'")
    clock.advance(59)
    await looked_up()
    clock.advance(2)
    with pytest.raises(UnreadableContent):
        await looked_up()


async def test_a_hold_forbids_erasure_until_it_is_released(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    holds = PostgresHolds(owner_url, secrets.passwords, "acme")
    hold = await holds.place(ADA, "lawsuit", "olga")
    with pytest.raises(UnderLegalHold, match=hold.hold_id):
        await erased(owner_url, secrets)
    assert await holds.open() == (hold,)
    await holds.release(hold.hold_id, "settled", "olga")
    assert await holds.open() == ()
    assert (await erased(owner_url, secrets)).rows == 1
    acts = [row["action"] for row in await owner.fetch("SELECT action FROM moe.audit_outbox ORDER BY at_ms")]
    assert acts == ["hold-placed", "hold-released", "subject-erased"]


CUSTOMER = "c" * 32


async def test_erasing_the_owner_of_a_key_takes_what_its_clients_users_said(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA), entry(2, f"{ADA}.{CUSTOMER}"), entry(3, f"{BOB}.{CUSTOMER}"), entry(4, BOB)])
    report = await erased(owner_url, secrets)
    assert (report.keys, report.rows) == (2, 2)
    left = await owner.fetch('SELECT "offset" FROM moe.journal WHERE content IS NOT NULL ORDER BY "offset"')
    assert [row["offset"] for row in left] == [3, 4]


async def test_erasing_a_client_s_user_takes_what_was_said_for_it_under_any_key(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA), entry(2, f"{ADA}.{CUSTOMER}"), entry(3, f"{BOB}.{CUSTOMER}"), entry(4, BOB)])
    request = ErasureRequest("acme", (CUSTOMER,), "olga")
    assert (await erase(owner_url, secrets.passwords, request, dry_run=False)).rows == 2
    left = await owner.fetch('SELECT "offset" FROM moe.journal WHERE content IS NOT NULL ORDER BY "offset"')
    assert [row["offset"] for row in left] == [1, 4]


async def test_late_records_of_a_subject_are_kept_without_content_after_either_person_was_erased(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, f"{BOB}.{CUSTOMER}")])
    await erased(owner_url, secrets)
    await append(journal, [entry(2, f"{ADA}.{CUSTOMER}"), entry(3, f"{CUSTOMER}.{ADA}"), entry(4, f"{BOB}.{CUSTOMER}")])
    left = await owner.fetch('SELECT "offset" FROM moe.journal WHERE content IS NOT NULL ORDER BY "offset"')
    assert [row["offset"] for row in left] == [1, 4]
    await append(journal, [entry(5, f"{ADA}.{CUSTOMER}", LATER)])
    assert await owner.fetchval('SELECT content IS NOT NULL FROM moe.journal WHERE "offset" = 5')


async def test_writers_of_overlapping_subjects_and_erasures_of_their_persons_never_wait_for_each_other(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    subjects = (ADA, f"{ADA}.{BOB}", BOB, f"{BOB}.{ADA}", f"{CUSTOMER}.{ADA}", CUSTOMER)

    async def write(first: int) -> None:
        async with PostgresJournal(owner_url, secrets) as replica:
            for offset in range(first, first + 30):
                await replica.append(entry(offset, subjects[offset % 6], LATER))

    async def wipe(person: str) -> None:
        for _ in range(6):
            await erase(owner_url, secrets.passwords, ErasureRequest("acme", (person,), "olga"), dry_run=False)

    await asyncio.gather(write(0), write(100), write(200), wipe(ADA), wipe(BOB), wipe(CUSTOMER))
    assert await owner.fetchval("SELECT count(*) FROM moe.journal") == 90


@pytest.mark.parametrize("held", [ADA, CUSTOMER])
@pytest.mark.parametrize("person", [ADA, CUSTOMER])
async def test_a_hold_on_either_person_of_a_record_forbids_the_erasure_of_both(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets, held: str, person: str
) -> None:
    await append(journal, [entry(1, f"{ADA}.{CUSTOMER}"), entry(2, BOB)])
    await PostgresHolds(owner_url, secrets.passwords, "acme").place(held, "lawsuit", "olga")
    with pytest.raises(UnderLegalHold):
        await erase(owner_url, secrets.passwords, ErasureRequest("acme", (person,), "olga"), dry_run=False)
    assert await owner.fetchval("SELECT count(*) FROM moe.journal WHERE content IS NOT NULL") == 2
    await erase(owner_url, secrets.passwords, ErasureRequest("acme", (BOB,), "olga"), dry_run=False)


@pytest.mark.parametrize("held", [ADA, CUSTOMER])
async def test_content_of_two_persons_does_not_run_out_while_either_is_held(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets, held: str
) -> None:
    await append(journal, [entry(1, f"{ADA}.{CUSTOMER}"), entry(2, BOB)])
    await owner.execute(f"UPDATE moe.journal SET received_us = received_us - {YEAR}")
    await PostgresHolds(owner_url, secrets.passwords, "acme").place(held, "lawsuit", "olga")
    assert (await Pruner(owner_url, secrets.passwords, "olga").prune("acme", 183, dry_run=False)).rows == 1
    assert await owner.fetchval("SELECT count(*) FROM moe.subject_keys") == 1


async def test_a_hold_on_the_tenant_covers_everybody_of_it_and_nobody_else(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    await PostgresHolds(owner_url, secrets.passwords, "zeta").place("", "audit", "olga")
    assert (await erased(owner_url, secrets)).rows == 1
    await PostgresHolds(owner_url, secrets.passwords, "acme").place("", "audit", "olga")
    with pytest.raises(UnderLegalHold):
        await erased(owner_url, secrets)


@pytest.mark.parametrize("hold_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_a_hold_that_is_not_there_cannot_be_released(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets, hold_id: str
) -> None:
    with pytest.raises(NoSuchHold):
        await PostgresHolds(owner_url, secrets.passwords, "acme").release(hold_id, "", "olga")


async def test_content_whose_time_is_over_goes_and_held_content_stays(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA), entry(2, BOB)])
    await owner.execute(f"UPDATE moe.journal SET received_us = received_us - {YEAR}")
    await append(journal, [entry(3, ADA, LATER)])
    await PostgresHolds(owner_url, secrets.passwords, "acme").place(BOB, "lawsuit", "olga")
    pruner = Pruner(owner_url, secrets.passwords, "olga")
    assert (await pruner.prune("acme", 183, dry_run=True)).rows == 1
    assert (await pruner.prune("acme", 183, dry_run=False)).rows == 1
    left = await owner.fetch('SELECT "offset" FROM moe.journal WHERE content IS NOT NULL ORDER BY "offset"')
    assert [row["offset"] for row in left] == [2, 3]
    assert (await pruner.prune("acme", 183, dry_run=False)).rows == 0


async def test_an_opening_stays_as_long_as_what_can_be_read_with_it_only(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    opened = entry(1, ADA)
    opening = (*opened.headers, ("schema", b"request-opened.v1"))
    opened = replace(opened, headers=opening, claims=Claims.of(opening, opened.key))
    await append(journal, [opened, entry(2, ADA)])
    assert await owner.fetchval("SELECT count(*) FROM moe.journal WHERE base_id IS NOT NULL") == 1
    pruner = Pruner(owner_url, secrets.passwords, "olga")
    await owner.execute(f'UPDATE moe.journal SET received_us = received_us - {YEAR} WHERE "offset" = 1')
    assert (await pruner.prune("acme", 183, dry_run=False)).rows == 0
    rows = await PostgresJournalReader(owner_url, secrets).history(LONG_AGO)
    assert [row.entry for row in rows] == [opened, entry(2, ADA)]
    await owner.execute(f'UPDATE moe.journal SET received_us = received_us - {YEAR} WHERE "offset" = 2')
    assert (await pruner.prune("acme", 183, dry_run=False)).rows == 2


async def test_a_tenant_under_hold_keeps_everything(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    await owner.execute(f"UPDATE moe.journal SET received_us = received_us - {YEAR}")
    await PostgresHolds(owner_url, secrets.passwords, "acme").place("", "audit", "olga")
    pruned = await Pruner(owner_url, secrets.passwords, "olga").prune("acme", 183, dry_run=False)
    assert (pruned.rows, pruned.held) == (0, True)


async def test_keys_that_nothing_is_written_under_go_with_their_content(
    journal: PostgresJournal, owner: Connection, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA)])
    await owner.execute(f"UPDATE moe.journal SET received_us = received_us - {YEAR}")
    assert (await Pruner(owner_url, secrets.passwords, "olga").prune("acme", 183, dry_run=False)).keys == 1
    await append(journal, [entry(2, ADA)])  # the writer still remembers the key
    assert await owner.fetchval("SELECT count(*) FROM moe.subject_keys") == 1


async def test_the_tenants_that_can_be_pruned_are_known(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await append(journal, [entry(1, ADA), entry(2, ADA, tenant="zeta")])
    async with logged_in(owner_url, secrets.passwords, SEALER_ROLE) as session:
        await sealer(owner_url, secrets).round(session, RecordingPublisher())
    assert await known_tenants(owner_url, secrets.passwords) == ("acme", "zeta")


async def test_only_an_owner_can_rewrite_the_keys(owner: Connection, owner_url: str, secrets: JournalSecrets) -> None:
    assert await rewrite_keys(owner)
    async with logged_in(owner_url, secrets.passwords, JOURNAL_ROLE) as session:
        assert not await rewrite_keys(session)
