"""A priority queue of due times by key. Pure; its size follows the keys, however often their times change."""

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K", str, tuple[str, str])

_SPARE = 64  # outdated entries below which no clean-up runs


class DueTimes(Generic[K]):
    """One time for each key, in any unit that grows. A new time replaces the old one."""

    def __init__(self) -> None:
        self._times: dict[K, float] = {}
        self._heap: list[tuple[float, K]] = []

    def __contains__(self, key: K) -> bool:
        return key in self._times

    @property
    def size(self) -> int:
        """Number of entries, outdated ones included: at most twice the keys plus a constant."""
        return len(self._heap)

    @property
    def next_at(self) -> float | None:
        """The earliest time, None if empty."""
        while self._heap and self._is_outdated(*self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def put(self, key: K, at: float | None) -> None:
        """Set the time of a key; None removes it."""
        if at is None:
            self.drop(key)
        elif self._times.get(key) != at:
            self._times[key] = at
            heapq.heappush(self._heap, (at, key))
            self._clean_up()

    def drop(self, key: K) -> None:
        """Remove a key; no-op if it is absent."""
        self._times.pop(key, None)
        self._clean_up()

    def pop_until(self, now: float) -> Iterator[K]:
        """Remove and yield every key that is due at `now`, the earliest first. `put` is allowed meanwhile."""
        while (at := self.next_at) is not None and at <= now:
            _, key = heapq.heappop(self._heap)
            del self._times[key]
            yield key

    def _is_outdated(self, at: float, key: K) -> bool:
        return self._times.get(key) != at

    def _clean_up(self) -> None:
        if len(self._heap) > 2 * len(self._times) + _SPARE:
            self._heap = [(at, key) for key, at in self._times.items()]
            heapq.heapify(self._heap)
