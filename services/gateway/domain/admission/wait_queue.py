"""The wait queue for permits (ADR 25), and the rate at which they become free. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class WaitQueue(Generic[T]):
    """Items must be hashable by identity. Only `positions` reads more than one item of each tenant.

    `length` is the number of waiting items, an attribute for callers where a call costs too much.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, dict[T, None]] = {}  # a dict keeps the order and removes in constant time
        self._last_turn: dict[str, int] = {}
        self._turns = 0
        self.length = 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[T]:
        return (item for items in self._waiting.values() for item in items)

    def count(self, tenant: str) -> int:
        return len(self._waiting.get(tenant, ()))

    def counts(self) -> dict[str, int]:
        return {tenant: len(items) for tenant, items in self._waiting.items()}

    def append(self, tenant: str, item: T) -> None:
        """Append an item to the queue of its tenant."""
        self._waiting.setdefault(tenant, {})[item] = None
        self.length += 1

    def remove(self, tenant: str, item: T) -> bool:
        """Remove an item; return whether it was queued."""
        items = self._waiting.get(tenant, {})
        if item not in items:
            return False
        self._remove(tenant, item)
        return True

    def pop(self, may_start: Callable[[str], bool], open_requests: Callable[[str], int]) -> T | None:
        """Remove and return the next item: of the tenants that may start one, the tenant with the fewest open requests,
        then the one whose last turn is longest ago. None when no tenant may start one."""
        ready = (tenant for tenant in self._waiting if may_start(tenant))
        tenant = min(ready, key=lambda each: (open_requests(each), self._last_turn.get(each, 0)), default=None)
        if tenant is None:
            return None
        item = next(iter(self._waiting[tenant]))
        self._turns += 1
        self._last_turn[tenant] = self._turns
        self._remove(tenant, item)
        return item

    def positions(self) -> Iterator[tuple[T, int]]:
        """Yield every item with its position in the order of turns, counted from 1."""
        by_turn = sorted(self._waiting, key=lambda tenant: self._last_turn.get(tenant, 0))
        rounds = [iter(self._waiting[tenant]) for tenant in by_turn]
        position = 0
        while rounds:
            following = []
            for items in rounds:
                if (item := next(items, None)) is not None:
                    position += 1
                    following.append(items)
                    yield item, position
            rounds = following

    def _remove(self, tenant: str, item: T) -> None:
        items = self._waiting[tenant]
        del items[item]
        self.length -= 1
        if not items:
            del self._waiting[tenant]
        if not self.length:
            self._last_turn.clear()


def requests_before(own: int, others: Iterable[int]) -> int:
    """Number of requests that start before the next one of a tenant with `own` waiting requests.

    `others` are the counts of the other tenants. Tenants are served in rotation.
    """
    return own + sum(min(each, own + 1) for each in others)


WINDOW = 4.0  # completions that count, as a multiple of the requests open at once

LEAST_WINDOW = 16

STALE_S = 300.0  # after so long without a completion, the measurement is too old for the next burst

LOADED = 0.5  # from this part of the open requests on, the measured rate is the capacity


class CompletionRate:
    """Times are seconds of one monotonic clock.

    Measured: the requests that ended while any was open, and the number open then. The mean decays by completions, not
    by seconds, so it follows a fast model within milliseconds and a slow one within minutes. Where few permits were in
    use, the rate of a burst is extrapolated by Little's law: `open / holding time`. The age of open requests bounds it,
    so that a hung model shows before any request ends.
    """

    def __init__(self) -> None:
        self._open = 0
        self._begun_sum = 0.0
        self._changed_at = 0.0
        self._ended_at = 0.0
        self._samples = 0
        self._mean_s = 0.0  # for which a permit is held
        self._completions = 0.0
        self._busy_s = 0.0
        self._held_s = 0.0  # of all permits together

    def started(self, now: float) -> None:
        """Record that a request acquired a permit."""
        self._advance(now)
        self._open += 1
        self._begun_sum += now

    def ended(self, started_at: float, now: float) -> None:
        """Record that a request released its permit, whatever its outcome."""
        self._advance(now)
        if now - self._ended_at > STALE_S:
            self._samples, self._completions = 0, 0.0
            self._busy_s, self._held_s = now - started_at, self._open * now - self._begun_sum
        window = WINDOW * self._held_s / self._busy_s if self._busy_s else LEAST_WINDOW
        if window < LEAST_WINDOW:
            window = LEAST_WINDOW
        self._samples += 1
        self._mean_s += (now - started_at - self._mean_s) / min(self._samples, window)
        weight = 1 - 1 / window
        self._completions = (self._completions + 1) * weight
        self._busy_s *= weight
        self._held_s *= weight
        self._ended_at = now
        self._open -= 1
        self._begun_sum = self._begun_sum - started_at if self._open else 0.0

    def per_s(self, now: float) -> float:
        """Completions per second; 0 without measurements."""
        age_s = now - self._begun_sum / self._open if self._open else 0.0
        if not self._samples or now - self._ended_at > STALE_S or not self._busy_s:
            return self._open / age_s if age_s > 0 else 0.0
        holding_s = max(age_s, self._mean_s)
        if holding_s <= 0:
            return 0.0
        loaded = self._held_s / self._busy_s
        if loaded < self._open * LOADED:
            return self._open / holding_s
        since_s = now - self._changed_at if self._open else 0.0
        return max(loaded / holding_s, self._completions / (self._busy_s + since_s))

    def wait_s(self, before: int, now: float) -> float:
        """Seconds until a request starts that is behind `before` others; 0 without measurements."""
        rate = self.per_s(now)
        return (before + 1) / rate if rate else 0.0

    def _advance(self, now: float) -> None:
        if self._open:
            since_s = now - self._changed_at
            self._busy_s += since_s
            self._held_s += since_s * self._open
        self._changed_at = now
