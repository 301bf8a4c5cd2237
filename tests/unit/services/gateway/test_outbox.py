"""The outbox keeps records until they are on the log, whichever process publishes them."""

from pathlib import Path

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.errors import Rejected
from libs.core.ids import new_response_id
from libs.core.tasks import TaskSet
from libs.testing.fake_publisher import FakePublisher
from services.gateway.domain.cached_answer_record import CachedAnswerRecord, read_cached_answer_record
from services.gateway.outbox import Outbox

LONG = "x" * 50_000


def record(text: str = "Because.") -> CachedAnswerRecord:
    origin = Origin(new_response_id(0, 1.0), "acme", deadline_at=60.0)
    opened = RequestOpened(question=Question(text="Why?"), model="m", accepted_at=1.0).opening(origin)
    return CachedAnswerRecord(opened, AnswerFinished(outcome="answered", text=text).after(opened))


def books_in(folder: Path) -> Outbox[CachedAnswerRecord]:
    return Outbox(folder, 1 << 20, read_cached_answer_record)


async def kept(books: Outbox[CachedAnswerRecord], publisher: FakePublisher) -> None:
    """Run until everything is on the log."""
    tasks = TaskSet(_raise)
    tasks.start(books.deliver(publisher))
    assert await books.spool.emptied(30)
    await tasks.cancel()


def _raise(error: BaseException) -> None:
    raise error


async def test_what_was_recorded_waits_until_it_is_on_the_log(tmp_path: Path) -> None:
    books, publisher, one = books_in(tmp_path), FakePublisher(away=1), record()
    async with books.spool:
        books.write(one)
        assert books.undelivered(one.response_id) == one
        await kept(books, publisher)
        assert books.undelivered(one.response_id) is None
    assert publisher.published == [one.opened, one.end]


async def test_what_a_killed_process_recorded_is_published_by_the_next(tmp_path: Path) -> None:
    killed, publisher, one = books_in(tmp_path), FakePublisher(), record()
    await killed.spool.__aenter__()  # and never left: nothing is tidied up
    killed.write(one)
    books = books_in(tmp_path)
    async with books.spool:
        assert books.undelivered(one.response_id) == one
        await kept(books, publisher)
    assert publisher.published == [one.opened, one.end]


async def test_what_no_broker_takes_goes_without_its_texts(tmp_path: Path) -> None:
    class Narrow(FakePublisher):
        async def publish(self, *messages: Message) -> None:
            if any(len(message.body()) > len(LONG) for message in messages):
                raise Rejected("too large", code="message_too_large")
            await super().publish(*messages)

    books, publisher, one = books_in(tmp_path), Narrow(), record(LONG)
    async with books.spool:
        books.write(one)
        await kept(books, publisher)
    assert [message.envelope for message in publisher.published] == [one.opened.envelope, one.end.envelope]


async def test_what_no_broker_takes_at_all_holds_up_nothing_behind_it(tmp_path: Path) -> None:
    class Refusing(FakePublisher):
        async def publish(self, *messages: Message) -> None:
            if any(isinstance(each, AnswerFinished) and "half" in each.text for each in messages):
                raise Rejected("half a character is none")
            await super().publish(*messages)

    books, publisher, good = books_in(tmp_path), Refusing(), record()
    async with books.spool:
        books.write(record("half"))
        books.write(good)
        await kept(books, publisher)
    assert publisher.published == [good.opened, good.end]


@pytest.mark.parametrize("entry", [b"", b"{}", b"{}\n{}\n{}"])
def test_an_entry_that_is_no_record_is_left_out(tmp_path: Path, entry: bytes) -> None:
    assert books_in(tmp_path).read(entry) is None
