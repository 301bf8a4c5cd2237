"""Accepted requests in Postgres: stored before the reply, found when their log is lost, deleted with a stored end."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from libs.adapters.journal.cipher import UnreadableContent
from libs.adapters.journal.erasure import ErasureRequest, erase
from libs.adapters.journal.pruning import Pruner
from libs.adapters.journal.writer import PostgresJournal
from libs.adapters.postgres.sessions import PostgresUnavailable
from libs.adapters.write_ahead.postgres import PostgresWriteAhead, WriteAheadLimits
from libs.adapters.write_ahead.recovery_store import PostgresRecoveryStore, open_recovery_store
from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.contracts.records import FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.core.ids import new_response_id
from libs.ports.journal import Claims, JournalEntry, Owner, Position
from libs.ports.write_ahead import Contribution, PendingRequest
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S
from libs.testing.waiting import waiting

pytestmark = pytest.mark.embedded
OLD, NEW = "log-1", "log-2"
ADA = "a" * 32
CANARY = "the canary of this question"


def request(tenant: str = "acme", subject: str = ADA, text: str = CANARY) -> RequestOpened:
    now = float(int(time.time()))
    origin = Origin(new_response_id(3, now), tenant, deadline_at=now + 600, trace="00-1-2-01", subject=subject)
    return RequestOpened(question=Question(text=text), model="moe", accepted_at=now).opening(origin)


def end_of(opened: RequestOpened, text: str = "so it is") -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=text).after(opened)


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


@pytest_asyncio.fixture
async def gateway(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> AsyncIterator[PostgresWriteAhead]:
    async with PostgresWriteAhead(owner_url, secrets, OLD) as opened:
        yield opened


@pytest_asyncio.fixture
async def restarted(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> AsyncIterator[PostgresRecoveryStore]:
    """Entries that the successor fleet of `gateway` finds."""
    async with open_recovery_store(owner_url, secrets, NEW) as found:
        yield found


async def in_the_journal(journal: PostgresJournal, message: Message, log_id: str = NEW) -> None:
    envelope, topic = message.envelope, message.topics[0].name
    await journal.append(
        JournalEntry(
            Position(log_id, topic, 0, int(time.monotonic() * 1_000_000)),
            int(time.time() * 1000),
            envelope.response_id.encode(),
            envelope.headers("signature"),
            message.body(),
            Claims(envelope.event_id, envelope.response_id, envelope.tenant, envelope.schema, envelope.causation_id),
            Owner(envelope.tenant, envelope.subject),
        )
    )


async def test_what_was_accepted_is_found_when_its_log_is_lost(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    opened = request()
    await gateway.record_request(opened)
    (found,) = await restarted.find_lost(10)
    assert found == PendingRequest(opened, times=0)
    assert found.opened.envelope == opened.envelope


async def test_concurrent_requests_of_several_tenants_are_all_kept(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    requests = [request(tenant, f"{number:032x}") for number in range(40) for tenant in ("acme", "zeta")]
    await asyncio.gather(*(gateway.record_request(opened) for opened in requests))
    found = await restarted.find_lost(100)
    assert {kept.opened.envelope for kept in found} == {opened.envelope for opened in requests}


async def test_the_first_end_that_was_told_is_the_one_that_is_kept(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await gateway.record_end(end_of(opened, "first"))
    await gateway.record_end(end_of(opened, "second"))
    (found,) = await restarted.find_lost(10)
    assert found.end is not None
    assert (found.end.text, found.end.envelope) == ("first", end_of(opened).envelope)


async def test_of_two_ends_in_one_batch_the_first_is_the_one_that_is_kept(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await asyncio.gather(*(gateway.record_end(end_of(opened, text)) for text in ("first", "second")))
    (found,) = await restarted.find_lost(10)
    assert found.end is not None
    assert found.end.text == "first"


async def test_a_request_that_was_refused_after_all_is_forgotten(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await gateway.delete_request(opened)
    assert await restarted.find_lost(10) == []


async def test_a_request_that_was_moved_to_our_log_is_not_lost_any_more(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, secrets: JournalSecrets
) -> None:
    await gateway.record_request(request())
    (found,) = await restarted.find_lost(10)
    await restarted.mark_moved(found)
    assert await restarted.find_lost(10) == []
    async with open_recovery_store(owner_url, secrets, "log-3") as third:
        assert await third.find_lost(10) == []  # ours is alive


async def test_a_log_that_is_alive_is_left_alone(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, secrets: JournalSecrets
) -> None:
    await gateway.record_request(request())
    async with open_recovery_store(owner_url, secrets, OLD):
        assert await restarted.find_lost(10) == []
    assert len(await restarted.find_lost(10)) == 1


async def test_of_two_that_start_at_once_one_restores(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, secrets: JournalSecrets
) -> None:
    await gateway.record_request(request())
    async with open_recovery_store(owner_url, secrets, NEW) as twin:
        assert [len(await each.find_lost(10)) for each in (restarted, twin)] == [1, 0]


async def test_a_restoring_that_was_broken_off_is_taken_up_by_the_next(
    gateway: PostgresWriteAhead, journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await gateway.record_request(request())
    async with open_recovery_store(owner_url, secrets, NEW) as first:
        (found,) = await first.find_lost(10)
        await first.mark_moved(found)
    async with open_recovery_store(owner_url, secrets, "log-3") as second:
        assert [kept.times for kept in await second.find_lost(10)] == [1]


async def test_an_end_without_last_words_is_not_forgotten_yet(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, journal: PostgresJournal
) -> None:
    opened = request()
    await gateway.record_request(opened)
    (found,) = await restarted.find_lost(10)
    await restarted.mark_moved(found)
    await in_the_journal(journal, end_of(opened))
    assert await restarted.delete_ended() == 0
    await in_the_journal(journal, logged(opened))
    assert await restarted.delete_ended() == 1


async def test_only_the_end_that_was_told_lets_a_request_be_forgotten(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, journal: PostgresJournal
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await gateway.record_end(end_of(opened, "told"))
    (found,) = await restarted.find_lost(10)
    await restarted.mark_moved(found)
    await in_the_journal(journal, logged(opened))
    await in_the_journal(journal, end_of(opened, "another one"))
    assert await restarted.delete_ended() == 0
    await in_the_journal(journal, end_of(opened, "told"))
    assert await restarted.delete_ended() == 2


async def test_erasing_a_person_takes_their_open_requests_along(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, signing_key: str
) -> None:
    other = request(subject="b" * 32)
    for opened in (request(), other):
        await gateway.record_request(opened)
    await erase(owner_url, signing_key, ErasureRequest("acme", (ADA,), "tests"), dry_run=False)
    assert [kept.opened for kept in await restarted.find_lost(10)] == [other]


async def test_whoever_was_erased_a_moment_ago_is_accepted_without_being_kept(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, signing_key: str
) -> None:
    await gateway.record_request(request())  # so that their key is remembered
    await erase(owner_url, signing_key, ErasureRequest("acme", (ADA,), "tests"), dry_run=False)
    await gateway.record_request(request())
    assert await restarted.find_lost(10) == []


async def test_pruning_keeps_the_key_of_a_request_that_the_journal_has_not_seen(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, signing_key: str
) -> None:
    await gateway.record_request(request())
    await Pruner(owner_url, signing_key, "tests").prune("acme", 183, dry_run=False)
    assert len(await restarted.find_lost(10)) == 1


async def test_what_was_contributed_is_found_when_its_log_is_lost(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    contributions = contributed(request())
    for contribution in contributions:
        await gateway.record_contribution(contribution)
    found = await restarted.unjournaled(10)
    assert found == contributions
    assert [each.envelope for each in found] == [each.envelope for each in contributions]


async def test_what_cannot_be_read_any_more_holds_up_nothing_behind_it(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    good, bad = request(), request()
    await gateway.record_request(bad.bound(replace(bad.envelope, deadline_at=1e300)))
    await gateway.record_request(good)
    assert [kept.opened for kept in await restarted.find_lost(1)] == [good]
    rating, summary = contributed(bad)
    await gateway.record_contribution(rating.bound(replace(rating.envelope, deadline_at=-1.0)))
    await gateway.record_contribution(summary)
    assert await restarted.unjournaled(1) == [summary]


async def test_what_was_contributed_twice_is_kept_once(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    rating, _ = contributed(request())
    await gateway.record_contribution(rating)
    await gateway.record_contribution(rating)
    assert await restarted.unjournaled(10) == [rating]


async def test_a_changed_mind_is_kept_beside_the_first_one_and_beside_the_request(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore
) -> None:
    opened = request()
    await gateway.record_request(opened)
    ratings = [rated(opened, rating) for rating in (5, 1)]
    for rating in ratings:
        await gateway.record_contribution(rating)
    assert await restarted.unjournaled(10) == ratings
    assert [kept.opened for kept in await restarted.find_lost(10)] == [opened]


async def test_what_the_journal_has_heard_is_not_said_again_and_forgotten(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, journal: PostgresJournal
) -> None:
    rating, offer = contributed(request())
    for contribution in (rating, offer):
        await gateway.record_contribution(contribution)
    await in_the_journal(journal, rating, OLD)
    assert await restarted.unjournaled(10) == [offer]
    assert await restarted.delete_ended() == 1
    assert await restarted.unjournaled(10) == [offer]


async def test_what_was_said_again_is_not_lost_any_more(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, secrets: JournalSecrets
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await gateway.record_contribution(rated(opened))
    (found,) = await restarted.unjournaled(10)
    await restarted.mark_republished(found)
    assert await restarted.unjournaled(10) == []
    assert len(await restarted.find_lost(10)) == 1


async def test_a_request_that_moved_takes_no_contribution_along_that_was_not_said(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, journal: PostgresJournal
) -> None:
    opened = request()
    await gateway.record_request(opened)
    await gateway.record_contribution(rated(opened))
    (found,) = await restarted.find_lost(10)
    await restarted.mark_moved(found)
    await in_the_journal(journal, end_of(opened))
    await in_the_journal(journal, logged(opened))
    assert await restarted.delete_ended() == 1
    assert len(await restarted.unjournaled(10)) == 1


async def test_erasing_a_person_takes_what_they_contributed_along(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str, signing_key: str
) -> None:
    for contribution in contributed(request()):
        await gateway.record_contribution(contribution)
    await erase(owner_url, signing_key, ErasureRequest("acme", (ADA,), "tests"), dry_run=False)
    assert await restarted.unjournaled(10) == []


async def test_what_is_stored_says_nothing_without_the_key(gateway: PostgresWriteAhead, owner_url: str) -> None:
    await gateway.record_request(request())
    connection = await asyncpg.connect(owner_url)
    content = await connection.fetchval("SELECT content FROM moe.write_ahead")
    await connection.close()
    assert CANARY.encode() not in content


async def test_content_cannot_be_put_in_the_place_of_another_request(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str
) -> None:
    await gateway.record_request(request(text="one"))
    await gateway.record_request(request(text="two"))
    connection = await asyncpg.connect(owner_url)
    await connection.execute(
        "UPDATE moe.write_ahead SET content = (SELECT content FROM moe.write_ahead ORDER BY kept_at LIMIT 1)"
    )
    await connection.close()
    with pytest.raises(UnreadableContent, match="was changed after it was written"):
        await restarted.find_lost(10)


async def test_a_store_that_is_away_is_told_within_the_limit(secrets: JournalSecrets) -> None:
    limits = replace(WriteAheadLimits(), wait_s=0.3)
    nowhere = "postgresql://moe@127.0.0.1:9/moe"
    async with PostgresWriteAhead(nowhere, secrets, OLD, limits) as gateway:
        with pytest.raises(PostgresUnavailable):
            async with waiting(WAIT_TIMEOUT_S):
                await gateway.record_request(request())


async def test_a_server_that_dropped_the_session_is_asked_again(
    gateway: PostgresWriteAhead, restarted: PostgresRecoveryStore, owner_url: str
) -> None:
    await gateway.record_request(request())
    connection = await asyncpg.connect(owner_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'moe acceptance'"
    )
    await connection.close()
    await gateway.record_request(request())
    assert len(await restarted.find_lost(10)) == 2


def logged(opened: RequestOpened) -> RequestLogged:
    words = RequestLogged(
        response_id=opened.envelope.response_id, input="", answer="", expert_models_used=(), ts=opened.accepted_at
    )
    return words.after(opened)


def rated(opened: RequestOpened, rating: int = 5) -> FeedbackGiven:
    given = FeedbackGiven(
        response_id=opened.envelope.response_id, rating=rating, positive=rating > 3, ts=time.time(), correction=CANARY
    )
    return given.after(opened)


def contributed(opened: RequestOpened) -> list[Contribution]:
    offer = KnowledgeOffered(
        input="What is to be remembered?",
        answer=CANARY,
        domain="general",
        source_expert="session_memory",
        source_model="",
        confidence="high",
        knowledge_type="factual",
    )
    return [rated(opened), offer.opening(request().envelope.origin)]
