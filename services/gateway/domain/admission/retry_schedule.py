"""When rejected requests are expected again. Each one has its own time, and its place is kept for a while, so that a
client that obeys `Retry-After` is not overtaken by those that come for the first time. Pure."""

from bisect import bisect_left, insort
from collections import Counter

EARLY_S = 0.5  # clocks and rounding
LATE_S = 1.0  # from then on, any request of the tenant may take the place
KEPT_S = 15.0


class RetrySchedule:
    """Keeps at most `most` places. Times are seconds of one clock; `request` is equal for two tries of one request."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_tenant: dict[str, list[tuple[float, int]]] = {}  # sorted
        self._by_request: dict[tuple[str, int], list[float]] = {}  # sorted
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def counts(self, now: float) -> Counter[str]:
        """Return how many requests of each tenant are expected again."""
        self._forget(now)
        return Counter({tenant: len(dues) for tenant, dues in self._by_tenant.items()})

    def invite(self, tenant: str, request: int, due_at: float) -> None:
        """Expect a request again at a time. Beyond the most, a client may come back in vain."""
        if self._count < self._most:
            insort(self._by_tenant.setdefault(tenant, []), (due_at, request))
            insort(self._by_request.setdefault((tenant, request), []), due_at)
            self._count += 1

    def redeem(self, tenant: str, request: int, now: float) -> bool:
        """Return whether a request is expected now, or another one of the tenant did not come; its place is no longer
        kept."""
        self._forget(now)
        dues = self._by_tenant.get(tenant, [])
        own = self._by_request.get((tenant, request))
        if own and own[0] <= now + EARLY_S:
            self._remove(tenant, bisect_left(dues, (own[0], request)))
            return True
        if dues and dues[0][0] + LATE_S <= now:
            self._remove(tenant, 0)
            return True
        return False

    def _forget(self, now: float) -> None:
        for tenant in list(self._by_tenant):
            while (dues := self._by_tenant.get(tenant)) and dues[0][0] + KEPT_S < now:
                self._remove(tenant, 0)

    def _remove(self, tenant: str, index: int) -> None:
        dues = self._by_tenant[tenant]
        due_at, request = dues.pop(index)
        self._count -= 1
        own = self._by_request[tenant, request]
        own.remove(due_at)
        if not own:
            del self._by_request[tenant, request]
        if not dues:
            del self._by_tenant[tenant]
