"""The wait queue for permits: FIFO within a tenant, round robin over tenants (ADR 25). Pure."""

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
