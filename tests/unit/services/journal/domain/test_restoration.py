"""Messages published for a request that outlived its log."""

from collections.abc import Sequence

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.expert import AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import (
    CallsMade,
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    RequestCancelled,
    RequestOpened,
    RequestRestored,
)
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.records import RequestLogged
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS
from libs.core.ids import new_response_id
from libs.ports.write_ahead import PendingRequest
from services.journal.domain.restoration import Recorded, restoration_of

NOW = 1_760_000_000.0
DEADLINE_AT = NOW + 60
RESPONSE_ID = new_response_id(3, NOW - 5)
ORIGIN = Origin(RESPONSE_ID, "acme", deadline_at=DEADLINE_AT, trace="00-1-2-01")
OPENED = RequestOpened(question=Question(text="Why?"), model="moe", accepted_at=NOW - 5).opening(ORIGIN)
ASKED = QuestionAsked(question=OPENED.question).after(OPENED)
PLAN = PlanDrafted(
    parts=tuple(PlannedPart(id=name, kind="expert", task=name, category="science") for name in "abc"), source="model"
).after(ASKED)
CANCELLED = RequestCancelled(reason="client gone").after(OPENED)
LOGGED = RequestLogged(response_id=RESPONSE_ID, input="Why?", answer="", expert_models_used=(), ts=NOW).after(OPENED)

CALL = ModelCall(
    id="one",
    stage="expert-t1",
    model="m",
    server="s",
    prompt_sha256="0",
    usage=Usage(prompt_tokens=3),
    duration_ms=1,
    finish_reason="stop",
)


def part(name: str, text: str = "found") -> PartCompleted:
    finding = Finding(text=text, confidence="high", source="m@s")
    return PartCompleted(part=name, part_kind="expert", category="science", finding=finding).after(PLAN)


def end(text: str = "Because.") -> AnswerFinished:
    return AnswerFinished(outcome="answered", text=text).after(PLAN)


def journal(*messages: Message) -> Sequence[Recorded]:
    return [Recorded(topic.name, message) for message in messages for topic in message.topics]


def restored(*history: Message, kept: PendingRequest | None = None, now: float = NOW) -> tuple[str, list[str]]:
    """Outcome, and the messages by schema and part."""
    found = restoration_of(kept or PendingRequest(OPENED, times=0), journal(*history), now)
    return found.outcome, [f"{m.schema_name().removesuffix('.v1')} {m.part_id}".strip() for m in found.messages]


def test_a_request_that_the_journal_never_saw_is_begun_anew() -> None:
    assert restored() == ("continued", ["request-restored", "request-opened"])


def test_without_a_plan_the_join_is_told_so() -> None:
    (told, _) = restoration_of(PendingRequest(OPENED, times=0), journal(OPENED, ASKED), NOW).messages
    assert isinstance(told, RequestRestored)
    assert (told.times, told.planned) == (1, False)


def test_plan_and_parts_come_before_the_opening_at_which_the_join_decides() -> None:
    said = ["request-restored", "plan-drafted", "part-completed b", "part-completed a", "request-opened"]
    assert restored(OPENED, ASKED, PLAN, part("b"), part("a")) == ("continued", said)


def test_what_was_recorded_is_said_as_it_was() -> None:
    found = restoration_of(PendingRequest(OPENED, times=0), journal(OPENED, PLAN, part("a")), NOW)
    assert [m.envelope for m in found.messages[1:]] == [m.envelope for m in (PLAN, part("a"), OPENED)]


def test_a_restored_request_keeps_its_deadline() -> None:
    found = restoration_of(PendingRequest(OPENED, times=0), journal(OPENED, PLAN), NOW)
    assert {message.envelope.deadline_at for message in found.messages} == {DEADLINE_AT}


def test_each_restoring_has_its_number() -> None:
    kept = PendingRequest(OPENED, times=2)
    (told, _) = restoration_of(kept, (), NOW).messages
    again, _ = restoration_of(PendingRequest(OPENED, times=3), (), NOW).messages
    assert told.revision == 3
    assert told.envelope.event_id != again.envelope.event_id


