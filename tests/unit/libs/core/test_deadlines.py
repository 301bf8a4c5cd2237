import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.deadlines import parts_due_at

NOW = 1_000.0


@pytest.mark.parametrize(
    ("remaining", "reserve"),
    [(200, 50), (400, 100), (900, 120), (16, 5), (8, 4), (2, 1), (0, 0)],
)
def test_a_quarter_is_reserved_within_its_bounds(remaining: float, reserve: float) -> None:
    assert parts_due_at(NOW, NOW + remaining) == NOW + remaining - reserve


def test_a_deadline_that_has_passed_is_its_own() -> None:
    assert parts_due_at(NOW, NOW - 5) == NOW - 5


@given(st.floats(0, 1e6))
def test_the_parts_are_due_between_now_and_the_deadline(remaining: float) -> None:
    assert NOW <= parts_due_at(NOW, NOW + remaining) <= NOW + remaining
