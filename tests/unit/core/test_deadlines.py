"""How the time of a request is shared out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.deadlines import parts_due_at

NOW = 1_760_000_000.0


@pytest.mark.parametrize(
    ("remaining_s", "reserve_s"), [(4, 2), (8, 4), (10, 5), (16, 5), (40, 10), (480, 120), (3600, 120), (0, 0)]
)
def test_what_is_reserved_for_the_end(remaining_s: float, reserve_s: float) -> None:
    assert parts_due_at(NOW, NOW + remaining_s) == NOW + remaining_s - reserve_s


@given(st.floats(-1000, 100_000))
def test_the_parts_are_never_due_after_the_deadline_nor_later_than_half_way_too_early(remaining_s: float) -> None:
    due = parts_due_at(NOW, NOW + remaining_s)
    assert due <= NOW + remaining_s
    assert due >= NOW + remaining_s / 2 - 0.001 or remaining_s < 0
