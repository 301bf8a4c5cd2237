"""The arithmetic of budgets, pure: how much is left, how much is set aside at once, and who is refused.

A gateway sets aside a chunk and gives it to requests by their estimates, without asking anybody. What it has set aside
counts as reserved until a request is booked at its actual cost, the gateway gives the rest back, or the chunk expires:
that is when the last request that could have got something of it must have ended. So all that is spent or may yet be
spent is either booked or reserved, and what is granted never exceeds the budget, whoever dies; only what requests cost
beyond their estimates does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from libs.ports.quota import BudgetExceeded, BudgetStatus, HolderKind, Period

SHARE = 8  # a chunk is at most this part of what is left, so chunks get small towards the end


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a budget: a user or a team of a tenant."""

    tenant: str
    kind: HolderKind
    id: str


@dataclass(frozen=True, slots=True)
class PeriodStatus:
    """One budget now: tokens times cost factor, and the seconds until it begins anew (infinite: never)."""

    period: Period
    amount: int
    spent: int
    reserved: int
    resets_s: float

    @property
    def left(self) -> int:
        """Return what nobody has spent or set aside."""
        return self.amount - self.spent - self.reserved


@dataclass(frozen=True, slots=True)
class LeaseLimits:
    """A chunk has at most `tokens` unless one request needs more. A gateway may give it to requests for `spend_s`
    seconds; after another `request_s` they have all ended and were booked."""

    tokens: int = 20_000
    spend_s: float = 60.0
    request_s: float = 660.0


def cost_of(tokens: int, factor: float = 1.0) -> int:
    """Return what tokens cost, rounded up: in decimals as the books have it, where 100 tokens at 1.1 cost 110."""
    return tokens if factor == 1.0 else math.ceil(tokens * Decimal(str(factor)))


def lease_size(holder: Holder, standings: Sequence[PeriodStatus], need: int, rules: LeaseLimits) -> int:
    """Return how much to set aside, `need` at least. Raises BudgetExceeded; `standings` is not empty."""
    short = [each for each in standings if each.left < need]
    if short:
        worst = max(short, key=lambda each: (each.amount - each.spent < need, each.resets_s))
        passing = all(each.amount - each.spent >= need for each in short)
        raise BudgetExceeded(holder.kind, worst.period, worst.resets_s, daily_of(standings), passing=passing)
    left = min(each.left for each in standings)
    return max(need, min(rules.tokens, left // SHARE))


def spendable_for(standings: Sequence[PeriodStatus], rules: LeaseLimits) -> float:
    """Return for how many seconds a chunk may be given to requests: not beyond the period that it was taken out of."""
    return min(rules.spend_s, *(each.resets_s for each in standings))


def daily_of(standings: Sequence[PeriodStatus]) -> BudgetStatus | None:
    """Return the daily budget, None without one."""
    found = (BudgetStatus(each.spent + each.reserved, each.amount) for each in standings if each.period == "daily")
    return next(found, None)
