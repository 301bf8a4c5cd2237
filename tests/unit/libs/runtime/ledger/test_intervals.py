"""Intervals: after additions in any order, they equal a set of offsets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.ledger.intervals import Interval, Intervals

pieces = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))


def members(added: list[Interval]) -> set[int]:
    return {offset for start, end in added for offset in range(start, end)}


@given(st.lists(pieces, max_size=20))
def test_they_hold_what_was_added_and_nothing_else(added: list[Interval]) -> None:
    intervals = Intervals(added)
    assert {offset for offset in range(62) if offset in intervals} == members(added)


@given(st.lists(pieces, max_size=20))
def test_they_are_sorted_and_do_not_touch(added: list[Interval]) -> None:
    listed = Intervals(added).listed()
    assert all(start < end for start, end in listed)
    assert all(before[1] < after[0] for before, after in pairwise(listed))


@given(st.lists(pieces, max_size=20), pieces)
def test_they_cover_a_piece_when_all_of_it_was_added(added: list[Interval], piece: Interval) -> None:
    assert Intervals(added).covers(*piece) == (set(range(*piece)) <= members(added))


@given(st.lists(pieces, max_size=20), st.integers(0, 60))
def test_what_is_taken_off_the_front_reaches_as_far_as_there_is_no_hole(added: list[Interval], offset: int) -> None:
    intervals = Intervals((start, end) for start, end in added if start >= offset)
    whole = members([(start, end) for start, end in added if start >= offset])
    end = intervals.take_first_from(offset)
    assert end == next(number for number in range(offset, 200) if number not in whole)
    assert members(list(intervals.listed())) == {number for number in whole if number > end}


@given(st.lists(pieces, max_size=20), st.integers(0, 61))
def test_the_start_of_what_ends_at_or_after_an_offset(added: list[Interval], end: int) -> None:
    whole = members(added)
    start = end
    while start - 1 in whole:
        start -= 1
    assert Intervals(added).start_before(end) == start


def test_half_a_million_neighbours_are_one_interval() -> None:
    intervals = Intervals()
    for offset in range(500_000):
        intervals.add(offset, offset + 1)
    assert intervals.listed() == ((0, 500_000),)
