"""The next process can read the record of a cached answer."""

import pytest
from pydantic import ValidationError

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from services.gateway.domain.cached_answer_record import CachedAnswerRecord, read_cached_answer_record

ENVELOPE = Origin(new_response_id(0, 1.0), "acme", deadline_at=60.0, trace="00-trace", subject="somebody")
OPENED = RequestOpened(question=Question(text="Zwei\nZeilen?"), model="moe-orchestrator", accepted_at=1.5).opening(
    ENVELOPE
)
RECORD = CachedAnswerRecord(
    OPENED, AnswerFinished(outcome="answered", text="Ja.\n\nBeide.", sources=("m@s::general",)).after(OPENED)
)


def test_an_entry_is_the_record() -> None:
    again = read_cached_answer_record(RECORD.entry())
    assert again == RECORD
    assert [message.envelope for message in again.messages()] == [message.envelope for message in RECORD.messages()]


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_half_an_entry_is_no_record(cut: int) -> None:
    with pytest.raises(ValidationError):
        read_cached_answer_record(RECORD.entry()[:-cut])


def test_a_record_that_is_too_long_is_cut() -> None:
    long = OPENED.model_copy(update={"question": Question(text="?" + " " * 2_000_000)}).bound(OPENED.envelope)
    short = CachedAnswerRecord(long, RECORD.end).without_texts()
    assert len(short.entry()) < 10_000
    assert [message.envelope for message in short.messages()] == [message.envelope for message in RECORD.messages()]
