"""Who is admitted: nobody over the limit, and no tenant at the cost of the others.

A tenant below its fair share (the limit divided by the tenants that are there and one that may come) gets any free
place. One above it gets only what is left when a headroom is kept free, so that whoever comes next is served at once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.gateway.domain.admission.adaptive_limit import AdaptiveLimit, AdaptiveLimitConfig
from services.gateway.domain.errors import overloaded, tenant_overloaded


@dataclass(frozen=True, slots=True)
class Shares:
    """`per_tenant` bounds every tenant (0: the fair share alone does); `headroom` is a fraction of the limit. It is not
    kept free while `alone` says that there is one tenant only."""

    per_tenant: int = 0
    headroom: float = 0.2
    alone: Callable[[], bool] = lambda: False


class Admission:
    """Counts the open requests of each tenant. A decision takes microseconds and reads nothing."""

    def __init__(self, limit: AdaptiveLimit, shares: Shares) -> None:
        self.limit = limit
        self._shares = shares
        self._open: Counter[str] = Counter()
        self._total = 0
        # After a cut more are open than may be. Whoever is below its share does not wait for those of others to end.
        self._cap = limit.value

    def admit(self, tenant: str) -> None:
        """Take a place. Raises RequestRefused: 429 when the tenant has its share, 503 when the gateway is full."""
        if self._has_its_own(tenant):
            raise tenant_overloaded()
        if not self._fits(tenant):
            self.limit.refused()
            raise tenant_overloaded() if self._is_above(tenant) and self._headroom else overloaded()
        self._add(tenant)

    def admit_if_room(self, tenant: str) -> bool:
        """Take a place if there is one; return whether there was."""
        if not self.has_room(tenant):
            return False
        self._add(tenant)
        return True

    def has_room(self, tenant: str) -> bool:
        """Return whether a request would be admitted; asking takes nothing and teaches nothing."""
        return not self._has_its_own(tenant) and self._fits(tenant)

    @property
    def open(self) -> int:
        """Return how many requests are open."""
        return self._total

    def open_of(self, tenant: str) -> int:
        """Return how many requests of a tenant are open."""
        return self._open[tenant]

    def own_turns(self, tenant: str, waiting: int) -> float:
        """Return how many requests of all tenants end until one of this tenant has a permit that waits behind `waiting`
        others of its own; 0 for a tenant without a bound of its own."""
        bound = self._shares.per_tenant
        return (waiting + 1) * max(1, self._total) / bound if bound else 0.0

    def beside(self, most: int) -> "Admission":
        """Return an admission to something else, of which there are `most` places: shared in the same way."""
        return Admission(
            AdaptiveLimit(AdaptiveLimitConfig(ceiling=most, target_ms=0)), replace(self._shares, per_tenant=0)
        )

    def leave(self, tenant: str) -> None:
        """Give a place back."""
        self._total -= 1
        self._open[tenant] -= 1
        if not self._open[tenant]:
            del self._open[tenant]

    def _add(self, tenant: str) -> None:
        self._open[tenant] += 1
        self._total += 1
        self.limit.admitted(self._total)

    @property
    def _headroom(self) -> float:
        return 0.0 if self._shares.alone() else self._shares.headroom

    def _has_its_own(self, tenant: str) -> bool:
        return 0 < self._shares.per_tenant <= self._open[tenant]

    def _fits(self, tenant: str) -> bool:
        limit = self.limit.value
        self._cap = limit if self._total <= limit else max(limit, self._cap)
        if self._total < limit - int(limit * self._shares.headroom):
            return True  # for any tenant, which is the usual case: shares cost ten times as much
        return self._total < (limit - int(limit * self._headroom) if self._is_above(tenant) else self._cap)

    def _is_above(self, tenant: str) -> bool:
        return self._open[tenant] >= self._fair_share(tenant, self.limit.value)

    def _fair_share(self, tenant: str, limit: int) -> int:
        tenants = len(self._open) + (tenant not in self._open) + (self._shares.headroom > 0)
        return max(1, limit // tenants)