def test_the_first_plan_stands_and_the_first_end_of_each_part() -> None:
    other = PlanDrafted(parts=(), source="fallback").after(ASKED)
    found = restoration_of(
        PendingRequest(OPENED, times=0), journal(OPENED, PLAN, other, part("a", "one"), part("a", "two")), NOW
    )
    assert [m for m in found.messages if isinstance(m, PlanDrafted)] == [PLAN]
    (only,) = [m for m in found.messages if isinstance(m, PartCompleted)]
    assert only.finding is not None
    assert only.finding.text == "one"


def second(*calls: ModelCall) -> AskExpertT2:
    first = Finding(text="perhaps", calls=calls)
    return AskExpertT2(part="a", question=OPENED.question, category="science", task="a", first=first).after(PLAN)


def test_calls_that_led_to_nothing_are_told_again() -> None:
    made = CallsMade(calls=(CALL,)).after(ASKED)
    assert restored(OPENED, made)[1] == ["request-restored", f"calls-made {made.part_id}", "request-opened"]


def test_calls_before_a_command_that_is_lost_are_told() -> None:
    found = restoration_of(PendingRequest(OPENED, times=0), journal(OPENED, PLAN, second(CALL), second(CALL)), NOW)
    assert [m.calls for m in found.messages if isinstance(m, CallsMade)] == [(CALL,)]


def test_calls_that_a_part_tells_of_are_not_told_twice() -> None:
    ended = part("a")
    assert ended.finding is not None
    told = ended.model_copy(update={"finding": ended.finding.model_copy(update={"calls": (CALL,)})}).after(PLAN)
    found = restoration_of(PendingRequest(OPENED, times=0), journal(OPENED, PLAN, second(CALL), told), NOW)
    assert [m for m in found.messages if isinstance(m, CallsMade)] == []


def test_the_stream_of_a_candidate_is_gone_so_it_is_no_candidate_any_more() -> None:
    candidate = CandidateOpened(part="a", confidence="high", stream="a.1").after(PLAN)
    assert "candidate-opened a" not in restored(OPENED, PLAN, candidate)[1]


def test_a_cancelled_request_is_cancelled_still() -> None:
    said = ["request-restored", "plan-drafted", "request-cancelled", "request-opened"]
    assert restored(OPENED, PLAN, CANCELLED) == ("continued", said)


def test_a_request_whose_deadline_has_passed_is_only_opened_so_that_it_expires() -> None:
    assert restored(OPENED, PLAN, part("a"), now=DEADLINE_AT) == ("expired", ["request-opened"])


@pytest.mark.parametrize("now", [NOW, DEADLINE_AT + 3600])
def test_an_end_goes_before_everything_else_so_that_there_is_no_other(now: float) -> None:
    said = ["answer-finished", "plan-drafted", "part-completed a", "request-opened"]
    assert restored(OPENED, PLAN, part("a"), end(), now=now) == ("answered", said)


def test_an_end_with_its_last_words_needs_nothing_more() -> None:
    assert restored(OPENED, PLAN, end(), LOGGED) == ("answered", [])


def test_what_a_client_was_told_is_the_end_whatever_the_journal_has() -> None:
    kept = PendingRequest(OPENED, times=0, end=end("told"))
    for history in (journal(OPENED), journal(OPENED, end("another")), journal(OPENED, end("another"), LOGGED)):
        assert restoration_of(kept, history, NOW).messages[0] == end("told")


def test_an_end_that_only_the_join_s_topic_has_is_said_to_the_gateways_too() -> None:
    history = [Recorded(PROGRESS.name, end()), Recorded(PROGRESS.name, LOGGED)]
    found = restoration_of(PendingRequest(OPENED, times=0), history, NOW)
    assert found.messages[0] == end()
    assert ANSWER_FINISHED in found.messages[0].topics


def test_of_two_ends_the_first_on_the_reply_partition_counts() -> None:
    history = [
        Recorded(PROGRESS.name, end("second")),
        Recorded(ANSWER_FINISHED.name, end("first")),
        Recorded(ANSWER_FINISHED.name, end("second")),
    ]
    assert restoration_of(PendingRequest(OPENED, times=0), history, NOW).messages[0] == end("first")
