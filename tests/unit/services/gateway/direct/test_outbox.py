"""Outbox of direct requests: responses that only it knows, and records of a process that died."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from libs.contracts.message import Message
from libs.contracts.records import RequestLogged
from libs.core.errors import Rejected
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.records import SIGNER, record_of
from services.gateway.direct.outbox import DirectOutbox
from tests.support.direct_requests import SAID, case

CAPACITY = 1 << 20


class Log:
    """Accepts messages, and signals their arrival."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.news = asyncio.Event()

    async def publish(self, *messages: Message) -> None:
        self.taken += messages
        self.news.set()

    def ends(self) -> list[tuple[str, str]]:
        return [(each.response_id, each.outcome) for each in self.taken if isinstance(each, RequestLogged)]


async def delivered(books: DirectOutbox, log: Log) -> None:
    """Put on the log what waits."""
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(books.deliver(log))
        assert await books.spool.emptied(30)
        keeping.cancel()


async def test_a_record_is_known_here_until_the_log_has_it(tmp_path: Path) -> None:
    books, open_case = DirectOutbox(tmp_path, CAPACITY), case()
    async with books.spool:
        books.write(record := open_case.as_record("answered", SAID))
        before = books.undelivered(open_case.response_id)
        await delivered(books, Log())
        assert (before, books.undelivered(open_case.response_id)) == (record, None)


class Small(Log):
    """Takes nothing in which an answer of more than a hundred characters is."""

    async def publish(self, *messages: Message) -> None:
        if any(isinstance(each, RequestLogged) and len(each.answer) > 100 for each in messages):
            raise Rejected("too large", code="message_too_large")
        await super().publish(*messages)


async def test_of_records_that_are_put_on_the_log_together_only_the_too_large_one_loses_its_texts(
    tmp_path: Path,
) -> None:
    books, log = DirectOutbox(tmp_path, CAPACITY), Small()
    said = [SAID, replace(SAID, text="x" * 101), SAID]
    async with books.spool:
        for each in said:
            books.write(case().as_record("answered", each))
        await delivered(books, log)
    answers = [each.answer for each in log.taken if isinstance(each, RequestLogged)]
    assert sorted(answers) == ["", SAID.text, SAID.text]


async def test_what_an_earlier_process_did_not_deliver_is_known_here(tmp_path: Path) -> None:
    books, record = DirectOutbox(tmp_path, CAPACITY), case().as_record("answered", SAID)
    async with books.spool:
        books.write(record)
    books = DirectOutbox(tmp_path, CAPACITY)
    async with books.spool:
        assert books.undelivered(record.response_id) == record


async def test_an_intent_is_recovered_by_the_next_process_once(tmp_path: Path) -> None:
    books, log, orphan = DirectOutbox(tmp_path, CAPACITY), Log(), case().as_orphan()
    async with books.spool:
        await books.log_intent(orphan)
    for _ in range(2):
        books = DirectOutbox(tmp_path, CAPACITY)
        async with books.spool:
            books.recover(TEST_TIME_S + 60)
            await delivered(books, log)
    assert log.ends() == [(orphan.response_id, "failed")]
    assert log.taken[0].envelope.deadline_at == TEST_TIME_S + 60


async def test_a_request_that_was_recorded_owes_nothing(tmp_path: Path) -> None:
    books, log, open_case = DirectOutbox(tmp_path, CAPACITY), Log(), case()
    async with books.spool:
        await books.log_intent(open_case.as_orphan())
        books.write(open_case.as_record("answered", SAID))
    books = DirectOutbox(tmp_path, CAPACITY)
    async with books.spool:
        books.recover(TEST_TIME_S)
        await delivered(books, log)
    assert log.ends() == [(open_case.response_id, "answered")]


async def test_an_intent_beside_the_record_that_was_written_last_records_nothing(tmp_path: Path) -> None:
    books, log, open_case = DirectOutbox(tmp_path, CAPACITY), Log(), case()
    async with books.spool:
        books.write(open_case.as_record("answered", SAID))
        await books.log_intent(open_case.as_orphan())  # as if the process had died between the two
    books = DirectOutbox(tmp_path, CAPACITY)
    async with books.spool:
        books.recover(TEST_TIME_S)
        await delivered(books, log)
    assert log.ends() == [(open_case.response_id, "answered")]


async def test_an_intent_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "broken").write_bytes(b"{")
    books = DirectOutbox(tmp_path, CAPACITY)
    async with books.spool:
        books.recover(TEST_TIME_S)
    assert list((tmp_path / "open").iterdir()) == []


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
async def test_a_record_lasts_as_long_as_its_request_whatever_the_clock_shows(step_s: float, tmp_path: Path) -> None:
    books, log, open_case = DirectOutbox(tmp_path, CAPACITY), Log(), case()
    assert isinstance(open_case.clock, FakeClock)
    open_case.clock.step(step_s)
    open_case.clock.advance(2.0)
    record = open_case.as_record("answered", SAID)
    async with books.spool:
        books.write(record)
        await delivered(books, log)
    assert (record.duration_ms, log.ends()) == (2000, [(record.response_id, "answered")])


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
async def test_what_was_left_before_the_clock_was_set_is_recorded_once_and_read_from_the_log(
    step_s: float, tmp_path: Path
) -> None:
    books, log, orphan = DirectOutbox(tmp_path, CAPACITY), Log(), case().as_orphan()
    written = case().as_record("answered", SAID)
    async with books.spool:
        await books.log_intent(orphan)
        books.write(written)
    for _ in range(2):
        books = DirectOutbox(tmp_path, CAPACITY)
        async with books.spool:
            books.recover(TEST_TIME_S + step_s)
            await delivered(books, log)
    assert sorted(log.ends()) == sorted([(orphan.response_id, "failed"), (written.response_id, "answered")])
    records = [record_of(message) for message in log.taken]
    assert [decode(record, verified_envelope(record, SIGNER)) for record in records] == log.taken
