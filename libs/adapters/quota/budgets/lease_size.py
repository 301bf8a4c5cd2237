"""Budget arithmetic, pure: remaining amounts, lease sizes and refusals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from libs.ports.quota import BudgetExceeded, BudgetStatus, HolderKind, Period

# A gateway leases part of a budget and spends it on requests by their estimates, without a round trip. A lease counts
# as reserved until a request is recorded at its actual cost, the gateway releases the rest, or the lease expires. It
# expires when the last request that could have used it must have ended. So every amount that is or may be spent is
# recorded or reserved, and grants never exceed the budget, even after a crash. Only costs beyond the estimates can
# exceed it.
SHARE = 8  # a lease is at most this part of the rest, so leases shrink towards the end


class Holder(NamedTuple):
    """A user or a team of a tenant, with a budget. A tuple: every request builds one to look it up."""

    tenant: str
    kind: HolderKind
    id: str


@dataclass(frozen=True, slots=True)
class PeriodStatus:
    """One budget now: tokens times cost factor, and the seconds until the next period (infinite: never)."""

    period: Period
    amount: int
    spent: int
    reserved: int
    resets_s: float

    @property
    def left(self) -> int:
        """Neither spent nor reserved."""
        return self.amount - self.spent - self.reserved


@dataclass(frozen=True, slots=True)
class LeaseLimits:
    """A lease has at most `tokens` unless one request needs more.

    A gateway may spend it for `spend_s` seconds; after another `request_s` all its requests have ended and are
    recorded.
    """

    tokens: int = 20_000
    spend_s: float = 60.0
    request_s: float = 660.0


def cost_of(tokens: int, factor: float = 1.0) -> int:
    """Rounded up, in decimals as in the usage table: 100 tokens at 1.1 cost 110."""
    return tokens if factor == 1.0 else math.ceil(tokens * Decimal(str(factor)))


def lease_size(holder: Holder, standings: Sequence[PeriodStatus], need: int, rules: LeaseLimits) -> int:
    """The amount to lease, at least `need`. Raises BudgetExceeded; `standings` must not be empty."""
    short = [each for each in standings if each.left < need]
    if short:
        worst = max(short, key=lambda each: (each.amount - each.spent < need, each.resets_s))
        passing = all(each.amount - each.spent >= need for each in short)
        raise BudgetExceeded(holder.kind, worst.period, worst.resets_s, daily_of(standings), passing=passing)
    left = min(each.left for each in standings)
    return max(need, min(rules.tokens, left // SHARE))


def spendable_for(standings: Sequence[PeriodStatus], rules: LeaseLimits) -> float:
    """Seconds for which a lease may be spent: never beyond the end of its period."""
    return min(rules.spend_s, *(each.resets_s for each in standings))


def daily_of(standings: Sequence[PeriodStatus]) -> BudgetStatus | None:
    """None without a daily budget."""
    found = (BudgetStatus(each.spent + each.reserved, each.amount) for each in standings if each.period == "daily")
    return next(found, None)
