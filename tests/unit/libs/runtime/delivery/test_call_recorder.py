"""Every model call is reported, however the work that made it ends."""

import pytest

from libs.contracts.answer import AnswerDrafted
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.progress import CallsMade, PartCompleted, PlanDrafted
from libs.core.errors import Rejected, Retryable
from libs.runtime.delivery.call_recorder import add_call
from libs.testing.fake_clock import TEST_TIME_S, JumpingLoop
from libs.testing.records import request
from tests.support.runtime.handler_run import QUESTION, Scene, asked, for_ever, settle

loop_factory = JumpingLoop


def call(name: str) -> ModelCall:
    usage = Usage(prompt_tokens=10, completion_tokens=5)
    return ModelCall(
        stage="s", model="m", server="x", prompt_sha256="0", usage=usage, duration_ms=1, finish_reason="stop", id=name
    )


OWN, BEFORE = call("own"), call("before")
ASK = AskExpertT1(part="p1", question=QUESTION, category="math", task="Why?")
SECOND = AskExpertT2(
    part="p1", question=QUESTION, category="math", task="Why?", first=Finding(text="Because.", calls=(BEFORE,))
)
DRAFT = AnswerDrafted(question=QUESTION, text="Rest.", categories=("medical_consult",), calls=(BEFORE,))


def bill(made: ModelCall) -> None:
    add_call(made.id, lambda: made)


def told(scene: Scene) -> list[tuple[str, ...]]:
    """Ids of the calls that were reported separately."""
    return [tuple(each.id for each in said.calls) for said in scene.publisher.messages if isinstance(said, CallsMade)]


def failing(error: Exception) -> Scene:
    async def handle(_event: AskExpertT1, _deps: str) -> PartCompleted:
        bill(OWN)
        raise error

    return Scene(handle)


async def test_a_call_that_the_output_tells_of_is_not_told_again() -> None:
    async def handle(event: AskExpertT1, _deps: str) -> PartCompleted:
        bill(OWN)
        return PartCompleted(part="p1", part_kind="expert", finding=Finding(text="x", calls=(OWN,))).after(event)

    scene = Scene(handle)
    await scene.take(ASK.opening(request()))
    assert scene.publisher.schemas() == ["part-completed.v1"]


async def test_a_call_that_is_handed_on_is_not_told_either() -> None:
    async def handle(event: AskExpertT1, _deps: str) -> AskExpertT2:
        bill(BEFORE)
        return SECOND.after(event)

    scene = Scene(handle)
    await scene.take(ASK.opening(request()))
    assert scene.publisher.schemas() == ["ask-expert-t2.v1"]


async def test_a_call_whose_answer_nobody_could_use_is_told_before_the_end() -> None:
    scene = failing(Rejected("empty"))
    await scene.take(ASK.opening(request()))
    assert scene.publisher.schemas() == ["calls-made.v1", "part-completed.v1"]
    assert told(scene) == [("own",)]


async def test_each_attempt_tells_of_its_own_calls() -> None:
    calls = iter((call("one"), call("two"), call("three")))

    async def handle(event: AskExpertT1, _deps: str) -> PartCompleted:
        bill(next(calls))
        raise Retryable("broken")

    scene = Scene(handle)
    await scene.take(ASK.opening(request()))
    assert told(scene) == [("one",), ("two",)]  # the third one is for the consumer of the retry topic


async def test_a_bug_keeps_no_call_from_being_told() -> None:
    scene = failing(ZeroDivisionError())
    await scene.take(ASK.opening(request()))
    assert told(scene) == [("own",)]


async def test_a_call_is_told_when_the_deadline_comes_first() -> None:
    async def handle(_event: AskExpertT1, _deps: str) -> PartCompleted:
        bill(OWN)
        await for_ever()
        raise AssertionError("unreachable")

    scene = Scene(handle)
    await scene.take(ASK.opening(request(deadline_at=TEST_TIME_S + 7)))
    assert told(scene) == [("own",)]


@pytest.mark.parametrize("command", [SECOND, DRAFT], ids=["the second tier", "the critic"])
async def test_who_is_cancelled_tells_of_the_calls_before_as_well(command: Message) -> None:
    async def handle(_event: AskExpertT2 | AnswerDrafted, _deps: str) -> None:
        bill(OWN)
        await for_ever()

    scene, event = Scene(handle), command.opening(request())
    working = scene.start(event)
    await settle()
    scene.place.calls.cancel(event.envelope.request)
    await working
    assert told(scene) == [("before", "own")]
    assert scene.finished == [0]


@pytest.mark.parametrize("command", [SECOND, DRAFT], ids=["the second tier", "the critic"])
async def test_who_was_cancelled_before_it_began_tells_of_the_calls_before(command: Message) -> None:
    async def handle(_event: AskExpertT2 | AnswerDrafted, _deps: str) -> None:
        raise AssertionError("it is cancelled")

    scene, event = Scene(handle), command.opening(request())
    scene.place.calls.cancel(event.envelope.request)
    await scene.take(event)
    assert told(scene) == [("before",)]


async def test_a_draft_that_comes_too_late_to_be_checked_tells_of_the_calls_before() -> None:
    async def handle(_event: AnswerDrafted, _deps: str) -> None:
        raise AssertionError("it is too late")

    scene = Scene(handle)
    await scene.take(DRAFT.opening(request(deadline_at=TEST_TIME_S)))
    assert scene.publisher.schemas() == ["calls-made.v1"]
    assert told(scene) == [("before",)]


async def test_a_draft_that_cannot_be_checked_ends_with_the_calls_before() -> None:
    async def handle(_event: AnswerDrafted, _deps: str) -> None:
        raise Rejected("no")

    scene = Scene(handle)
    await scene.take(DRAFT.opening(request()))
    (end,) = scene.publisher.messages
    assert end.model_dump()["calls"][0]["id"] == "before"


async def test_work_without_calls_says_nothing_of_them() -> None:
    async def handle(event: AskExpertT1, _deps: str) -> PlanDrafted:
        return PlanDrafted(parts=(), source="rule").after(event)

    scene = Scene(handle)
    await scene.take(asked())
    assert scene.publisher.schemas() == ["plan-drafted.v1"]
