"""When a failed command is tried again: the schedule, and what cuts it short."""

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.topics import RETRY_5M, RETRY_5S, RETRY_30S
from libs.runtime.delivery.retry_policy import (
    AttemptHistory,
    RetryDecision,
    RetryInPlace,
    RetryLater,
    RetryPolicy,
    StopRetrying,
    next_step,
    next_step_in_place,
)

PATIENT = RetryPolicy(max_elapsed_s=3600)
FOR_EVER = 1e9
bounded = settings(max_examples=300, deadline=None)
NOMINAL = {RETRY_5S: 5.0, RETRY_30S: 30.0, RETRY_5M: 300.0}


def step(
    attempts: int, *, now: float = 0.0, deadline_at: float = FOR_EVER, retry_after_s: float = 0.0
) -> RetryDecision:
    return next_step(PATIENT, AttemptHistory(attempts, 0.0, deadline_at, retry_after_s), now)


@bounded
@given(st.integers(1, 4))
def test_every_pause_is_within_a_fifth_of_its_topic_s(attempts: int) -> None:
    match step(attempts):
        case RetryInPlace(pause_s):
            assert attempts == 1
            assert 0.16 <= pause_s <= 0.24
        case RetryLater(topic, due_at):
            assert topic is (RETRY_5S, RETRY_30S, RETRY_5M)[attempts - 2]
            assert 0.8 * NOMINAL[topic] <= due_at <= 1.2 * NOMINAL[topic]
        case StopRetrying():
            raise AssertionError("there was an attempt left")


def test_there_are_five_attempts_in_all() -> None:
    assert step(5) == StopRetrying(exhausted=True)
    assert step(77) == StopRetrying(exhausted=True)


@bounded
@given(st.integers(1, 9), st.floats(0, 500), st.floats(0, 500), st.floats(0, 400))
def test_no_step_ends_after_the_deadline_or_the_patience(
    attempts: int, now: float, deadline_at: float, patience_s: float
) -> None:
    rules = RetryPolicy(max_elapsed_s=patience_s)
    match next_step(rules, AttemptHistory(attempts, 0.0, deadline_at), now):
        case RetryInPlace(pause_s):
            assert now + pause_s < min(deadline_at, patience_s)
        case RetryLater(_, due_at):
            assert now < due_at < min(deadline_at, patience_s)
        case StopRetrying():
            pass


def test_who_is_stopped_by_the_deadline_is_not_exhausted() -> None:
    assert step(2, deadline_at=3.0) == StopRetrying(exhausted=False)
    assert next_step(RetryPolicy(max_elapsed_s=3), AttemptHistory(2, 0.0, FOR_EVER), 0.0) == StopRetrying(
        exhausted=True
    )


@bounded
@given(st.integers(1, 4), st.floats(0, 400))
def test_a_pause_that_was_asked_for_is_kept(attempts: int, retry_after_s: float) -> None:
    match step(attempts, retry_after_s=retry_after_s):
        case RetryInPlace(pause_s):
            assert pause_s >= retry_after_s
        case RetryLater(_, due_at):
            assert due_at >= retry_after_s
        case StopRetrying(exhausted):
            assert exhausted
            assert retry_after_s > 240


def test_with_the_usual_patience_a_server_that_is_gone_is_given_up_within_a_minute() -> None:
    """A server that restarts within twenty seconds is reached again; retries of a lost one end after some forty."""
    now, attempts, at = 0.0, 1, [0.0]
    while not isinstance(taken := next_step(RetryPolicy(), AttemptHistory(attempts, 0.0, FOR_EVER), now), StopRetrying):
        now = now + taken.pause_s if isinstance(taken, RetryInPlace) else taken.due_at
        attempts += 1
        at.append(now)
    assert len(at) == 4
    assert 24 <= at[-1] <= 43


def test_a_fact_keeps_its_place() -> None:
    assert all(isinstance(next_step_in_place(RetryPolicy(), attempts), RetryInPlace) for attempts in range(1, 5))
    assert next_step_in_place(RetryPolicy(), 5) == StopRetrying(exhausted=True)
