"""The retry times of rejected requests. Pure."""

from bisect import bisect_left, insort
from collections import Counter

EARLY_S = 0.5  # clocks and rounding
LATE_S = 1.0  # from then on, any request of the tenant may use the reservation
KEPT_S = 15.0


class RetrySchedule:
    """Reserves at most `most` retries. Times are seconds of one clock; `request` is equal for two attempts of one
    request.

    Each rejected request has a retry time of its own and a reservation around it, so that new requests do not overtake
    a client that obeys `Retry-After`.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_tenant: dict[str, list[tuple[float, int]]] = {}  # sorted
        self._by_request: dict[tuple[str, int], list[float]] = {}  # sorted
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def counts(self, now: float) -> Counter[str]:
        """Number of expected retries of each tenant."""
        self._forget(now)
        return Counter({tenant: len(dues) for tenant, dues in self._by_tenant.items()})

    def invite(self, tenant: str, request: int, due_at: float) -> None:
        """Reserve a retry at a time; no effect beyond `most`, so that retry may be rejected again."""
        if self._count < self._most:
            insort(self._by_tenant.setdefault(tenant, []), (due_at, request))
            insort(self._by_request.setdefault((tenant, request), []), due_at)
            self._count += 1

    def redeem(self, tenant: str, request: int, now: float) -> bool:
        """Consume the reservation of a request, or an unused one of its tenant; return whether there was one."""
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
