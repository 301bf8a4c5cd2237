"""What may be taken: rates of a key, budgets of a user and a team. Asked before a request is accepted."""

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
    """Somebody who wants to come in: `tokens` is what the request will take, roughly, 0 for one that asks no model and
    takes nothing of a budget; `priced_as` the model that it is served by, however the client spelled it."""

    caller: Caller
    response_id: str
    tokens: int
    priced_as: str = ""
    stream: bool = False


@dataclass(frozen=True, slots=True)
class RateStatus:
    """One rate: `limit` a minute, what is left of it now, and the seconds until all of it is there again."""

    limit: int
    remaining: int
    reset_s: float


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """A daily budget and what is used of it, in tokens times cost factor, reserved ones included."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """How a caller stands; None where there is no limit."""

    requests: RateStatus | None = None
    tokens: RateStatus | None = None
    daily: BudgetStatus | None = None


class RateLimited(Rejected):
    """A rate of the key is used up. `retry_after_s` is when there will be enough of it again."""

    code = "rate_limit_exceeded"

    def __init__(self, dimension: Dimension, limit: int, retry_after_s: float, status: QuotaStatus) -> None:
        super().__init__(f"the limit of {limit} {dimension} is reached")
        self.dimension = dimension
        self.limit = limit
        self.retry_after_s = retry_after_s
        self.status = status


class BudgetExceeded(Rejected):
    """A budget is used up. `retry_after_s` is when it begins anew, infinite for one that does not.

    `passing`: it is not used up yet, but requests in progress have reserved the rest; their ends may give some back.
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
        """Return the same refusal, for somebody else."""
        return BudgetExceeded(self.holder, self.period, self.retry_after_s, self.daily, passing=self.passing)


class BudgetUnknown(Retryable):
    """Nobody can tell what is left of a budget, because its store is away."""

    code = "budget_unknown"

    def again(self) -> "BudgetUnknown":
        """Return the same refusal, for somebody else."""
        return BudgetUnknown(str(self))


class Reservation(Protocol):
    """One request that came in. Exactly one of `settle` and `release` counts, the first; neither waits."""

    @property
    def account(self) -> Account:
        """Return who pays, and what was reserved: it travels with the request, so that its end settles it."""
        ...

    def status(self) -> QuotaStatus:
        """Return how the caller stands now."""
        ...

    def settle(self, usage: Usage | None) -> None:
        """The request has ended and took `usage`, None where nobody knows: then the estimate stands.

        Its RequestLogged, with this account, is on its way to the books or will be.
        """
        ...

    def release(self) -> None:
        """The request was not accepted, and nothing will be told about it: give back what was taken for it."""
        ...


class QuotaService(Protocol):
    """Who may come in, and how often."""

    async def reserve(self, request: QuotaRequest) -> Reservation:
        """Take what a request needs. Waits for a store only near a limit, or for a share of one.

        Raises RateLimited and BudgetExceeded, and BudgetUnknown when there is a budget that nobody can look at.
        """
        ...
