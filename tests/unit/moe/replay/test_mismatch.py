"""A difference names the field."""

from libs.contracts.answer import AnswerFinished
from libs.contracts.envelope import Envelope
from libs.contracts.field_revisions import introduced_in
from libs.contracts.origin import Origin
from libs.contracts.progress import PartCompleted
from libs.contracts.question import Question, QuestionAsked
from libs.core.ids import new_response_id
from moe.replay.mismatch import MAX_SHOWN, RecordLocation, compare

PLACE = RecordLocation(3, "mcp")
ORIGIN = Origin(new_response_id(3, 1_700_000_000), "acme", deadline_at=1_700_000_060.0, trace="00-t-01")
ASKED = QuestionAsked(question=Question(text="How many?")).opening(ORIGIN)
PART = PartCompleted(part="t1", part_kind="tool").after(ASKED)


def _paths(expected: PartCompleted, got: PartCompleted, payload: bytes | None = None) -> list[str]:
    return [difference.path for difference in compare(PLACE, expected, got, payload or got.body())]


def test_equal_messages_do_not_differ() -> None:
    assert _paths(PART, PART) == []


def test_a_field_of_the_body_is_named() -> None:
    other = PART.model_copy(update={"stream": "t1.abc"}).bound(PART.envelope)
    (difference,) = compare(PLACE, PART, other, other.body())
    assert (difference.index, difference.stage, difference.path) == (3, "mcp", "body.stream")
    assert (difference.expected, difference.got) == ("", "t1.abc")


def test_the_same_json_in_other_bytes_differs() -> None:
    assert _paths(PART, PART, PART.body().replace(b",", b", ", 1)) == ["body"]


def test_a_body_that_is_no_json_differs_as_a_whole() -> None:
    assert _paths(PART, PART, b"\xff") == ["body"]


def test_a_field_of_the_envelope_is_named() -> None:
    assert _paths(PART, PART.bound(PART.envelope.by(1.0))) == ["envelope.deadline_at"]


def test_how_long_it_waited_and_how_often_it_was_tried_do_not_count() -> None:
    waited = Envelope(**{name: getattr(PART.envelope, name) for name in Envelope.__slots__} | {"attempt": 4})
    assert _paths(PART, PART.bound(waited)) == []


def test_long_values_are_cut() -> None:
    other = PART.model_copy(update={"stream": "x" * 999}).bound(PART.envelope)
    (difference,) = compare(PLACE, PART, other, other.body())
    assert len(difference.got) == MAX_SHOWN


def test_a_field_that_is_not_there_is_named() -> None:
    assert _paths(PART, PART, PART.body().replace(b',"stream":""', b"")) == ["body.stream"]


def test_a_record_older_than_a_field_does_not_differ() -> None:
    end, known = AnswerFinished(outcome="answered", text="Two.").after(ASKED), introduced_in("AnswerFinished", "known")
    payload = end.body().replace(b',"known":false', b"")
    assert payload != end.body()
    assert compare(PLACE, end, end, payload, known - 1) == ()
    assert [difference.path for difference in compare(PLACE, end, end, payload, known)] == ["body.known"]


def test_the_fields_that_an_older_record_has_are_compared() -> None:
    end, other = (AnswerFinished(outcome="answered", text=text).after(ASKED) for text in ("Two.", "Three."))
    payload = end.body().replace(b',"known":false', b"")
    differences = compare(PLACE, other, end, payload, introduced_in("AnswerFinished", "known") - 1)
    assert [difference.path for difference in differences] == ["body.text"]
