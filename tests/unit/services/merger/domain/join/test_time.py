"""Deadlines, cancellation, and requests without an opening."""

from dataclasses import replace

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.ports.reducer import Tick
from services.merger.domain.request import ORPHAN_GRACE_S
from tests.support.merger.join_facts import (
    DEADLINE_AT,
    PARTS_DUE_AT,
    SETTLED_AT,
    call,
    cancelled,
    candidate,
    computed,
    expert,
    failed,
    finished,
    found,
    log_of,
    opened,
    plan,
    schemas,
    tool,
)


def test_a_request_without_a_plan_is_due_at_its_deadline() -> None:
    assert log_of(opened()).due_at() == DEADLINE_AT


def test_a_planned_request_is_due_a_moment_after_its_parts() -> None:
    assert log_of(opened(), plan(expert("a"))).due_at() == SETTLED_AT


def test_a_tick_before_its_time_changes_nothing() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), Tick(PARTS_DUE_AT))
    assert log.messages == []
    assert log.due_at() == SETTLED_AT


def test_when_the_parts_are_due_it_goes_on_with_what_is_there() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), Tick(SETTLED_AT))
    merge = log.only(MergeAnswer)
    assert [result.part for result in merge.results] == ["a"]
    assert [(part.part, part.reason) for part in merge.missing] == [("b", "not finished in time")]
    assert log.due_at() == DEADLINE_AT


def test_the_same_goes_for_recognised_tools() -> None:
    log = log_of(opened(), plan(tool("a"), tool("b"), source="recogniser"), computed("b", "4"), Tick(SETTLED_AT))
    assert log.only(AnswerFinished).text == "4\n\nMissing from this answer:\n- task of a (not finished in time)"


def test_a_part_that_was_never_asked_for_is_missing_too() -> None:
    parts = plan(expert("a"), expert("b"), expert("c", needs=("b",)))
    log = log_of(opened(), parts, found("a"), Tick(SETTLED_AT))
    assert [part.part for part in log.only(MergeAnswer).missing] == ["b", "c"]


def test_with_nothing_there_it_waits_on() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), Tick(SETTLED_AT))
    assert log.messages == []
    assert log.due_at() == DEADLINE_AT


def test_the_first_result_after_the_time_of_the_parts_is_enough() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), Tick(SETTLED_AT), found("b"))
    assert [result.part for result in log.only(MergeAnswer).results] == ["b"]


def test_when_all_that_were_asked_failed_nobody_waits_for_those_that_were_not() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",))), Tick(SETTLED_AT), failed("a"))
    assert log.only(AnswerFinished).outcome == "failed"


def test_a_late_part_never_reopens_the_join() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), Tick(SETTLED_AT))
    before = len(log.messages)
    log.fold(found("b"), candidate("b"))
    assert len(log.messages) == before
    assert log.promotions() == []


def test_at_the_deadline_the_request_expires() -> None:
    log = log_of(opened(), plan(expert("a"), calls=(call(1, 2),)), Tick(DEADLINE_AT))
    answer = log.only(AnswerFinished)
    assert (answer.outcome, answer.usage.prompt_tokens) == ("expired", 1)
    assert answer.failure is not None
    assert answer.failure.code == "deadline_exceeded"


def test_a_request_that_was_never_planned_expires_too() -> None:
    assert log_of(opened(), Tick(DEADLINE_AT)).only(AnswerFinished).outcome == "expired"


def test_a_request_expires_while_the_judge_is_at_work() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b"), Tick(DEADLINE_AT))
    assert log.only(AnswerFinished).outcome == "expired"


def test_a_cancelled_request_ends_as_cancelled() -> None:
    answer = log_of(opened(), plan(expert("a")), cancelled()).only(AnswerFinished)
    assert answer.outcome == "cancelled"
    assert answer.failure is not None
    assert answer.failure.message == "The client went away."


def test_a_cancellation_ends_a_request_while_the_judge_is_at_work() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a"), found("b"), cancelled())
    assert log.only(AnswerFinished).outcome == "cancelled"


def test_after_an_end_nothing_more_is_said() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b", needs=("a",))), cancelled())
    before = len(log.messages), len(log.deltas)
    log.fold(found("a"), candidate("a"), plan(expert("z")), cancelled(), Tick(DEADLINE_AT), found("b"))
    assert (len(log.messages), len(log.deltas)) == before


def test_an_end_that_does_not_come_back_is_given_up_in_the_end() -> None:
    log = log_of(opened(), Tick(DEADLINE_AT + 500))
    due = log.due_at()
    assert due == DEADLINE_AT + 500 + ORPHAN_GRACE_S
    assert not log.fold(Tick(due)).closed
    step = log.fold(Tick(due + ORPHAN_GRACE_S))
    assert step.closed
    assert step.messages == ()


def test_an_end_that_is_said_when_its_grace_is_over_is_still_waited_for() -> None:
    """A join that was rebuilt that late has not consumed its own end yet: closing now would lose its final records."""
    log = log_of(opened(), plan(expert("a")), failed("a"))
    log.fold(Tick(DEADLINE_AT + 10 * ORPHAN_GRACE_S))
    step = log.echo()
    assert step.closed
    assert schemas(step.messages) == ["request-logged.v1"]


def test_a_cancellation_that_nobody_opened_waits_for_the_request() -> None:
    log = log_of(cancelled())
    assert log.messages == []
    assert log.fold(opened()).messages != ()


def test_orphans_close_without_a_word_after_a_grace() -> None:
    log = log_of(found("a"), plan(expert("a")), finished())
    assert log.due_at() == DEADLINE_AT + ORPHAN_GRACE_S
    assert not log.fold(Tick(DEADLINE_AT + ORPHAN_GRACE_S - 1)).closed
    assert log.fold(Tick(DEADLINE_AT + ORPHAN_GRACE_S)).closed
    assert log.messages == []
    assert log.due_at() is None


def test_a_short_deadline_keeps_its_shares() -> None:
    short = opened()
    short = short.bound(short.envelope.by(1_004.0))
    due = log_of(short, plan(expert("a"))).due_at()
    assert due is not None
    assert 1_002.0 < due < 1_003.0


def test_the_clock_never_runs_backwards() -> None:
    log = log_of(opened(), plan(expert("a")), Tick(SETTLED_AT), Tick(1_001.0))
    assert log.due_at() == DEADLINE_AT


def test_it_waits_for_as_long_as_the_commands_of_the_planner_may_take() -> None:
    promised = found("a").bound(replace(found("a").envelope, deadline_at=1_080.0))
    log = log_of(opened(), plan(expert("a"), expert("b")), promised, Tick(SETTLED_AT))
    assert log.messages == []
    assert log.due_at() == 1_081.0


def test_half_of_the_reserve_is_kept_for_the_judge_whatever_the_parts_were_promised() -> None:
    greedy = found("a").bound(replace(found("a").envelope, deadline_at=DEADLINE_AT - 0.5))
    log = log_of(opened(), plan(expert("a"), expert("b")), greedy)
    assert log.due_at() == DEADLINE_AT - 12.5


def test_a_part_without_a_deadline_of_its_own_does_not_stretch_the_time_of_the_parts() -> None:
    unbound = found("a").bound(replace(found("a").envelope, deadline_at=DEADLINE_AT))
    assert log_of(opened(), plan(expert("a"), expert("b")), unbound).due_at() == SETTLED_AT
