"""Between messages and records."""

from dataclasses import replace
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import MESSAGES
from libs.contracts.envelope import MalformedEnvelope
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, RequestCancelled
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.record import Record
from libs.contracts.tool import RunTool
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from libs.core.ids import new_response_id
from libs.runtime.messaging.codec import (
    MalformedMessage,
    NoSuchReply,
    UnwritableMessage,
    as_decoded,
    decode,
    encode,
    verified_envelope,
)
from libs.runtime.messaging.signing import BadSignature
from libs.testing.records import SIGNER, record_of, request

QUESTION = Question(text="Why?")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_message_reads_back_as_it_was_said(text: str) -> None:
    said = QuestionAsked(question=Question(text=text)).opening(request())
    record = record_of(said)
    read = decode(record, verified_envelope(record, SIGNER))
    assert read == said
    assert read.envelope == said.envelope


def test_an_envelope_has_the_time_of_its_record_and_passes_it_on_to_no_message() -> None:
    opened = QuestionAsked(question=QUESTION).opening(request())
    record = replace(record_of(opened), timestamp_ms=1_700_000_000_123)
    read = decode(record, verified_envelope(record, SIGNER))
    assert read.envelope.logged_ms == 1_700_000_000_123
    assert AnswerFinished(outcome="answered").after(read).envelope.logged_ms == 0
    assert read.envelope.headers("signature") == opened.envelope.headers("signature")


def test_a_message_of_two_topics_is_two_records_with_one_id_and_one_body() -> None:
    end = AnswerFinished(outcome="answered", text="42").opening(request())
    reply, fact = encode(end, SIGNER)
    assert (reply.topic, fact.topic) == (ANSWER_FINISHED, PROGRESS)
    assert (reply.headers, reply.value, reply.key) == (fact.headers, fact.value, fact.key)


def test_the_key_is_the_response_id() -> None:
    run = RunTool(part="p1", call=ToolCall(tool="calculate", arguments={})).opening(request())
    (outgoing,) = encode(run, SIGNER)
    assert outgoing.key.decode() == run.envelope.response_id


@pytest.mark.parametrize("key", [None, b"", b"another response", b"%s2", b"%s\n", b" %s"])
def test_a_key_that_is_not_the_response_id_is_refused_whoever_signed(key: bytes | None) -> None:
    record = record_of(QuestionAsked(question=QUESTION).opening(request()))
    assert record.key is not None
    forged = replace(record, key=key.replace(b"%s", record.key) if key is not None else None)
    with pytest.raises(MalformedEnvelope, match="the key is not the response id"):
        verified_envelope(forged, SIGNER)


def test_all_facts_of_a_response_share_a_partition() -> None:
    envelope = request()
    facts = [PartCompleted(part=f"p{n}", part_kind="tool").opening(envelope) for n in range(20)]
    assert len({encode(fact, SIGNER)[0].partition(12) for fact in facts}) == 1


def test_facts_of_a_response_stay_where_they_are_when_their_topic_grows() -> None:
    facts = [encode(PartCompleted(part="p1", part_kind="tool").opening(request()), SIGNER)[0] for _ in range(200)]
    assert [fact.partition(64) for fact in facts] == [fact.partition(12) for fact in facts]


def test_commands_of_parts_use_the_partitions_that_their_topic_gets() -> None:
    envelope, call = request(), ToolCall(tool="calculate", arguments={})
    runs = [RunTool(part=f"p{n}", call=call).opening(envelope) for n in range(200)]
    assert {encode(run, SIGNER)[0].partition(24) for run in runs} == set(range(24))


def test_commands_of_one_response_spread() -> None:
    envelope, call = request(), ToolCall(tool="calculate", arguments={})
    runs = [RunTool(part=f"p{n}", call=call).opening(envelope) for n in range(40)]
    assert len({encode(run, SIGNER)[0].partition(12) for run in runs}) > 4


def test_responses_spread() -> None:
    facts = [PartCompleted(part="p1", part_kind="tool").opening(request()) for _ in range(200)]
    assert {encode(fact, SIGNER)[0].partition(12) for fact in facts} == set(range(12))


@pytest.mark.parametrize("number", [0, 7, 63])
def test_a_reply_goes_to_the_partition_in_the_response_id(number: int) -> None:
    end = AnswerFinished(outcome="answered").opening(request(reply_partition=number))
    assert encode(end, SIGNER)[0].partition(64) == number


