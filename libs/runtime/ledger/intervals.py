"""A set of offsets as half-open intervals: sorted, disjoint, never adjacent. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Interval = tuple[int, int]  # from the first offset to one past the last


class Intervals:
    """Its size follows the gaps between the added intervals, not their number."""

    def __init__(self, intervals: Iterable[Interval] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in intervals:
            self.add(start, end)

    def __len__(self) -> int:
        return len(self._starts)

    def __contains__(self, offset: int) -> bool:
        return self.covers(offset, offset + 1)

    def covers(self, start: int, end: int) -> bool:
        """`start` is inclusive, `end` exclusive."""
        index = bisect_right(self._starts, start) - 1
        return start >= end or (index >= 0 and self._ends[index] >= end)

    def add(self, start: int, end: int) -> None:
        """Add `start` (inclusive) to `end` (exclusive)."""
        if start >= end:
            return
        first = bisect_left(self._ends, start)  # the first one that is overlapped or touched
        past = bisect_right(self._starts, end)
        if first < past:
            start, end = min(start, self._starts[first]), max(end, self._ends[past - 1])
        self._starts[first:past] = [start]
        self._ends[first:past] = [end]

    def take_first_from(self, offset: int) -> int:
        """Remove the interval that begins at or before `offset`; return its end, or `offset` if there is none."""
        while self._starts and self._starts[0] <= offset:
            offset = max(offset, self._ends.pop(0))
            del self._starts[0]
        return offset

    def start_before(self, end: int) -> int:
        """Start of the interval that ends at or contains `end`, or `end` if there is none."""
        return self._starts[index] if (index := self._index_before(end)) >= 0 else end

    def listed(self) -> tuple[Interval, ...]:
        return tuple(zip(self._starts, self._ends, strict=True))

    def _index_before(self, end: int) -> int:
        index = bisect_left(self._starts, end) - 1
        return index if index >= 0 and self._ends[index] >= end else -1
