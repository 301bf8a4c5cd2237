"""Validation of numbers from other systems."""

import math

import pytest

from libs.core.outside_numbers import COUNT_LIMIT, count_in, finite, is_unix_time
from libs.core.token_counts import counted_tokens

HOSTILE = [-1, COUNT_LIMIT + 1, 2**53, 2**63, 2**64 - 1, 10**400, 1.0, 1e300, math.nan, math.inf, True, "3", None, [3]]


@pytest.mark.parametrize("count", [0, 1, COUNT_LIMIT])
def test_a_count_up_to_the_limit_is_taken_as_it_is(count: int) -> None:
    assert count_in(count) == count


@pytest.mark.parametrize("value", HOSTILE)
def test_what_no_server_can_have_counted_is_no_count(value: object) -> None:
    assert count_in(value) is None


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens"])
def test_a_usage_with_one_impossible_count_is_none_at_all(name: str, value: object) -> None:
    assert counted_tokens({"prompt_tokens": 3, "completion_tokens": 4, name: value}) is None


@pytest.mark.parametrize(("seconds", "is_time"), [(0, True), (253402300799, True), (-1, False), (253402300800, False)])
def test_a_unix_time_is_one_that_a_calendar_shows(seconds: float, *, is_time: bool) -> None:
    assert is_unix_time(seconds) is is_time


@pytest.mark.parametrize(
    ("text", "number"), [(b"2.5", 2.5), ("-3", -3.0), (b"nan", 7.0), ("1e999", 7.0), (b"\xff", 7.0)]
)
def test_a_header_holds_a_finite_number_or_none(text: str | bytes, number: float) -> None:
    assert finite(text, 7.0) == number
