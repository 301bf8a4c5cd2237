"""Keeping a record means handing it to the journal and waiting for it."""

from dataclasses import replace

import pytest

from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.records import CallsLogged, RequestLogged
from libs.core.errors import ConfigurationError, Retryable, Unstorable
from libs.ports.journal import JournalEntry
from libs.runtime.messaging.codec import encode, verifier
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_usage_store import FakeUsageStore
from libs.testing.keys import SIGNING_KEY, every_root
from moe.registry import build_service
from services.journal.domain.entries import entry_of
from services.journal.handlers import Deps, store_record

KEY = {**every_root(SIGNING_KEY)}
SIGNER = Signer(b"a signing key for tests")
RECORD = Record("moe.requests", 0, 1, 5, None, (), b"not json")


class ListJournal:
    """A journal in memory, which can be unavailable or reject."""

    def __init__(self, error: Exception | None = None) -> None:
        self.entries: list[JournalEntry] = []
        self._error = error

    async def append(self, entry: JournalEntry) -> None:
        if self._error is not None:
            raise self._error
        self.entries.append(entry)


async def test_a_malformed_record_is_kept_under_the_name_of_its_log() -> None:
    journal = ListJournal()
    await store_record(RECORD, Deps(journal, "log-9", SIGNER))
    assert journal.entries == [entry_of(RECORD, "log-9", verifier(SIGNER))]


async def test_a_store_that_is_away_leaves_the_record_unkept() -> None:
    with pytest.raises(Retryable):
        await store_record(RECORD, Deps(ListJournal(Retryable("away")), "", SIGNER))


def logged(signer: Signer, kind: type[Message] = RequestLogged) -> Record:
    example = next(each for each in EXAMPLES if isinstance(each, kind))
    (outgoing,) = encode(example, signer)
    return Record(outgoing.topic.name, 0, 1, 5, outgoing.key, outgoing.headers, outgoing.value)


async def test_the_end_of_a_request_is_kept_and_booked() -> None:
    journal, books = ListJournal(), FakeUsageStore()
    await store_record(logged(SIGNER), Deps(journal, "", SIGNER, books))
    assert len(journal.entries) == 1
    assert len(books.usage_by_request) == 1


async def test_what_the_journal_refuses_is_booked_all_the_same() -> None:
    books = FakeUsageStore()
    with pytest.raises(Unstorable):
        await store_record(logged(SIGNER), Deps(ListJournal(Unstorable("no")), "", SIGNER, books))
    assert len(books.usage_by_request) == 1


async def test_calls_that_came_to_light_late_are_kept_and_added() -> None:
    journal, books = ListJournal(), FakeUsageStore()
    await store_record(logged(SIGNER, CallsLogged), Deps(journal, "", SIGNER, books))
    assert len(journal.entries) == 1
    assert [len(calls) for calls in books.late.values()] == [1]


@pytest.mark.parametrize("record", [RECORD, replace(RECORD, topic="moe.audit")], ids=["malformed", "another topic"])
async def test_what_is_no_end_of_a_request_is_not_booked(record: Record) -> None:
    books = FakeUsageStore()
    await store_record(record, Deps(ListJournal(), "", SIGNER, books))
    assert books.usage_by_request == {}


async def test_an_end_with_another_signature_is_not_recorded() -> None:
    books = FakeUsageStore()
    await store_record(logged(Signer(b"the key of another fleet")), Deps(ListJournal(), "", SIGNER, books))
    assert books.usage_by_request == {}


async def test_an_end_that_could_not_be_kept_is_not_booked_yet() -> None:
    books = FakeUsageStore()
    with pytest.raises(Retryable):
        await store_record(logged(SIGNER), Deps(ListJournal(Retryable("away")), "", SIGNER, books))
    assert books.usage_by_request == {}


def test_the_service_hears_every_record_and_needs_postgres() -> None:
    service = build_service("journal", KEY | {"POSTGRES_CHECKPOINT_URL": "postgres://somebody@localhost/moe"})
    assert service.name == "journal"
    assert len(service.sinks) == 1
    assert service.handlers == ()
    assert [(check.name, check.required) for check in service.checks] == [("postgres", True), ("sealer", False)]


@pytest.mark.parametrize("url", ["", "mysql://localhost/moe", "localhost:5432", "postgres://", "postgres://[::1/moe"])
def test_a_wrong_address_stops_the_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: not ") as caught:
        build_service("journal", KEY | {"POSTGRES_CHECKPOINT_URL": url})
    assert "\n" not in str(caught.value)
    assert "[::1" not in str(caught.value)
