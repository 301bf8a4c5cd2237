"""Messages published when a stage fails."""

import pytest

from libs.contracts.answer import AnswerDrafted, AnswerFinished, Failure, MergeAnswer
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.failures import failure_of
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.origin import Origin
from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.tool import RunTool
from libs.core.ids import new_response_id

ORIGIN = Origin(new_response_id(7, 1_760_000_000), "acme", deadline_at=1_760_000_060.0, trace="00-1-2-01")
QUESTION = Question(text="Why?")
SPENT = Usage(prompt_tokens=40, completion_tokens=2)
FAILURE = Failure(code="model_down", message="no model answers")
FIRST = Finding(text="Because of the light.", confidence="low")


def asked_t2(first: Finding | None) -> AskExpertT2:
    return AskExpertT2(part="p1", question=QUESTION, category="science", task="Why?", first=first).opening(ORIGIN)


def assert_says(said: Message, expected: Message) -> None:
    assert type(said) is type(expected)
    assert said.body() == expected.body()


def test_a_second_tier_that_fails_leaves_the_first_finding_standing() -> None:
    assert_says(
        failure_of(asked_t2(FIRST), FAILURE),
        PartCompleted(part="p1", part_kind="expert", category="science", finding=FIRST),
    )


def test_a_second_tier_without_a_first_finding_fails() -> None:
    assert_says(
        failure_of(asked_t2(None), FAILURE),
        PartCompleted(part="p1", part_kind="expert", category="science", failure=FAILURE),
    )


def test_an_expert_that_fails_ends_its_part_alone() -> None:
    ask = AskExpertT1(part="p2", question=QUESTION, category="math", task="Why?").opening(ORIGIN)
    assert_says(
        failure_of(ask, FAILURE), PartCompleted(part="p2", part_kind="expert", category="math", failure=FAILURE)
    )


def test_a_tool_that_fails_ends_its_part_alone() -> None:
    run = RunTool(part="p3", call=ToolCall(tool="calculate", arguments={})).opening(ORIGIN)
    assert_says(failure_of(run, FAILURE), PartCompleted(part="p3", part_kind="tool", failure=FAILURE))


@pytest.mark.parametrize(
    "message",
    [
        QuestionAsked(question=QUESTION),
        MergeAnswer(question=QUESTION, results=()),
        AnswerDrafted(question=QUESTION, text="…", categories=()),
    ],
    ids=lambda message: type(message).__name__,
)
def test_any_other_failure_ends_the_request(message: Message) -> None:
    assert_says(failure_of(message.opening(ORIGIN), FAILURE), AnswerFinished(outcome="failed", failure=FAILURE))


@pytest.mark.parametrize(
    "message",
    [
        MergeAnswer(question=QUESTION, results=(), spent=SPENT),
        AnswerDrafted(question=QUESTION, text="…", categories=(), spent=SPENT),
    ],
    ids=lambda message: type(message).__name__,
)
def test_an_end_by_failure_tells_what_was_spent(message: Message) -> None:
    ended = failure_of(message.opening(ORIGIN), FAILURE)
    assert isinstance(ended, AnswerFinished)
    assert ended.usage == SPENT


def test_the_end_belongs_to_what_failed() -> None:
    ask = asked_t2(FIRST)
    assert failure_of(ask, FAILURE).envelope.causation_id == ask.envelope.event_id


def test_a_command_that_came_too_late_ends_its_request_as_expired() -> None:
    question = QuestionAsked(question=QUESTION).opening(ORIGIN)
    ended = failure_of(question, Failure(code="deadline_exceeded", message="too late"))
    assert isinstance(ended, AnswerFinished)
    assert ended.outcome == "expired"