def test_a_reply_to_a_partition_that_is_not_there_is_refused() -> None:
    end = AnswerFinished(outcome="answered").opening(request(reply_partition=64))
    with pytest.raises(NoSuchReply, match="reply partition 64"):
        encode(end, SIGNER)[0].partition(64)


def test_a_broadcast_has_one_partition() -> None:
    cancelled = RequestCancelled(reason="gone").opening(request())
    assert encode(cancelled, SIGNER)[1].partition(1) == 0


def test_a_schema_has_no_place_on_a_foreign_topic() -> None:
    record = replace(record_of(QuestionAsked(question=QUESTION).opening(request())), topic=PROGRESS.name)
    with pytest.raises(MalformedMessage, match=r"'question-asked.v1' has no place on moe.pipeline.progress.v1"):
        decode(record, verified_envelope(record, SIGNER))


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"question": 7}', b"\xff", b'{"question": NaN}', b"[" * 5000])
def test_a_body_that_is_not_what_its_schema_says_is_refused(value: bytes) -> None:
    record = record_of(QuestionAsked(question=QUESTION).opening(request()))
    envelope = verified_envelope(record, SIGNER)
    with pytest.raises(MalformedMessage, match=r"question-asked.v1"):
        decode(replace(record, value=value), envelope)


def test_a_body_that_was_changed_on_the_way_is_refused() -> None:
    record = record_of(QuestionAsked(question=QUESTION).opening(request()))
    with pytest.raises(BadSignature):
        verified_envelope(replace(record, value=record.value.replace(b"Why", b"How")), SIGNER)


@given(st.lists(st.tuples(st.text(max_size=12), st.binary(max_size=12)), max_size=12))
def test_whatever_the_headers_they_are_refused_and_nothing_else_happens(headers: list[tuple[str, bytes]]) -> None:
    record = replace(record_of(QuestionAsked(question=QUESTION).opening(request())), headers=tuple(headers))
    with pytest.raises(MalformedEnvelope):
        verified_envelope(record, SIGNER)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# Hypothesis cannot resolve the recursive alias of JSON.
st.register_type_strategy(JsonValue, json_values)  # type: ignore[arg-type]


def valid(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Messages of a type: an example, with any content in some fields that hold no models, if the type permits it."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {name: st.from_type(hints[name]) for name in kind.model_fields if "libs." not in repr(hints[name])}
    (example, *_) = (message for message in EXAMPLES if type(message) is kind)

    @st.composite
    def draw_valid(draw: st.DrawFn) -> Message:
        changed = draw(st.sets(st.sampled_from(sorted(fields)))) if fields else set[str]()
        values = {name: getattr(example, name) for name in kind.model_fields}
        values |= {name: draw(fields[name]) for name in sorted(changed)}
        try:
            return kind(**values)
        except ValidationError:
            return example

    return draw_valid()


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@given(data=st.data(), deadline_at=st.floats(0, 4e9))
@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_message_is_handed_over_as_its_record_would_be_read(
    kind: type[Message], data: st.DataObject, deadline_at: float
) -> None:
    message = data.draw(valid(kind)).opening(Origin(new_response_id(3, 1_760_000_000), "acme", deadline_at, "00-1"))
    try:
        records = encode(message, SIGNER)
    except UnwritableMessage:
        reject()
    for sent in records:
        record = Record(sent.topic.name, 0, 1, 1_760_000_000_123, sent.key, sent.headers, sent.value)
        read = decode(record, verified_envelope(record, SIGNER))
        handed = as_decoded(message, record.timestamp_ms)
        assert handed is not None
        assert (handed, repr(handed)) == (read, repr(read))
        assert repr(handed.envelope) == repr(read.envelope)


@pytest.mark.parametrize("changes", [{"response_id": "made-up"}, {"deadline_at": -1.0}, {"attempt": 0}])
def test_what_a_reader_refuses_is_not_handed_over(changes: dict[str, Any]) -> None:
    message = PartCompleted(part="p", part_kind="tool").opening(request())
    assert as_decoded(message, 1) is not None
    assert as_decoded(message.bound(replace(message.envelope, **changes)), 1) is None
