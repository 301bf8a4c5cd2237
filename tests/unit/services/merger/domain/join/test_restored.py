"""A request whose log was lost: its records are republished together, and the join requests the rest."""

from itertools import permutations

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.contracts.expert import AskExpertT1
from libs.contracts.message import Message
from libs.contracts.progress import RequestRestored
from libs.contracts.question import QuestionAsked
from libs.core.ids import event_id
from libs.ports.reducer import Tick
from tests.support.merger.join_facts import (
    DEADLINE_AT,
    ORIGIN,
    RESPONSE_ID,
    expert,
    finished,
    found,
    log_of,
    opened,
    plan,
)


def restored(times: int = 1, *, planned: bool) -> RequestRestored:
    return RequestRestored(times=times, planned=planned).opening(ORIGIN)


def parts_asked(messages: list[Message]) -> list[str]:
    return [message.part for message in messages if isinstance(message, AskExpertT1)]


def test_without_a_plan_the_question_is_handed_to_the_planner_once_more() -> None:
    log = log_of(restored(planned=False), opened())
    asked = log.only(QuestionAsked)
    assert asked.question == opened().question
    assert asked.envelope.deadline_at == DEADLINE_AT


def test_a_question_is_handed_over_once_for_each_time_that_it_is_restored() -> None:
    log = log_of(restored(planned=False), opened(), restored(planned=False), opened(), Tick(1_001.0))
    assert log.only(QuestionAsked).envelope.event_id == event_id(RESPONSE_ID, "question-asked.v1", "", 1)


def test_the_planner_s_commands_count_when_it_plans_after_the_restoring() -> None:
    log = log_of(restored(planned=False), opened(), plan(expert("a")))
    assert parts_asked(log.messages) == []


def test_parts_that_are_not_recorded_are_asked_for_under_new_ids() -> None:
    log = log_of(restored(times=2, planned=True), plan(expert("a"), expert("b")), found("a"), opened())
    assert parts_asked(log.messages) == ["b"]
    assert log.only(AskExpertT1).envelope.event_id == event_id(RESPONSE_ID, "ask-expert-t1.v1", "b", 2)


def test_a_recorded_part_is_not_asked_for_again_though_the_plan_releases_it() -> None:
    parts = (expert("a"), expert("b", needs=("a",)), expert("c", needs=("b",)))
    log = log_of(restored(planned=True), plan(*parts), found("a"), found("b"), opened())
    assert parts_asked(log.messages) == ["c"]


def test_what_was_recorded_may_come_in_any_order_before_the_opening() -> None:
    facts = (restored(planned=True), plan(expert("a"), expert("b")), found("a"))
    for order in permutations(facts):
        assert parts_asked(log_of(*order, opened()).messages) == ["b"]


def test_with_all_parts_recorded_the_answer_is_made_from_them() -> None:
    log = log_of(restored(planned=True), plan(expert("a"), expert("b")), found("a"), found("b"), opened())
    assert parts_asked(log.messages) == []
    merging = log.only(MergeAnswer)
    assert merging.envelope.event_id == event_id(RESPONSE_ID, "merge-answer.v1", "", 1)


def test_an_end_keeps_its_id_however_often_a_request_is_restored() -> None:
    log = log_of(restored(times=3, planned=True), opened(), Tick(DEADLINE_AT + 1))
    ended = log.only(AnswerFinished)
    assert (ended.outcome, ended.envelope.event_id) == ("expired", event_id(RESPONSE_ID, "answer-finished.v1"))


def test_a_recorded_end_is_the_end() -> None:
    log = log_of(finished("The sky scatters blue light."), plan(expert("a")), found("a"), opened())
    assert not [message for message in log.messages if isinstance(message, AnswerFinished | MergeAnswer)]
    assert log.closes == 1
