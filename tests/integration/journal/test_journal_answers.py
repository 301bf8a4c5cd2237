"""The journal's view of a response, through the role that sees the rows of one tenant only."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from libs.adapters.journal.answers import JournalAnswers
from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.journal.writer import PostgresJournal
from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.contracts.records import RequestLogged
from libs.core.errors import Retryable
from libs.ports.answers import ResponseState
from libs.runtime.messaging.codec import encode, read, verifier
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.journal_secrets import JournalSecrets
from libs.testing.databases import empty_database
from libs.testing.records import lying, request
from services.journal.domain.entries import entry_of

pytestmark = pytest.mark.embedded
SIGNER = Signer(b"a key of the tests' own fleet")
OPENED = RequestOpened(question=Question(text="Why?"), model="moe-orchestrator", accepted_at=1.0).opening(request())
RESPONSE_ID = OPENED.envelope.response_id


@pytest_asyncio.fixture
async def journal(owner_url: str, secrets: JournalSecrets) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(owner_url, secrets) as opened:
        yield opened


def answers(url: str, secrets: JournalSecrets) -> JournalAnswers:
    return JournalAnswers(PostgresJournalReader(url, secrets), lambda record: read(record, SIGNER))


async def keep(journal: PostgresJournal, message: Message, offset: int, log_id: str = "") -> None:
    """Store a message as it is on the first of its topics."""
    await journal.append(entry_of(lying(encode(message, SIGNER)[0], offset=offset), log_id, verifier(SIGNER)))


def end(text: str) -> AnswerFinished:
    finished = AnswerFinished(outcome="answered", text=text).after(OPENED)
    return finished.bound(replace(finished.envelope, event_id=f"{finished.envelope.event_id[:-4]}{len(text):04}"))


async def test_the_end_at_the_lowest_offset_is_the_answer_in_whatever_order_it_was_kept(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await keep(journal, end("second"), offset=9)
    await keep(journal, OPENED, offset=0)
    await keep(journal, end("first"), offset=8)
    known = await answers(owner_url, secrets).find("acme", RESPONSE_ID)
    assert known.opened == OPENED
    assert known.end is not None
    assert known.end.text == "first"


async def test_an_older_log_comes_before_one_that_began_anew(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await keep(journal, end("before"), offset=70, log_id="z")
    await keep(journal, end("afterwards"), offset=0, log_id="a")
    known = await answers(owner_url, secrets).find("acme", RESPONSE_ID)
    assert known.end is not None
    assert known.end.text == "before"


async def test_another_tenant_is_told_nothing(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    await keep(journal, OPENED, offset=0)
    await keep(journal, end("ours"), offset=1)
    assert await answers(owner_url, secrets).find("other", RESPONSE_ID) == ResponseState()


async def test_what_one_model_answers_is_told_while_it_runs_and_when_it_has_ended(
    journal: PostgresJournal, owner_url: str, secrets: JournalSecrets
) -> None:
    running = DirectOpened(model="moe-orchestrator", accepted_at=1.0).opening(OPENED.envelope.origin)
    ended = RequestLogged(response_id=RESPONSE_ID, input="Why?", answer="So.", expert_models_used=(), ts=2.0)
    place = answers(owner_url, secrets)
    await keep(journal, running, offset=0)
    assert (await place.accepted("acme", RESPONSE_ID), await place.record("acme", RESPONSE_ID)) == (running, None)
    await keep(journal, ended.after(running), offset=1)
    assert await place.record("acme", RESPONSE_ID) == ended
    assert (await place.accepted("other", RESPONSE_ID), await place.record("other", RESPONSE_ID)) == (None, None)


async def test_a_database_without_a_journal_cannot_be_asked(server_url: str, secrets: JournalSecrets) -> None:
    with pytest.raises(Retryable, match="holds no journal"):
        await answers(await empty_database(server_url), secrets).find("acme", RESPONSE_ID)


async def test_a_server_that_is_away_cannot_be_asked(secrets: JournalSecrets) -> None:
    with pytest.raises(Retryable):
        await answers("postgresql://moe@127.0.0.1:1/moe", secrets).find("acme", RESPONSE_ID)
