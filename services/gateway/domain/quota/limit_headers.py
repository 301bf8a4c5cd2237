"""Rate limits and budgets in response headers and rejections."""

import math
from datetime import UTC, datetime

from libs.contracts.progress import Protocol
from libs.ports.quota import BudgetExceeded, BudgetStatus, QuotaStatus, RateLimited, RateStatus
from services.gateway.domain.errors import ApiError, RequestRefused

Headers = tuple[tuple[str, str], ...]
LONGEST_RETRY_S = 120  # the SDKs do not wait longer for a rate limit
_WORDS = {"requests": "requests a minute", "tokens": "tokens a minute", "streams": "streams at once"}


def limit_headers(status: QuotaStatus, protocol: Protocol, now: float) -> Headers:
    """Header names of the client's protocol. `now` is Unix time."""
    headers_of = _anthropic if protocol == "messages" else _openai
    headers = _budget(status.daily)
    for dimension, window in (("requests", status.requests), ("tokens", status.tokens)):
        if window is not None:
            headers = (*headers, *headers_of(dimension, window, now))
    return headers


def rate_refusal(refused: RateLimited, protocol: Protocol, now: float) -> RequestRefused:
    """429; a retry may succeed after the wait."""
    wait_s = min(LONGEST_RETRY_S, refused.retry_after_s)
    message = (
        f"Rate limit reached: this key may take {refused.limit} {_WORDS[refused.dimension]}. "
        f"Try again in {duration(wait_s)}."
    )
    headers = (
        ("retry-after-ms", str(math.ceil(wait_s * 1000))),
        *limit_headers(refused.status, protocol, now),
    )
    error = ApiError(429, refused.code, message, retry_after_s=max(1, math.ceil(wait_s)), headers=headers)
    return RequestRefused(error)


def budget_refusal(refused: BudgetExceeded) -> RequestRefused:
    """429; a retry may succeed in the next period, or at once when running requests release unused reservations."""
    budget = f"{refused.period} token budget of your {refused.holder}"
    if refused.passing:
        message = f"Running requests have reserved the rest of the {budget}. Try again shortly."
        wait_s: int | None = 1
    else:
        wait_s = math.ceil(refused.retry_after_s) if math.isfinite(refused.retry_after_s) else None
        when = f" It begins anew in {duration(refused.retry_after_s)}." if wait_s is not None else ""
        message = f"The {budget} is used up.{when}"
    error = ApiError(
        429,
        refused.code,
        message,
        retry_after_s=wait_s,
        final=not refused.passing,
        kind="insufficient_quota",
        headers=_budget(refused.daily),
    )
    return RequestRefused(error)


def budget_unknown() -> RequestRefused:
    message = "The remaining budget is temporarily unknown. Try again shortly."
    return RequestRefused(ApiError(503, "budget_unknown", message, retry_after_s=2))


def duration(seconds: float) -> str:
    """Format a time like OpenAI: `250ms`, `1s`, `6m0s`, `1h0m0s`."""
    if seconds < 1:
        return f"{max(0, math.ceil(seconds * 1000))}ms"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _openai(dimension: str, window: RateStatus, _now: float) -> Headers:
    return (
        (f"x-ratelimit-limit-{dimension}", str(window.limit)),
        (f"x-ratelimit-remaining-{dimension}", str(window.remaining)),
        (f"x-ratelimit-reset-{dimension}", duration(window.reset_s)),
    )


def _anthropic(dimension: str, window: RateStatus, now: float) -> Headers:
    reset_at = datetime.fromtimestamp(math.ceil(now + window.reset_s), UTC)
    return (
        (f"anthropic-ratelimit-{dimension}-limit", str(window.limit)),
        (f"anthropic-ratelimit-{dimension}-remaining", str(window.remaining)),
        (f"anthropic-ratelimit-{dimension}-reset", reset_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    )


def _budget(daily: BudgetStatus | None) -> Headers:
    if daily is None:
        return ()
    return (("x-moe-budget-daily-used", str(daily.used)), ("x-moe-budget-daily-limit", str(daily.limit)))
