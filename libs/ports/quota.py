"""Quotas: rates of a key, budgets of a user and a team. Checked before a request is accepted."""

from dataclasses import dataclass
from typing import Literal, Protocol

from libs.contracts.account import Account
from libs.contracts.model_call import Usage
from libs.core.errors import Rejected, Retryable
from libs.ports.identity import Caller

Dimension = Literal["requests", "tokens", "streams"]
HolderKind = Literal["user", "team"]
Period = Literal["daily", "monthly", "total"]


@dataclass(frozen=True, slots=True)
class QuotaRequest:
    """A request to admit. `tokens` is an estimate; 0 for a request that calls no model and uses no budget.

    `priced_as` is the model that serves it, however the client spelled the name.
    """

    caller: Caller
    response_id: str
    tokens: int
    priced_as: str = ""
    stream: bool = False


@dataclass(frozen=True, slots=True)
class RateStatus:
    """One rate: `limit` per minute, the remainder now, and the seconds until it is full again."""

    limit: int
    remaining: int
    reset_s: float


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A daily budget and its use, in tokens times cost factor, reservations included."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """Rates and daily budget of a caller; None where there is no limit."""

    requests: RateStatus | None = None
    tokens: RateStatus | None = None
    daily: BudgetStatus | None = None


class RateLimited(Rejected):
    """A rate of the key is exhausted. `retry_after_s`: seconds until enough of it is available."""

    code = "rate_limit_exceeded"

    def __init__(self, dimension: Dimension, limit: int, retry_after_s: float, status: QuotaStatus) -> None:
        super().__init__(f"the limit of {limit} {dimension} is reached")
        self.dimension = dimension
        self.limit = limit
        self.retry_after_s = retry_after_s
        self.status = status


class BudgetExceeded(Rejected):
    """A budget is exhausted. `retry_after_s`: seconds until it restarts, infinite for a budget that never does.

    `passing`: requests in flight have reserved the rest; settling them may release some.
    """

    code = "budget_exceeded"

    def __init__(
        self,
        holder: HolderKind,
        period: Period,
        retry_after_s: float,
        daily: BudgetStatus | None = None,
        *,
        passing: bool,
    ) -> None:
        super().__init__(f"the {period} budget of the {holder} is used up")
        self.holder = holder
        self.period = period
        self.retry_after_s = retry_after_s
        self.passing = passing
        self.daily = daily

    def again(self) -> "BudgetExceeded":
        """A new instance of the same refusal, for another request."""
        return BudgetExceeded(self.holder, self.period, self.retry_after_s, self.daily, passing=self.passing)


class BudgetUnknown(Retryable):
    """The remainder of a budget is unknown while its store is unavailable."""

    code = "budget_unknown"

    def again(self) -> "BudgetUnknown":
        """A new instance of the same refusal, for another request."""
        return BudgetUnknown(str(self))


class Reservation(Protocol):
    """The reservation of one admitted request. Only the first call of `settle` or `release` counts; neither waits."""

    @property
    def account(self) -> Account:
        """The payer and the reserved amount; part of the request, so that its end can settle it."""
        ...

    def status(self) -> QuotaStatus: ...

    def settle(self, usage: Usage | None) -> None:
        """Settle the ended request at `usage`; None where it is unknown: the estimate stands.

        The caller has published its RequestLogged with this account, or will.
        """
        ...

    def release(self) -> None:
        """Release everything reserved, for a request that was not accepted and gets no record."""
        ...


class QuotaService(Protocol):
    """Admits requests within rates and budgets."""

    async def reserve(self, request: QuotaRequest) -> Reservation:
        """Reserve the quota of a request. Waits for a store only near a limit, or to lease a share of one.

        Raises RateLimited, BudgetExceeded, and BudgetUnknown when a budget exists and its store is unavailable.
        """
        ...
