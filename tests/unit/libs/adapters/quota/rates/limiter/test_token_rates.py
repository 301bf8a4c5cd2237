"""Tokens are counted by estimate and corrected at the end; no minute grants more than its quota."""

import pytest

from libs.adapters.quota.rates import RateReservation
from libs.ports.identity import Caller
from libs.ports.quota import RateLimited
from tests.support.quota.callers import caller, entry, used
from tests.unit.libs.adapters.quota.test_rates import Gateways, refused_tokens


async def test_tokens_are_counted_by_estimate_and_corrected_at_the_end() -> None:
    gateways, who = Gateways(), caller(tokens=1000)
    passed = await gateways.rates[0].reserve(entry(who, 600))
    assert (await refused_tokens(gateways, who, 600)).dimension == "tokens"
    passed.settle(used(100))
    await gateways.rates[0].reserve(entry(who, 600))


async def test_what_was_used_beyond_the_estimate_is_missing_later_at_every_gateway() -> None:
    gateways, who = Gateways(2), caller(tokens=1000)
    passed = await gateways.rates[0].reserve(entry(who, 10))
    passed.settle(used(1500))
    await gateways.rates[0].settle()
    gateways.clock.advance(30)
    assert (await refused_tokens(gateways, who, 11, gateway=1)).retry_after_s == pytest.approx(0.66)


async def test_a_request_larger_than_the_limit_waits_for_a_full_bucket_and_owes_the_rest() -> None:
    gateways, who = Gateways(), caller(tokens=1000)
    await gateways.rates[0].reserve(entry(who, 5000))
    await gateways.rates[0].settle()
    gateways.clock.advance(60)
    assert (await refused_tokens(gateways, who, 1)).retry_after_s > 100


async def test_a_debt_that_was_none_is_forgiven_and_no_more() -> None:
    gateways, who = Gateways(), caller(tokens=10)
    (await gateways.rates[0].reserve(entry(who, 4000))).settle(used(42))
    assert (await refused_tokens(gateways, who, 4000)).retry_after_s == pytest.approx(42 * 6)


async def test_a_minute_holds_its_tokens_where_clients_ask_for_far_more_than_they_use() -> None:
    gateways, who, used_tokens = Gateways(), caller(tokens=10_000), 0
    for _ in range(75):  # a request each 4 s for 5 minutes
        passed = await _passed(gateways, who, 32_000)
        for _ in range(4):
            gateways.clock.advance(1)
            await gateways.rates[0].settle()
        if passed is not None:
            passed.settle(used(12_000))
            used_tokens += 12_000
    assert 12_000 * 4 <= used_tokens <= 10_000 * 6 + 12_000


async def test_what_was_paid_too_much_is_at_every_gateway_again_while_the_key_is_in_use() -> None:
    gateways, who = Gateways(2), caller(tokens=1000)
    passed = await gateways.rates[0].reserve(entry(who, 1000))
    passed.settle(used(100))
    await gateways.rates[0].settle()
    await gateways.rates[1].reserve(entry(who, 900))
    assert (await refused_tokens(gateways, who, 100, gateway=1)).dimension == "tokens"


async def test_what_was_paid_too_much_counts_as_there_before_it_is_back() -> None:
    gateways, who = Gateways(), caller(tokens=1000)
    passed = await gateways.rates[0].reserve(entry(who, 5000))
    await gateways.rates[0].settle()
    passed.settle(used(400))
    tokens = passed.status().tokens
    assert tokens is not None
    assert tokens.remaining == 600


async def test_who_asks_for_too_much_bars_nobody_who_asks_for_less() -> None:
    gateways, who = Gateways(), caller(tokens=1000)
    await gateways.rates[0].reserve(entry(who, 500))
    with pytest.raises(RateLimited):
        await gateways.rates[0].reserve(entry(who, 900))
    await gateways.rates[0].reserve(entry(who, 50))


async def test_an_end_that_nobody_knows_lets_the_estimate_stand() -> None:
    gateways, who = Gateways(), caller(tokens=1000)
    (await gateways.rates[0].reserve(entry(who, 1000))).settle(None)
    assert (await refused_tokens(gateways, who, 1)).dimension == "tokens"


async def test_no_estimate_counts_for_more_than_a_day() -> None:
    gateways, who = Gateways(), caller(tokens=10)
    passed = await gateways.rates[0].reserve(entry(who, 1 << 66))
    await gateways.rates[0].settle()
    assert gateways.store.draws[-1].owed == 10 * 60 * 24 - 10
    passed.settle(used(42))
    assert (await refused_tokens(gateways, who, 10)).retry_after_s == pytest.approx(42 * 6)


async def _passed(gateways: Gateways, who: Caller, tokens: int) -> RateReservation | None:
    try:
        return await gateways.rates[0].reserve(entry(who, tokens))
    except RateLimited:
        return None
