"""Turns of a conversation that fit into a window."""

import pytest

from libs.core.window import newest_that_fit

LENGTHS = [100, 100, 100]


@pytest.mark.parametrize(
    ("window", "besides", "kept"),
    [(0, 10_000, "abc"), (100, 0, "abc"), (100, 1, "bc"), (100, 100, "bc"), (100, 250, ""), (100, 200, "c")],
)
def test_the_newest_that_fit_beside_the_rest_are_kept(window: int, besides: int, kept: str) -> None:
    assert newest_that_fit("abc", LENGTHS, window, besides) == kept


def test_an_older_turn_that_would_fit_is_not_shown_without_the_newer_ones() -> None:
    assert newest_that_fit("ab", [1, 1000], 100, 0) == ""
