"""Places for what stays open."""

from contextlib import ExitStack

import pytest

from services.mcp.api.protocol.session_limiter import SessionLimiter, SessionLimitReached, most_per_key


def test_a_key_has_a_quarter_of_the_places_and_one_at_least() -> None:
    assert [most_per_key(most) for most in (1, 2, 7, 8, 1000)] == [1, 1, 1, 2, 250]


def test_what_one_key_may_not_have_is_there_for_others() -> None:
    limiter = SessionLimiter(8, "Streams")
    with limiter.session("a"), limiter.session("a"):
        with pytest.raises(SessionLimitReached, match="Streams of one key: the limit is 2"), limiter.session("a"):
            pass
        with limiter.session("b"):
            pass


def test_all_keys_together_have_no_more_than_there_are() -> None:
    limiter = SessionLimiter(4, "Streams")
    with ExitStack() as taken:
        for key in "abcd":
            taken.enter_context(limiter.session(key))
        with pytest.raises(SessionLimitReached, match="Streams open at once: the limit is 4"), limiter.session("e"):
            pass


def test_a_place_is_free_again_when_it_was_left_by_an_error() -> None:
    limiter = SessionLimiter(1, "Streams")
    with pytest.raises(KeyError), limiter.session("a"):
        raise KeyError
    with limiter.session("a"):
        pass
