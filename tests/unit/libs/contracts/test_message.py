"""Messages: binding, content, and unknown fields."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import COMMANDS, MESSAGES, message_type, messages_of
from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.progress import PartCompleted, PlanDrafted, RequestCancelled
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.topics import PROGRESS
from libs.core.ids import event_id, new_response_id

RESPONSE_ID = new_response_id(7, 1_760_000_000)
ORIGIN = Origin(RESPONSE_ID, "acme", deadline_at=1_760_000_060.0, trace="00-1-2-01")
QUESTION = Question(text="Why is the sky blue?")


@pytest.fixture
def asked() -> QuestionAsked:
    return QuestionAsked(question=QUESTION).opening(ORIGIN)


def test_the_first_message_has_its_own_id_and_schema_and_no_cause(asked: QuestionAsked) -> None:
    envelope = asked.envelope
    assert (envelope.schema, envelope.causation_id) == ("question-asked.v1", "")
    assert envelope.event_id == event_id(RESPONSE_ID, "question-asked.v1")


def test_a_message_inherits_the_five_facts_of_its_origin(asked: QuestionAsked) -> None:
    origin = Origin(RESPONSE_ID, "acme", deadline_at=7.5, trace="00-1-2-01", subject="ada")
    assert QuestionAsked(question=QUESTION).opening(origin).envelope.origin == origin
    assert asked.after(asked).envelope.origin == ORIGIN


def test_origins_of_one_name_open_one_history() -> None:
    assert Origin.system("stage/abc") == Origin.system("stage/abc")
    assert Origin.system("stage/abc").response_id != Origin.system("stage/abd").response_id
    assert (Origin.system("a").tenant, Origin.system("a", "acme").tenant) == ("system", "acme")


def test_an_effect_belongs_to_the_request_of_its_cause(asked: QuestionAsked) -> None:
    effect = PlanDrafted(parts=(), source="rule").after(asked).envelope
    assert effect.causation_id == asked.envelope.event_id
    assert (effect.response_id, effect.tenant, effect.trace, effect.deadline_at, effect.attempt) == (
        RESPONSE_ID,
        "acme",
        "00-1-2-01",
        1_760_000_060.0,
        1,
    )


def test_the_same_effect_of_the_same_cause_has_the_same_id(asked: QuestionAsked) -> None:
    first, again = (PartCompleted(part="p1", part_kind="expert").after(asked) for _ in range(2))
    other = PartCompleted(part="p2", part_kind="expert").after(asked)
    assert first.envelope == again.envelope
    assert other.envelope.event_id != first.envelope.event_id


def test_whoever_says_the_end_it_has_the_same_id(asked: QuestionAsked) -> None:
    cancelled = RequestCancelled(reason="client gone").after(asked)
    ends = (AnswerFinished(outcome="answered").after(asked), AnswerFinished(outcome="cancelled").after(cancelled))
    assert len({end.envelope.event_id for end in ends}) == 1


def test_an_effect_may_have_an_earlier_deadline_but_no_later_one(asked: QuestionAsked) -> None:
    part = PartCompleted(part="p1", part_kind="tool")
    assert part.after(asked, deadline_at=1_760_000_010.0).envelope.deadline_at == 1_760_000_010.0
    assert part.after(asked, deadline_at=1_760_009_999.0).envelope.deadline_at == 1_760_000_060.0


def test_binding_leaves_the_original_unbound(asked: QuestionAsked) -> None:
    part = PartCompleted(part="p1", part_kind="tool")
    part.after(asked)
    with pytest.raises(ValueError, match=r"PartCompleted is not bound to a request yet: call after\(cause\)"):
        _ = part.envelope


def test_a_message_cannot_be_changed(asked: QuestionAsked) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(asked, "question", QUESTION)  # noqa: B010  # mypy refuses the plain assignment, as it should


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_body_reads_back_as_what_was_said(text: str) -> None:
    message = QuestionAsked(question=Question(text=text, instructions=text))
    assert QuestionAsked.model_validate_json(message.body()) == message


def test_the_body_is_the_payload_alone(asked: QuestionAsked) -> None:
    assert b"acme" not in asked.body()
    assert RESPONSE_ID.encode() not in asked.body()


def test_a_field_that_we_do_not_know_is_ignored() -> None:
    read = RequestCancelled.model_validate_json(b'{"reason": "gone", "colour": "blue"}')
    assert read == RequestCancelled(reason="gone")


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_message_is_found_by_its_schema_and_on_each_of_its_topics(kind: type[Message]) -> None:
    assert message_type(kind.schema_name()) is kind
    assert all(kind in messages_of(topic) for topic in kind.topics)


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_has_a_summary_of_its_own(kind: type[Message]) -> None:
    assert kind.summary is not Message.summary


def test_all_that_the_join_hears_can_be_told_apart_by_its_kind() -> None:
    kinds = [kind.model_fields["kind"].default for kind in messages_of(PROGRESS)]
    assert sorted(kinds) == sorted(kind.schema_name().removesuffix(".v1") for kind in messages_of(PROGRESS))


def test_a_command_stands_alone_on_one_topic() -> None:
    for command in COMMANDS:
        assert len(command.topics) == 1
        assert messages_of(command.topics[0]) == {command}


def test_nobody_knows_a_schema_that_does_not_exist() -> None:
    assert message_type("plan-drafted.v2") is None


def test_what_is_said_anew_has_another_id_and_nothing_else_is_changed(asked: QuestionAsked) -> None:
    anew = asked.again(2)
    assert anew.envelope.event_id == event_id(RESPONSE_ID, "question-asked.v1", "", 2)
    assert replace(anew.envelope, event_id=asked.envelope.event_id) == asked.envelope
    assert anew.body() == asked.body()
