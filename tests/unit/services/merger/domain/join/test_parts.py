"""Which parts the join requests, and when."""

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.tool import RunTool
from libs.ports.reducer import Tick
from tests.support.merger.join_facts import (
    DEADLINE_AT,
    PARTS_DUE_AT,
    RESPONSE_ID,
    SETTLED_AT,
    Log,
    candidate,
    expert,
    failed,
    found,
    log_of,
    opened,
    plan,
    tool,
)


def test_parts_without_needs_are_left_to_the_planner() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")))
    assert log.messages == []


def test_a_part_is_asked_for_when_all_that_it_needs_has_ended() -> None:
    log = log_of(opened(), plan(expert("a"), tool("b"), expert("c", needs=("a", "b"))), found("a"))
    assert log.messages == []
    log.fold(found("b"))
    assert log.only(AskExpertT1).part == "c"


def test_a_dependent_part_reads_the_results_that_it_needs_and_no_others() -> None:
    parts = (expert("a"), expert("b"), expert("c", needs=("a",)))
    log = log_of(opened(), plan(*parts), found("b", "not needed"), found("a", "the sky scatters blue light"))
    assert log.only(AskExpertT1).context == "task of a\nthe sky scatters blue light"


def test_a_needed_result_is_capped_at_400_characters_in_the_context() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",))), found("a", "x" * 5_000))
    assert log.only(AskExpertT1).context == "task of a\n" + "x" * 399 + "…"


def test_a_part_whose_need_failed_is_still_asked_and_told_what_is_missing() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",))), failed("a"))
    assert log.only(AskExpertT1).context == "task of a\n(Missing: the model could not be reached)"


def test_the_tier_of_a_dependent_part_chooses_its_topic() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",), tier="T2")), found("a"))
    assert log.only(AskExpertT2).part == "b"


def test_a_dependent_tool_is_run_in_the_language_of_the_question() -> None:
    log = log_of(opened(language="de"), plan(expert("a"), tool("b", needs=("a",))), found("a"))
    command = log.only(RunTool)
    assert (command.part, command.call.tool, command.language) == ("b", "subnet_calc", "de")


def test_a_chain_is_asked_for_link_by_link() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",)), expert("c", needs=("b",))), found("a"))
    log.fold(found("b"))
    assert [command.part for command in log.all_of(AskExpertT1)] == ["b", "c"]


def test_nobody_waits_for_a_need_that_the_plan_does_not_know() -> None:
    log = log_of(opened(), plan(expert("a", needs=("ghost",))))
    assert log.only(AskExpertT1).part == "a"


def test_commands_carry_the_deadline_of_the_parts_and_the_fact_that_caused_them() -> None:
    cause = found("a")
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",))), cause)
    envelope = log.only(AskExpertT1).envelope
    assert envelope.deadline_at == PARTS_DUE_AT
    assert envelope.causation_id == cause.envelope.event_id
    assert envelope.response_id == RESPONSE_ID


def test_what_follows_from_a_part_gets_the_time_of_the_request_not_of_the_part() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b"))
    assert log.only(MergeAnswer).envelope.deadline_at == DEADLINE_AT


def test_a_different_second_plan_makes_the_open_parts_of_the_first_asked_again() -> None:
    first = plan(expert("a"), expert("b"), expert("c", needs=("a", "b")))
    log = log_of(opened(), first, found("a"), plan(expert("z")))
    command = log.only(AskExpertT1)
    assert (command.part, command.task) == ("b", "task of b")


def test_parts_asked_again_have_the_ids_of_the_first_time() -> None:
    first, second, third = plan(expert("a")), plan(expert("y")), plan(expert("z"))
    once, again = log_of(opened(), first, second, third).all_of(AskExpertT1)
    assert once.envelope.event_id == again.envelope.event_id


def test_the_same_plan_twice_asks_nothing_again() -> None:
    log = log_of(opened(), plan(expert("a")), plan(expert("a")))
    assert log.messages == []


def test_the_results_of_a_second_plan_are_not_waited_for_nor_used() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), plan(expert("z")), found("z"), found("a"))
    assert log.all_of(MergeAnswer) == []
    log.fold(found("b"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["a", "b"]


def test_a_part_that_ended_twice_keeps_its_first_end() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a", "first"), found("a", "second"), found("b"))
    assert [result.finding.text for result in log.only(MergeAnswer).results] == ["first", "result of b"]


def test_facts_that_arrive_before_the_request_are_used_when_it_arrives() -> None:
    log = log_of(found("a"), plan(expert("a")), candidate("a"))
    assert log.messages == []
    log.fold(opened())
    assert log.only(AnswerFinished).text == "result of a"
    assert log.promotions() == []


def test_the_first_opening_of_a_request_counts() -> None:
    log = log_of(opened("first"), opened("second"), plan(expert("a"), expert("b")), found("a"), found("b"))
    assert log.only(MergeAnswer).question.text == "first"


def test_no_part_is_asked_for_once_the_time_of_the_parts_is_over() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",)), expert("c")), Tick(SETTLED_AT), found("a"))
    assert log.all_of(AskExpertT1) == []


def test_the_command_of_a_lone_expert_says_that_it_may_become_the_answer() -> None:
    log = log_of(opened(), plan(expert("a"), plain=True), plan(expert("z")))
    command = log.only(AskExpertT1)
    assert command.candidate
    assert command.plain


def test_a_repeated_fact_changes_nothing() -> None:
    facts = (opened(), plan(expert("a"), expert("b", needs=("a",))), candidate("a"), found("a"))
    log = Log()
    for fact in facts:
        log.fold(fact)
        before = (log.state, len(log.messages), len(log.deltas))
        log.fold(fact)
        assert before == (log.state, len(log.messages), len(log.deltas))
