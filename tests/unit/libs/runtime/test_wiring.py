"""Wiring is read off annotations."""

from collections.abc import AsyncIterator, Sequence

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message, PartMessage
from libs.contracts.progress import CandidateOpened, PartCompleted, PlanDrafted
from libs.contracts.question import QuestionAsked
from libs.contracts.topics import ANSWER_FINISHED, QUESTION_ASKED
from libs.core.errors import ConfigurationError
from libs.runtime.service import Handler
from libs.runtime.wiring import consumed_by, published_by, topic_of


async def one(event: QuestionAsked, deps: int) -> PlanDrafted:
    raise AssertionError("only its annotations count")


async def either(event: QuestionAsked, deps: int) -> PlanDrafted | AnswerFinished | None:
    raise AssertionError("only its annotations count")


async def several(event: QuestionAsked, deps: int) -> tuple[AskExpertT1 | AskExpertT2, ...] | PlanDrafted:
    raise AssertionError("only its annotations count")


async def pair(event: QuestionAsked, deps: int) -> tuple[PlanDrafted, AskExpertT1]:
    raise AssertionError("only its annotations count")


async def sequence(event: QuestionAsked, deps: int) -> Sequence[PlanDrafted]:
    raise AssertionError("only its annotations count")


async def stream(event: AskExpertT1, deps: int) -> AsyncIterator[CandidateOpened | PartCompleted]:
    raise AssertionError("only its annotations count")
    yield


async def any_part(event: QuestionAsked, deps: int) -> tuple[PlanDrafted | PartMessage, ...]:
    raise AssertionError("only its annotations count")


async def nothing(event: AnswerFinished, deps: int) -> None:
    raise AssertionError("only its annotations count")


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (one, {PlanDrafted}),
        (either, {PlanDrafted, AnswerFinished}),
        (several, {AskExpertT1, AskExpertT2, PlanDrafted}),
        (pair, {PlanDrafted, AskExpertT1}),
        (sequence, {PlanDrafted}),
        (stream, {CandidateOpened, PartCompleted}),
        (any_part, {PlanDrafted}),
        (nothing, set()),
    ],
)
def test_what_a_handler_says_is_its_return_annotation(handler: Handler, said: set[type[Message]]) -> None:
    assert published_by(handler) == said


def test_what_a_handler_hears_is_its_first_annotation() -> None:
    assert (consumed_by(one), topic_of(one)) == (QuestionAsked, QUESTION_ASKED)


def test_a_message_of_two_topics_is_heard_on_its_first() -> None:
    assert topic_of(nothing) == ANSWER_FINISHED


async def untyped(event, deps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  # that is what is refused
    raise AssertionError("only its annotations count")


async def deaf() -> None:
    raise AssertionError("only its annotations count")


async def hears_text(event: str, deps: int) -> None:
    raise AssertionError("only its annotations count")


async def hears_two(event: QuestionAsked | AnswerFinished, deps: int) -> None:
    raise AssertionError("only its annotations count")


@pytest.mark.parametrize("handler", [untyped, deaf, hears_text, hears_two])
def test_a_handler_that_hears_no_message_stops_the_start(handler: Handler) -> None:
    with pytest.raises(ConfigurationError, match=f"{handler.__name__}: the first parameter"):
        consumed_by(handler)


async def says_text(event: QuestionAsked, deps: int) -> str:
    raise AssertionError("only its annotations count")


def test_a_handler_that_says_something_else_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="which is no message"):
        published_by(says_text)  # type: ignore[arg-type]  # that is what is refused
