"""Admission within the limit, with fair shares for tenants."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.gateway.domain.admission.adaptive_limit import AdaptiveLimit, AdaptiveLimitConfig
from services.gateway.domain.errors import RequestRefused, overloaded, tenant_overloaded


@dataclass(frozen=True, slots=True)
class Shares:
    """`per_tenant` bounds every tenant (0: only the fair share applies); `headroom` is a fraction of the limit. No
    headroom is reserved while `alone` reports a single tenant."""

    per_tenant: int = 0
    headroom: float = 0.2
    alone: Callable[[], bool] = lambda: False


class Admission:
    """Counts the open requests of each tenant. A decision takes microseconds and does no I/O.

    A tenant below its fair share (the limit divided by the present tenants plus one) gets any free permit. A tenant
    above it gets one only beyond the free headroom, so that a new tenant is served at once.
    """

    def __init__(self, limit: AdaptiveLimit, shares: Shares) -> None:
        self.limit = limit
        self._shares = shares
        self._open: Counter[str] = Counter()
        self._total = 0
        # After a cut more requests are open than the limit. A tenant below its share does not wait for those of others.
        self._cap = self._known_limit = limit.value
        self._usual = self._known_limit - int(self._known_limit * shares.headroom)

    def admit(self, tenant: str) -> None:
        """Acquire a permit. Raises RequestRefused: 429 when the tenant has its share, 503 when the gateway is full."""
        if not self.admit_if_free(tenant):
            raise self._refusal(tenant)

    def admit_if_free(self, tenant: str) -> bool:
        """Acquire a permit if one is free; return whether it did."""
        if not self.has_capacity(tenant):
            return False
        self._add(tenant)
        return True

    def has_capacity(self, tenant: str) -> bool:
        """True when a request would be admitted; changes no state."""
        # Asked up to four times a request. Below `_usual` any tenant is admitted; shares cost ten times as much.
        if self._total < self._usual and self.limit.value == self._known_limit and not self._shares.per_tenant:
            self._cap = self._known_limit
            return True
        return not self._has_its_own(tenant) and self._fits(tenant)

    @property
    def open(self) -> int:
        return self._total

    def open_of(self, tenant: str) -> int:
        return self._open[tenant]

    def own_turns(self, tenant: str, waiting: int) -> float:
        """Requests of all tenants that end before this tenant gets a permit behind `waiting` others of its own.

        0 for a tenant without a bound.
        """
        bound = self._shares.per_tenant
        return (waiting + 1) * max(1, self._total) / bound if bound else 0.0

    def beside(self, most: int) -> "Admission":
        """Admission for another resource of `most` permits, shared by the same rules."""
        return Admission(
            AdaptiveLimit(AdaptiveLimitConfig(ceiling=most, target_ms=0)), replace(self._shares, per_tenant=0)
        )

    def leave(self, tenant: str) -> None:
        """Release a permit."""
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
        bound = self._shares.per_tenant
        return bound > 0 and bound <= self._open[tenant]

    def _fits(self, tenant: str) -> bool:
        limit = self._known_limit = self.limit.value
        self._usual = limit - int(limit * self._shares.headroom)
        self._cap = limit if self._total <= limit else max(limit, self._cap)
        return self._total < self._usual or self._total < (
            limit - int(limit * self._headroom) if self._is_above(tenant) else self._cap
        )

    def _refusal(self, tenant: str) -> RequestRefused:
        if self._has_its_own(tenant):
            return tenant_overloaded()
        self.limit.refused()
        return tenant_overloaded() if self._is_above(tenant) and self._headroom else overloaded()

    def _is_above(self, tenant: str) -> bool:
        return self._open[tenant] >= self._fair_share(tenant, self.limit.value)

    def _fair_share(self, tenant: str, limit: int) -> int:
        tenants = len(self._open) + (tenant not in self._open) + (self._shares.headroom > 0)
        return max(1, limit // tenants)
