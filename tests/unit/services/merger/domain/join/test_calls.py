"""The join adds up model calls: each one once, and it reports those that arrive too late."""

from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestRestored
from libs.contracts.records import CallsLogged, RequestLogged
from services.merger.domain import on_late_fact, reported_call_ids
from tests.support.merger.join_facts import (
    ORIGIN,
    call,
    cancelled,
    expert,
    finished,
    found,
    log_of,
    made,
    opened,
    plan,
)

FIRST, SECOND = call(30, 7, "one"), call(4, 2, "two")
BOTH = Usage(prompt_tokens=34, completion_tokens=9)


def test_calls_that_led_to_nothing_count() -> None:
    log = log_of(opened(), plan(expert("a"), calls=(FIRST,)), made(SECOND), cancelled())
    log.echo()
    assert log.only(RequestLogged).usage == BOTH
    assert log.only(RequestLogged).calls == ("one", "two")


def test_a_call_that_two_facts_tell_of_counts_once() -> None:
    log = log_of(opened(), plan(expert("a")), made(FIRST), found("a", calls=(FIRST, SECOND)))
    log.echo()
    assert log.only(RequestLogged).usage == BOTH


def test_work_that_was_done_twice_is_paid_for_twice() -> None:
    log = log_of(opened(), plan(expert("a"), expert("b")), found("a", calls=(FIRST,)), found("a", calls=(SECOND,)))
    log.fold(cancelled())
    log.echo()
    assert log.only(RequestLogged).usage == BOTH


def test_a_call_that_is_told_of_between_an_end_and_its_coming_back_counts() -> None:
    log = log_of(opened(), plan(expert("a")), cancelled(), made(FIRST))
    log.echo()
    assert log.only(RequestLogged).calls == ("one",)


def test_what_comes_when_the_request_has_ended_is_told_for_itself() -> None:
    _, (words,) = on_late_fact("one", made(FIRST, SECOND))
    assert isinstance(words, CallsLogged)
    assert words.calls == (SECOND,)


def test_what_is_heard_twice_when_the_request_has_ended_is_told_once() -> None:
    booked, words = on_late_fact("", made(FIRST))
    assert len(words) == 1
    assert on_late_fact(booked, made(FIRST)) == (booked, ())


def test_what_the_record_of_the_request_counts_is_booked() -> None:
    log = log_of(opened(), plan(expert("a"), calls=(FIRST,)), made(SECOND), cancelled())
    log.echo()
    assert log.state is not None
    assert reported_call_ids(log.state).split() == list(log.only(RequestLogged).calls)


def test_a_late_fact_without_calls_is_swallowed() -> None:
    assert on_late_fact("", found("a"))[1] == on_late_fact("", finished())[1] == ()


def test_a_late_call_that_cannot_be_told_from_others_is_swallowed() -> None:
    assert on_late_fact("", made(call(30, 7)))[1] == ()


def test_a_join_that_knows_nothing_of_the_request_takes_its_calls_for_late_ones() -> None:
    log = log_of(made(FIRST), found("a", calls=(SECOND,)), made(FIRST))
    assert [words.calls for words in log.all_of(CallsLogged)] == [(FIRST,), (SECOND,)]
    assert log.closes == 0


def test_calls_of_a_request_that_is_restored_are_told_with_its_end_alone() -> None:
    restored = RequestRestored(times=1, planned=False).opening(ORIGIN)
    log = log_of(restored, made(FIRST), opened(), cancelled())
    log.echo()
    assert log.only(RequestLogged).calls == ("one",)
    assert log.all_of(CallsLogged) == []
