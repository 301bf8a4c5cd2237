"""A rate is a bucket of one minute's worth that fills up steadily."""

from hypothesis import given
from hypothesis import strategies as st

from libs.adapters.quota.rates.token_bucket import SHARE, WINDOW_S, Draw, TokenBucket, seconds_until

limits = st.integers(1, 100_000)


def test_a_full_bucket_grants_its_limit_and_no_more() -> None:
    bucket, granted = TokenBucket(60, 0.0), 0
    while (drawn := bucket.draw(Draw(60, 1), 0.0))[1].granted:
        bucket, granted = drawn[0], granted + drawn[1].granted
    assert granted == 60


def test_what_is_drawn_at_once_gets_small_near_the_limit() -> None:
    assert TokenBucket(1600, 0.0).draw(Draw(1600, 1), 0.0)[1].granted == 1600 // SHARE
    assert TokenBucket(20, 0.0).draw(Draw(1600, 1), 0.0)[1].granted == 1


def test_an_empty_bucket_is_full_after_a_minute() -> None:
    assert TokenBucket(0, 0.0).filled(60, WINDOW_S).level == 60
    assert TokenBucket(0, 0.0).filled(60, WINDOW_S / 2).level == 30


def test_who_needs_more_than_there_is_gets_nothing() -> None:
    bucket, drawn = TokenBucket(5, 0.0).draw(Draw(60, 6), 0.0)
    assert (bucket.level, drawn.granted) == (5, 0)


def test_what_is_owed_is_taken_whatever_the_level() -> None:
    assert TokenBucket(5, 0.0).draw(Draw(60, 0, owed=25), 0.0)[0].level == -20


def test_what_is_given_back_does_not_overflow() -> None:
    assert TokenBucket(50, 0.0).draw(Draw(60, 0, owed=-25), 0.0)[0].level == 60


def test_a_clock_that_runs_backwards_fills_nothing() -> None:
    assert TokenBucket(5, 10.0).filled(60, 3.0).level == 5


def test_the_wait_for_a_bucket_is_what_it_takes_to_fill() -> None:
    assert seconds_until(-20, 10, 60) == 30
    assert seconds_until(10, 1, 60) == 0


@given(limit=limits, steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5000)), max_size=60))
def test_in_no_time_is_more_granted_than_the_limit_and_what_flowed_in(
    limit: int, steps: list[tuple[float, int]]
) -> None:
    bucket, now, granted = TokenBucket(limit, 0.0), 0.0, 0
    for pause_s, need in steps:
        now += pause_s
        bucket, drawn = bucket.draw(Draw(limit, need), now)
        granted += drawn.granted
        assert granted <= limit + now * limit / WINDOW_S + 1e-6
