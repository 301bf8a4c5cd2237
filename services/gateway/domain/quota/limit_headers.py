"""Rate limits and budgets in response headers and rejections."""

import math
from datetime import UTC, datetime

from libs.contracts.progress import Protocol
from libs.http.metadata import RawHeaders
from libs.ports.quota import BudgetExceeded, BudgetStatus, QuotaStatus, RateLimited
from services.gateway.domain.errors import ApiError, RequestRefused

Headers = tuple[tuple[str, str], ...]
LONGEST_RETRY_S = 120  # the SDKs do not wait longer for a rate limit
_DIMENSIONS = ("requests", "tokens")
_PARTS = ("limit", "remaining", "reset")
_OPENAI = {name: tuple(f"x-ratelimit-{part}-{name}".encode() for part in _PARTS) for name in _DIMENSIONS}
_ANTHROPIC = {name: tuple(f"anthropic-ratelimit-{name}-{part}".encode() for part in _PARTS) for name in _DIMENSIONS}
_WORDS = {"requests": "requests a minute", "tokens": "tokens a minute", "streams": "streams at once"}


def limit_headers(status: QuotaStatus, protocol: Protocol, now: float) -> RawHeaders:
    """Header lines with the names of the client's protocol. `now` is Unix time."""
    anthropic = protocol == "messages"
    names = _ANTHROPIC if anthropic else _OPENAI
    headers = [(name.encode(), value.encode()) for name, value in _budget(status.daily)]
    for dimension, window in zip(_DIMENSIONS, (status.requests, status.tokens), strict=True):
        if window is not None:
            limit, remaining, reset = names[dimension]
            when = _time_of(now + window.reset_s) if anthropic else duration(window.reset_s)
            headers += (
                (limit, b"%d" % window.limit),
                (remaining, b"%d" % window.remaining),
                (reset, when.encode()),
            )
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
        *((name.decode(), value.decode()) for name, value in limit_headers(refused.status, protocol, now)),
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


def _time_of(unix_s: float) -> str:
    """RFC 3339, as Anthropic writes it; a part of a second is rounded up."""
    return datetime.fromtimestamp(math.ceil(unix_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _budget(daily: BudgetStatus | None) -> Headers:
    if daily is None:
        return ()
    return (("x-moe-budget-daily-used", str(daily.used)), ("x-moe-budget-daily-limit", str(daily.limit)))
