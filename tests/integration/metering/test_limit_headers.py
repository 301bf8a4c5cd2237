"""Rate and budget headers of every reply, and retry advice."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.adapters.quota.budgets.lease_size import Holder, LeaseLimits
from libs.adapters.quota.budgets.limiter import BudgetLimiter
from libs.adapters.quota.rates import RateLimiter
from libs.adapters.quota.service import StoredQuotaService
from libs.contracts.progress import RequestOpened
from libs.ports.identity import EVERYTHING, Caller, Grants, KeyLimits
from libs.runtime.settings.static_keys import StaticKeys
from libs.testing.fake_clock import FakeClock
from libs.testing.waiting import eventually
from services.gateway.domain.cached_answer_record import read_cached_answer_record
from services.gateway.domain.quota import LONGEST_RETRY_S
from services.gateway.outbox import Outbox
from services.gateway.pipeline.app_context import AppContext
from tests.support.gateway import KEY, GatewayHarness, answering, open_gateway
from tests.support.quota.callers import SharedStore
from tests.support.quota.memory_budgets import DAY_S, Vault

NOON = 20_000 * DAY_S + DAY_S / 2
HOLDER = Holder("default", "user", "julia")
ALL_MODES = Grants(frozenset({("moe_mode", EVERYTHING)}))


class Limited:
    """A gateway whose only caller has limits and budgets, with a separate clock."""

    def __init__(self, limits: KeyLimits, daily: int | None = None, total: int | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.store = SharedStore(self.clock)
        self.vault = Vault(self.clock, LeaseLimits())
        if daily is not None:
            self.vault.budgets[HOLDER, "daily"] = daily
        if total is not None:
            self.vault.budgets[HOLDER, "total"] = total
        self.metering = StoredQuotaService(
            RateLimiter(self.store, self.clock), BudgetLimiter(self.vault, self.vault, self.clock)
        )
        self.caller = Caller("default", "julia", "k1", limits=limits, grants=ALL_MODES)

    def alter(self, front: AppContext) -> AppContext:
        return replace(front, authenticator=StaticKeys.of({KEY: self.caller}), quota=self.metering)


@asynccontextmanager
async def limited_gateway(limited: Limited) -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("4"), alter=limited.alter) as opened:
        yield opened


@asynccontextmanager
async def streaming(at: GatewayHarness) -> AsyncIterator[httpx.Response]:
    body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Why?"}], "stream": True}
    async with at.client.stream("POST", "/v1/chat/completions", json=body) as response:
        yield response


async def opens(at: GatewayHarness) -> bool:
    async with streaming(at) as response:
        return response.status_code == 200


def error_of(response: httpx.Response) -> dict[str, object]:
    error: dict[str, object] = response.json()["error"]
    return error


async def test_every_reply_tells_how_its_key_stands() -> None:
    async with limited_gateway(Limited(KeyLimits(60, 100_000))) as at:
        for reply in (await at.ask(), await at.ask(stream=True)):
            assert reply.status_code == 200
            assert reply.headers["x-ratelimit-limit-requests"] == "60"
            assert reply.headers["x-ratelimit-limit-tokens"] == "100000"
        assert reply.headers["x-ratelimit-remaining-requests"] == "58"
        assert reply.headers["x-ratelimit-reset-requests"] == "2s"
        assert int(reply.headers["x-ratelimit-remaining-tokens"]) < 100_000


async def test_a_key_without_limits_is_told_nothing() -> None:
    async with limited_gateway(Limited(KeyLimits())) as at:
        assert not [name for name in (await at.ask()).headers if "ratelimit" in name or "budget" in name]


async def test_a_rate_that_is_used_up_is_told_with_the_time_to_wait() -> None:
    limited = Limited(KeyLimits(requests_per_minute=2))
    async with limited_gateway(limited) as at:
        assert [(await at.ask()).status_code for _ in range(2)] == [200, 200]
        refused = await at.ask()
        assert refused.status_code == 429
        assert (error_of(refused)["type"], error_of(refused)["code"]) == ("rate_limit_error", "rate_limit_exceeded")
        assert "2 requests a minute" in str(error_of(refused)["message"])
        assert refused.headers["retry-after"] == "30"
        assert refused.headers["retry-after-ms"] == "30000"
        assert refused.headers["x-ratelimit-remaining-requests"] == "0"
        assert "x-should-retry" not in refused.headers
        limited.clock.advance(30)
        assert (await at.ask()).status_code == 200


async def test_no_wait_for_a_rate_is_longer_than_clients_have_patience() -> None:
    async with limited_gateway(Limited(KeyLimits(tokens_per_minute=10))) as at:
        await at.ask()  # takes 42, which is four minutes' worth
        refused = await at.ask()
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) == LONGEST_RETRY_S


async def test_a_stream_that_ends_releases_its_permit() -> None:
    limited = Limited(KeyLimits(streams=1))
    async with open_gateway(None, alter=limited.alter) as at, limited.metering:
        async with streaming(at) as first:
            assert first.status_code == 200
            refused = await at.ask(stream=True)
            assert (refused.status_code, error_of(refused)["code"]) == (429, "rate_limit_exceeded")
            assert "1 streams at once" in str(error_of(refused)["message"])
        await eventually(lambda: opens(at), within_s=30)


async def test_tokens_that_were_not_used_are_given_back() -> None:
    async with limited_gateway(Limited(KeyLimits(tokens_per_minute=10_000))) as at:
        first, second = await at.ask(), await at.ask()
        remaining = [int(reply.headers["x-ratelimit-remaining-tokens"]) for reply in (first, second)]
        assert remaining[1] == remaining[0] - 42  # the usage that the scripted fleet reports


async def test_an_answer_that_is_known_takes_a_request_and_no_tokens(tmp_path: Path) -> None:
    text = "Because short waves of sunlight are scattered more than long ones are." * 4
    limited, books = Limited(KeyLimits(60, 100_000)), Outbox(tmp_path, 1 << 20, read_cached_answer_record)

    def alter(front: AppContext) -> AppContext:
        return replace(limited.alter(front), answer_cache=replace(front.answer_cache, outbox=books))

    async with books.spool, open_gateway(answering(text), alter=alter) as at:
        await at.ask("Why is the sky blue?")
        known = await at.ask("Why is the sky blue?")
        assert known.headers["x-moe-cache"] == "hit"
        assert known.headers["x-ratelimit-remaining-requests"] == "58"
        assert known.headers["x-ratelimit-remaining-tokens"] == str(100_000 - 42)


async def test_a_budget_that_is_used_up_is_no_rate_limit() -> None:
    async with limited_gateway(Limited(KeyLimits(), daily=10)) as at:
        refused = await at.ask()
        assert refused.status_code == 429
        assert (error_of(refused)["type"], error_of(refused)["code"]) == ("insufficient_quota", "budget_exceeded")
        assert refused.headers["x-should-retry"] == "false"
        assert refused.headers["retry-after"] == str(int(DAY_S / 2))
        assert refused.headers["x-moe-budget-daily-used"] == "0"
        assert refused.headers["x-moe-budget-daily-limit"] == "10"


async def test_a_budget_for_good_has_no_time_to_wait_for() -> None:
    async with limited_gateway(Limited(KeyLimits(), total=10)) as at:
        refused = await at.ask()
        assert refused.headers["x-should-retry"] == "false"
        assert "retry-after" not in refused.headers


async def test_a_budget_that_requests_in_progress_have_reserved_may_be_asked_again() -> None:
    limited = Limited(KeyLimits(), total=6000)
    async with limited_gateway(limited) as at:
        assert (await at.ask()).status_code == 200  # the usage store has not consumed its end yet
        refused = await at.ask()
        assert (refused.status_code, error_of(refused)["code"]) == (429, "budget_exceeded")
        assert refused.headers["retry-after"] == "1"
        assert "x-should-retry" not in refused.headers


async def test_a_reply_tells_the_daily_budget() -> None:
    async with limited_gateway(Limited(KeyLimits(), daily=100_000)) as at:
        reply = await at.ask()
        assert int(reply.headers["x-moe-budget-daily-used"]) > 0
        assert reply.headers["x-moe-budget-daily-limit"] == "100000"


async def test_a_request_carries_what_was_reserved_for_it() -> None:
    limited = Limited(KeyLimits(), total=100_000)
    async with limited_gateway(limited) as at:
        await at.ask()
        account = at.fleet.all(RequestOpened)[0].account
        assert (account.key_id, account.user, account.chunks) == ("k1", "julia", ("chunk-0",))
        assert account.reserved > 0


async def test_another_spelling_of_a_model_is_not_cheaper() -> None:
    limited = Limited(KeyLimits(), total=50_000)
    limited.vault.factors["claude-*"] = 25.0
    async with limited_gateway(limited) as at:
        refused = await at.ask(model="claude-opus-5-5-free")
        assert (refused.status_code, error_of(refused)["code"]) == (429, "budget_exceeded")


async def test_a_budget_that_nobody_can_look_at_is_no_429() -> None:
    limited = Limited(KeyLimits(), total=100_000)
    limited.vault.away = True
    async with limited_gateway(limited) as at:
        refused = await at.ask()
        assert (refused.status_code, error_of(refused)["code"]) == (503, "budget_unknown")
        assert int(refused.headers["retry-after"]) >= 1


async def test_a_request_that_is_refused_reaches_nobody() -> None:
    async with limited_gateway(Limited(KeyLimits(), total=1)) as at:
        await at.ask()
        assert at.fleet.published == []


async def test_refusals_are_counted_by_what_was_used_up() -> None:
    async with limited_gateway(Limited(KeyLimits(requests_per_minute=1), daily=1)) as at:
        before = await counted()
        await at.ask()
        after = await counted()
        assert after("moe_budget_exceeded_total", 'limit_type="daily"') == (
            before("moe_budget_exceeded_total", 'limit_type="daily"') + 1
        )


@pytest.mark.parametrize("dimension", ["requests", "tokens"])
async def test_the_reset_is_written_as_openai_writes_it(dimension: str) -> None:
    async with limited_gateway(Limited(KeyLimits(60, 100_000))) as at:
        reset = (await at.ask()).headers[f"x-ratelimit-reset-{dimension}"]
        assert re.fullmatch(r"\d+ms|(\d+h)?(\d+m)?\d+s", reset)


async def counted() -> Callable[[str, str], float]:
    from prometheus_client import REGISTRY, generate_latest

    lines = generate_latest(REGISTRY).decode().splitlines()

    def value(name: str, label: str) -> float:
        found = (line for line in lines if line.startswith(name + "{") and label in line)
        return next((float(line.rpartition(" ")[2]) for line in found), 0.0)

    return value
