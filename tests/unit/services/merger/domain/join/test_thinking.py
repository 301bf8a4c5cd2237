"""The step before the answer, where a plan wants one."""

from libs.contracts.answer import AnswerFinished, Failure, MergeAnswer, WriteTrace
from libs.contracts.failures import failure_of
from libs.contracts.progress import PlanDrafted, RequestRestored
from libs.contracts.staffing import ModelRef, Staffing, StageRole
from libs.ports.reducer import Tick
from tests.support.merger.join_facts import (
    ORIGIN,
    PARTS_DUE_AT,
    SETTLED_AT,
    Log,
    call,
    candidate,
    expert,
    failed,
    found,
    log_of,
    noted,
    opened,
    plan,
    thinking,
)


def plan_of(*parts: str) -> PlanDrafted:
    return thinking(plan(*map(expert, parts)))


def test_what_arrived_is_weighed_before_it_is_merged() -> None:
    log = log_of(opened(), plan_of("a", "b"), found("a"), found("b"))
    assert [result.part for result in log.only(WriteTrace).results] == ["a", "b"]
    assert log.all_of(MergeAnswer) == []
    log.fold(noted())
    merge = log.only(MergeAnswer)
    assert ([result.part for result in merge.results], merge.trace) == (["a", "b"], "Both agree.")


def test_without_the_wish_nobody_weighs() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b"))
    assert (log.all_of(WriteTrace), log.only(MergeAnswer).trace) == ([], "")


def test_one_confident_expert_is_weighed_too_and_not_streamed_past_the_judge() -> None:
    log = log_of(opened(), plan_of("a"), candidate("a"), found("a"), noted())
    assert log.promotions() == []
    assert log.only(MergeAnswer).trace == "Both agree."


def test_it_is_asked_for_once() -> None:
    log = log_of(opened(), plan_of("a", "b"), found("a"), found("b"), found("b"), found("a"))
    assert len(log.all_of(WriteTrace)) == 1


def test_the_user_reads_that_results_are_weighed() -> None:
    lines = log_of(opened(), plan_of("a", "b"), found("a"), found("b")).lines()
    assert lines[-1] == "Weighing 2 results"
    assert log_of(opened(language="de"), plan_of("a"), found("a")).lines()[-1] == "Wäge 1 Ergebnis ab"


def test_the_judge_of_the_template_weighs() -> None:
    office = StageRole(prompt="Cite.", model=ModelRef(model="own:70b", server="gpu-1"))
    staffed = opened().model_copy(update={"staffing": Staffing(judge=office)}).opening(ORIGIN)
    assert log_of(staffed, plan_of("a"), found("a")).only(WriteTrace).judge == office


def test_weighing_has_to_end_in_the_time_of_the_parts() -> None:
    asked = log_of(opened(), plan_of("a"), found("a")).only(WriteTrace)
    assert asked.envelope.deadline_at == PARTS_DUE_AT


def test_weighing_that_fails_leaves_an_answer_without_it() -> None:
    log = log_of(opened(), plan_of("a", "b"), found("a"), found("b"))
    log.fold(failure_of(log.only(WriteTrace), Failure(code="model_unavailable", message="away")))
    assert log.only(MergeAnswer).trace == ""


def test_weighing_that_fails_leaves_the_one_expert_to_speak_for_itself() -> None:
    log = log_of(opened(), plan_of("a"), found("a", "It scatters."))
    log.fold(failure_of(log.only(WriteTrace), Failure(code="model_unavailable", message="away")))
    assert log.only(AnswerFinished).text == "It scatters."


def test_weighing_that_is_late_is_not_waited_for() -> None:
    log = log_of(opened(), plan_of("a", "b"), found("a"), found("b"))
    log.fold(Tick(SETTLED_AT))
    assert log.only(MergeAnswer).trace == ""


def test_parts_that_are_late_are_merged_unweighed() -> None:
    log = log_of(opened(), plan_of("a", "b"), found("a"), Tick(SETTLED_AT))
    assert (log.all_of(WriteTrace), log.only(MergeAnswer).trace) == ([], "")


def test_nothing_is_weighed_where_nothing_arrived() -> None:
    log = log_of(opened(), plan_of("a"), failed("a"))
    assert (log.all_of(WriteTrace), log.only(AnswerFinished).outcome) == ([], "failed")


def test_what_weighing_took_is_counted() -> None:
    log = log_of(opened(), plan_of("a"), found("a", calls=(call(10, 1),)), noted("x", call(200, 30)))
    spent = log.only(MergeAnswer).spent
    assert (spent.prompt_tokens, spent.completion_tokens) == (210, 31)


def test_notes_that_outlived_a_lost_log_are_not_written_again() -> None:
    restored = RequestRestored(times=1, planned=True).opening(ORIGIN)
    log = log_of(restored, plan_of("a"), found("a"), noted("Kept."), opened())
    assert (log.all_of(WriteTrace), log.only(MergeAnswer).trace) == ([], "Kept.")


def test_notes_that_were_lost_with_a_log_are_written_anew_under_another_id() -> None:
    log = Log()
    log.fold(opened(), plan_of("a"), found("a"))
    restored = RequestRestored(times=1, planned=True).opening(ORIGIN)
    log.fold(restored)
    first, second = log.all_of(WriteTrace)
    assert first.envelope.event_id != second.envelope.event_id
