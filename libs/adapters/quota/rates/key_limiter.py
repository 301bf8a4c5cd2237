"""Rate limits of one key on one gateway."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from libs.adapters.quota.rates.lease import RateLease
from libs.core.clock import Clock
from libs.ports.identity import Caller, KeyLimits
from libs.ports.quota import Dimension, QuotaStatus, RateLimited


@dataclass(eq=False, slots=True)
class KeyRateLimiter:
    """`requests` and `tokens` are None without a limit; `streams` holds the ids of streams open on this gateway."""

    name: str
    limits: KeyLimits
    requests: RateLease | None
    tokens: RateLease | None
    streams: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, caller: Caller, clock: Clock) -> Self:
        name, limits = f"{caller.tenant}:{caller.key_id}", caller.limits
        return cls(
            name,
            limits,
            _rate_lease(f"{name}:requests", limits.requests_per_minute, clock),
            _rate_lease(f"{name}:tokens", limits.tokens_per_minute, clock),
        )

    @property
    def leases(self) -> Iterator[RateLease]:
        return (each for each in (self.requests, self.tokens) if each is not None)

    @property
    def used_at(self) -> float:
        """Last use, in monotonic seconds; 0 without a limit on requests or tokens."""
        return max((each.used_at for each in self.leases), default=0.0)

    def status(self) -> QuotaStatus:
        requests = self.requests.window() if self.requests is not None else None
        return QuotaStatus(requests, self.tokens.window() if self.tokens is not None else None)

    def refusal(self, dimension: Dimension, retry_after_s: float) -> RateLimited:
        limit = {
            "requests": self.limits.requests_per_minute,
            "tokens": self.limits.tokens_per_minute,
            "streams": self.limits.streams,
        }[dimension]
        return RateLimited(dimension, limit, retry_after_s, self.status())


def _rate_lease(name: str, limit: int, clock: Clock) -> RateLease | None:
    return RateLease(name, limit, clock) if limit > 0 else None
