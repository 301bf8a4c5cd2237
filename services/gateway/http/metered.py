"""Asking whether a request may come in, and telling its client how it stands."""

from collections.abc import Callable

from libs.contracts.progress import Protocol
from libs.ports.metering import BudgetExceeded, BudgetUnknown, Entry, Metering, Passage, RateLimited
from services.gateway.domain.limits_told import budget_refusal, budget_unknown, limit_headers, rate_refusal
from services.gateway.http.marks import Marks, RawHeaders
from services.gateway.telemetry import BUDGET_EXCEEDED, RATE_LIMITED


async def entered(metering: Metering, entry: Entry, protocol: Protocol, now: float) -> Passage:
    """Return the passage of a request. Raises RequestRefused: 429 over a limit, 503 when nobody can tell."""
    try:
        return await metering.enter(entry)
    except RateLimited as refused:
        RATE_LIMITED.labels(refused.dimension).inc()
        raise rate_refusal(refused, protocol, now) from refused
    except BudgetExceeded as refused:
        BUDGET_EXCEEDED.labels(refused.period).inc()
        raise budget_refusal(refused) from refused
    except BudgetUnknown as error:
        raise budget_unknown() from error


def note_limits(marks: Marks, passage: Passage, protocol: Protocol, now: Callable[[], float]) -> None:
    """Have the reply tell how the caller stands when it begins."""

    def told() -> RawHeaders:
        headers = limit_headers(passage.standing(), protocol, now())
        return [(name.encode(), value.encode()) for name, value in headers]

    marks.limits = told
