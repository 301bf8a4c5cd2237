"""Decisions of the join when all parts have ended."""

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.contracts.plan import PlannedPart
from libs.contracts.staffing import ModelRef
from tests.support.merger.join_facts import Log, call, computed, expert, failed, found, log_of, opened, plan, tool


def test_several_results_go_to_the_judge_once_all_have_ended() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"))
    assert log.messages == []
    log.fold(found("b"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["a", "b"]


def test_the_judge_is_asked_once() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b"), found("b"), found("a"))
    assert len(log.all_of(MergeAnswer)) == 1


def test_tools_come_before_experts_and_the_sure_before_the_unsure() -> None:
    parts = (expert("low"), expert("high"), expert("medium"), expert("high2"), tool("tool"))
    log = log_of(opened(), plan(*parts), found("high2"), found("medium", confidence="medium"))
    log.fold(found("high"), computed("tool"), found("low", confidence="low"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["tool", "high", "high2", "medium", "low"]


def test_of_two_answers_to_one_task_of_one_category_the_surer_is_kept() -> None:
    twins = plan(expert("a", task="Explain  RAID"), expert("b", task="explain raid"), expert("c"))
    log = log_of(opened(), twins, found("a", confidence="low"), found("b", confidence="high"), found("c"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["b", "c"]


def opinion(part: str, model: str) -> PlannedPart:
    """A part of the same task as `expert("a", task="one")`, for one model alone."""
    return expert(part, task="one").model_copy(update={"model": ModelRef(model=model, server="gpu-1")})


def test_opinions_that_a_template_wants_are_all_kept() -> None:
    jury = plan(expert("a", task="one"), opinion("b", "m:7b"), opinion("c", "n:7b"))
    log = log_of(opened(), jury, found("a", confidence="low"), found("b"), found("c", confidence="medium"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["b", "c", "a"]


def test_an_opinion_that_failed_is_not_missing_where_another_arrived() -> None:
    jury = plan(expert("a", task="one"), opinion("b", "m:7b"), expert("c"))
    log = log_of(opened(), jury, found("a"), failed("b"), found("c"))
    assert log.only(MergeAnswer).missing == ()


def test_two_tasks_of_one_category_are_both_kept() -> None:
    log = log_of(opened(), plan(expert("a", task="one"), expert("b", task="two")), found("a"), found("b"))
    assert len(log.only(MergeAnswer).results) == 2


def test_one_task_in_two_categories_is_kept_twice() -> None:
    parts = (expert("a", "math", task="one"), expert("b", "science", task="one"))
    log = log_of(opened(), plan(*parts), found("a"), found("b"))
    assert len(log.only(MergeAnswer).results) == 2


def test_two_tools_with_one_task_are_both_kept() -> None:
    one, two = (tool(part).model_copy(update={"task": "same"}) for part in "ab")
    log = log_of(opened(), plan(one, two, expert("c")), computed("a"), computed("b"), found("c"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["a", "b", "c"]


def test_a_failed_part_is_named_with_a_reason_that_shows_nothing_of_the_inside() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), failed("b", message="10.1.2.3 refused"))
    (missing,) = log.only(MergeAnswer).missing
    assert (missing.part, missing.task, missing.reason) == ("b", "task of b", "the model could not be reached")


def test_reasons_are_in_the_language_of_the_question() -> None:
    log = log_of(opened(language="de"), plan(expert("a"), expert("b")), found("a"), failed("b"))
    assert log.only(MergeAnswer).missing[0].reason == "das Modell war nicht erreichbar"


def test_a_failed_part_whose_task_another_one_answered_is_not_missing() -> None:
    twins = plan(expert("a", task="same"), expert("b", task="same"), expert("c"))
    log = log_of(opened(), twins, failed("a"), found("b"), found("c"))
    assert log.only(MergeAnswer).missing == ()


def test_an_empty_finding_counts_as_missing() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b", "  \n"))
    assert [missing.reason for missing in log.only(MergeAnswer).missing] == ["it gave no result"]


def test_a_sure_answer_with_a_part_missing_goes_to_the_judge() -> None:
    log = log_of(opened(), plan(expert("a"), tool("b")), found("a"), failed("b"))
    assert len(log.only(MergeAnswer).results) == 1


def test_the_judge_learns_what_was_spent_before() -> None:
    drafted = plan(expert("a"), expert("b"), calls=(call(100, 10),))
    log = log_of(opened(), drafted, found("a", calls=(call(1, 2), call(3, 4))), found("b", calls=(call(5, 6),)))
    spent = log.only(MergeAnswer).spent
    assert (spent.prompt_tokens, spent.completion_tokens) == (109, 22)


def test_calls_of_a_plan_that_did_not_stand_are_counted_too() -> None:
    first, second = plan(expert("a"), calls=(call(1, 1),)), plan(expert("z"), calls=(call(2, 2),))
    log = log_of(opened(), first, second, found("z", calls=(call(4, 4),)), found("a", calls=(call(8, 8),)))
    assert log.only(AnswerFinished).usage.prompt_tokens == 15


def test_no_answer_at_all_fails_with_the_failure_that_says_most() -> None:
    parts = plan(expert("a"), expert("b"), expert("c"))
    late, down = failed("a", "deadline_exceeded"), failed("c", "model_unavailable", "the server is down")
    log = log_of(opened(), parts, late, failed("b", "internal_error"), down)
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.text) == ("failed", "")
    assert answer.failure is not None
    assert (answer.failure.code, answer.failure.message) == ("model_unavailable", "the server is down")


def test_a_missed_deadline_says_least_about_why_nothing_came() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), failed("a", "deadline_exceeded"), failed("b", "bug"))
    failure = log.only(AnswerFinished).failure
    assert failure is not None
    assert failure.code == "bug"


def test_a_plan_without_parts_fails_with_a_reason() -> None:
    failure = log_of(opened(), plan()).only(AnswerFinished).failure
    assert failure is not None
    assert failure.code == "no_answer"


def test_recognised_tools_with_a_part_missing_are_partial_and_complete_ones_are_not() -> None:
    partial, whole = recognised("a", "b"), recognised("a", "b")
    partial.fold(computed("a", "It is 55 days."), failed("b"))
    whole.fold(computed("a", "It is 55 days."), computed("b", "It is 8 bits."))
    answers = partial.only(AnswerFinished), whole.only(AnswerFinished)
    assert [(answer.outcome, answer.partial) for answer in answers] == [("answered", True), ("answered", False)]


def test_a_tool_that_explains_what_it_refused_leaves_nothing_out() -> None:
    log = recognised("a", "b")
    log.fold(computed("a", "It is 55 days."), failed("b", "invalid_argument", "10.0.0.0/33 is no network"))
    answer = log.only(AnswerFinished)
    assert "10.0.0.0/33 is no network" in answer.text
    assert not answer.partial


def recognised(*facts_of_parts: str) -> Log:
    return log_of(opened(), plan(*(tool(part) for part in facts_of_parts), source="recogniser"))


def test_recognised_tools_answer_without_a_model() -> None:
    log = recognised("a", "b")
    log.fold(computed("b", "It is 55 days."), computed("a", "It is 172.20.159.255."))
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.text) == ("answered", "It is 172.20.159.255.\nIt is 55 days.")
    assert answer.sources == ("subnet_calc",)
    assert answer.usage.prompt_tokens == 0


def test_a_tool_that_refused_its_arguments_explains_itself() -> None:
    log = recognised("a")
    log.fold(failed("a", "invalid_argument", "cidr: not a valid IPv4 or IPv6 address"))
    answer = log.only(AnswerFinished)
    assert answer.outcome == "answered"
    assert answer.text == "subnet_calc cannot answer this: cidr: not a valid IPv4 or IPv6 address"


def test_a_tool_that_broke_fails_the_request() -> None:
    log = recognised("a")
    log.fold(failed("a", "internal_error", "broken"))
    assert log.only(AnswerFinished).outcome == "failed"


def test_of_two_recognised_tools_the_one_that_broke_is_named_in_the_answer() -> None:
    log = recognised("a", "b")
    log.fold(computed("a", "It is 4."), failed("b", "internal_error"))
    text = log.only(AnswerFinished).text
    assert text == "It is 4.\n\nMissing from this answer:\n- task of b (it gave no result)"


def test_a_tool_that_explained_itself_is_not_missing() -> None:
    log = recognised("a", "b")
    log.fold(computed("a", "It is 4."), failed("b", "limit_exceeded", "That number is too large."))
    assert log.only(AnswerFinished).text == "It is 4.\nsubnet_calc cannot answer this: That number is too large."


def test_why_a_tool_refused_reaches_the_judge_as_the_reason() -> None:
    log = log_of(
        opened(), plan(expert("a"), tool("b")), found("a"), failed("b", "division_by_zero", "division by zero")
    )
    assert [missing.reason for missing in log.only(MergeAnswer).missing] == ["division by zero"]


def test_a_tool_that_a_model_planned_goes_to_the_judge() -> None:
    log = log_of(opened(), plan(tool("a")), computed("a"))
    assert len(log.only(MergeAnswer).results) == 1
