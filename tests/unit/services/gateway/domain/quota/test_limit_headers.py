"""How limits are written into headers, in the names of each protocol."""

import pytest

from libs.ports.quota import BudgetExceeded, BudgetStatus, QuotaStatus, RateLimited, RateStatus
from services.gateway.domain.quota import budget_refusal, duration, limit_headers, rate_refusal

NOW = 1_760_000_000.0
STANDING = QuotaStatus(RateStatus(60, 12, 48.0), RateStatus(1000, 0, 90.5), BudgetStatus(700, 1000))


def test_openais_names() -> None:
    assert dict(limit_headers(STANDING, "chat", NOW)) == {
        b"x-moe-budget-daily-used": b"700",
        b"x-moe-budget-daily-limit": b"1000",
        b"x-ratelimit-limit-requests": b"60",
        b"x-ratelimit-remaining-requests": b"12",
        b"x-ratelimit-reset-requests": b"48s",
        b"x-ratelimit-limit-tokens": b"1000",
        b"x-ratelimit-remaining-tokens": b"0",
        b"x-ratelimit-reset-tokens": b"1m31s",
    }


def test_anthropics_names() -> None:
    assert dict(limit_headers(QuotaStatus(RateStatus(60, 12, 48.0)), "messages", NOW)) == {
        b"anthropic-ratelimit-requests-limit": b"60",
        b"anthropic-ratelimit-requests-remaining": b"12",
        b"anthropic-ratelimit-requests-reset": b"2025-10-09T08:54:08Z",
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0ms"), (0.25, "250ms"), (1.0, "1s"), (59.2, "1m0s"), (360.0, "6m0s"), (3600.0, "1h0m0s")],
)
def test_times_as_openai_writes_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("wait_s", "told"), [(0.001, "1"), (0.5, "1"), (2.2, "3"), (1e9, "120")])
def test_a_rate_is_waited_for_in_whole_seconds_and_never_too_long(wait_s: float, told: str) -> None:
    error = rate_refusal(RateLimited("tokens", 1000, wait_s, QuotaStatus()), "chat", NOW).error
    assert str(error.retry_after_s) == told


def test_a_refusal_names_the_dimension() -> None:
    error = rate_refusal(RateLimited("streams", 3, 1.0, QuotaStatus()), "chat", NOW).error
    assert "3 streams at once" in error.message


def test_a_budget_is_told_with_its_holder_and_period() -> None:
    error = budget_refusal(BudgetExceeded("team", "monthly", 7200.0, passing=False)).error
    assert error.message == "The monthly token budget of your team is used up. It begins anew in 2h0m0s."
    assert (error.type, error.code, error.final, error.retry_after_s) == (
        "insufficient_quota",
        "budget_exceeded",
        True,
        7200,
    )
