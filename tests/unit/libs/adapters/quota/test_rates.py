"""A key gets what its rates allow, at any gateway."""

import pytest

from libs.adapters.quota.rates import RateLimiter, RateReservation
from libs.adapters.quota.rates.store import LEASE_S, StoreRefused
from libs.adapters.quota.rates.token_bucket import SHARE
from libs.ports.identity import Caller
from libs.ports.quota import RateLimited
from libs.testing.fake_clock import FakeClock
from tests.support.quota.callers import SharedStore, caller, entry, used


class Gateways:
    """Gateways of one store and one clock."""

    def __init__(self, count: int = 1) -> None:
        self.clock = FakeClock()
        self.store = SharedStore(self.clock)
        self.rates = [RateLimiter(self.store, self.clock) for _ in range(count)]

    async def passed(self, who: Caller, attempts: int, tokens: int = 10) -> int:
        """Number of admitted requests, tried alternately."""
        passed = 0
        for number in range(attempts):
            try:
                await self.rates[number % len(self.rates)].reserve(entry(who, tokens))
                passed += 1
            except RateLimited:
                pass
        return passed


async def refused(rates: RateLimiter, who: Caller, name: str = "resp-1", *, stream: bool = False) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        await rates.reserve(entry(who, name=name, stream=stream))
    return caught.value


async def test_a_key_takes_its_requests_and_no_more() -> None:
    assert await Gateways().passed(caller(requests=100), 150) == 100


async def test_two_gateways_together_let_in_no_more_than_one() -> None:
    assert await Gateways(2).passed(caller(requests=100), 300) == 100


async def test_keys_do_not_share_their_rates() -> None:
    gateways = Gateways()
    await gateways.passed(caller(requests=5), 10)
    assert await gateways.passed(caller(requests=5, key="k2"), 10) == 5


async def test_far_from_the_limit_the_store_is_asked_once_for_many_requests() -> None:
    gateways = Gateways()
    await gateways.passed(caller(requests=1600), 1600 // SHARE)
    assert len(gateways.store.draws) == 1


async def test_a_key_without_limits_costs_nothing() -> None:
    gateways = Gateways()
    assert await gateways.passed(caller(), 50) == 50
    assert gateways.store.draws == []


async def test_after_a_while_requests_are_admitted_again() -> None:
    gateways, who = Gateways(), caller(requests=60)
    await gateways.passed(who, 100)
    gateways.clock.advance(30)
    assert await gateways.passed(who, 100) == 30


async def test_a_refusal_names_the_rate_and_when_to_retry() -> None:
    gateways, who = Gateways(), caller(requests=60, tokens=1_000_000)
    await gateways.passed(who, 60)
    refusal = await refused(gateways.rates[0], who)
    assert (refusal.dimension, refusal.limit) == ("requests", 60)
    assert refusal.retry_after_s == pytest.approx(1.0)
    assert refusal.status.requests is not None
    assert refusal.status.requests.remaining == 0


@pytest.mark.parametrize("requests", [20, 6000])
@pytest.mark.parametrize("refilled", [0.0, 0.5, 0.999])
async def test_a_client_that_waits_as_long_as_a_refusal_names_comes_in(requests: int, refilled: float) -> None:
    gateways, who = Gateways(), caller(requests=requests)
    await gateways.passed(who, requests)
    gateways.clock.advance(refilled * 60 / requests)
    await refused(gateways.rates[0], who)  # by the store, which is not queried again at once
    gateways.clock.advance((await refused(gateways.rates[0], who)).retry_after_s)
    assert await gateways.passed(who, 1)


async def test_a_store_that_refused_is_not_asked_by_everybody() -> None:
    gateways, who = Gateways(), caller(requests=60)
    await gateways.passed(who, 60)
    asked = len(gateways.store.draws)
    await gateways.passed(who, 500)
    assert len(gateways.store.draws) == asked + 1


async def test_requests_that_streams_refuse_ask_no_more_of_the_store_than_one() -> None:
    gateways, who = Gateways(), caller(requests=1600, streams=1)
    await opened(gateways, who, "a", 0)
    for _ in range(300):
        await refused(gateways.rates[0], who, "b", stream=True)
    assert len(gateways.store.draws) == 1


async def test_who_is_refused_by_one_rate_takes_nothing_of_the_other() -> None:
    gateways, who = Gateways(), caller(requests=5, tokens=10)
    await gateways.rates[0].reserve(entry(who, 10))
    for _ in range(20):
        await refused_tokens(gateways, who, 10)
    gateways.clock.advance(60)
    assert await gateways.passed(who, 5, tokens=2) == 5


async def test_a_request_that_was_not_accepted_gives_everything_back() -> None:
    gateways, who = Gateways(), caller(requests=2, tokens=1000)
    for _ in range(10):
        (await gateways.rates[0].reserve(entry(who, 1000))).release()
    assert await gateways.passed(who, 3, tokens=500) == 2


async def test_what_a_gateway_holds_and_does_not_use_goes_back() -> None:
    gateways, who = Gateways(2), caller(requests=1600)
    await gateways.rates[0].reserve(entry(who))
    gateways.clock.advance(3)
    await gateways.rates[0].settle()
    assert gateways.store.draws[-1].owed == 1 - 1600 // SHARE
    assert await gateways.passed(who, 3000) >= 1599


async def test_only_so_many_streams_are_open_at_once() -> None:
    gateways, who = Gateways(2), caller(streams=2)
    first = await opened(gateways, who, "a", 0)
    await opened(gateways, who, "b", 1)
    assert (await refused(gateways.rates[1], who, "c", stream=True)).dimension == "streams"
    first.settle(used(1))
    await gateways.rates[0].end_leases()
    await opened(gateways, who, "c", 1)


async def test_requests_that_do_not_stream_need_no_place() -> None:
    gateways, who = Gateways(), caller(streams=1)
    await opened(gateways, who, "a", 0)
    assert await gateways.passed(who, 5) == 5


async def test_a_stream_that_lives_keeps_its_place() -> None:
    gateways, who = Gateways(2), caller(streams=1)
    await opened(gateways, who, "a", 0)
    for _ in range(10):
        gateways.clock.advance(LEASE_S / 3)
        await gateways.rates[0].settle()
    await refused(gateways.rates[1], who, "b", stream=True)


async def test_the_streams_of_a_gateway_that_died_leave_their_places() -> None:
    gateways, who = Gateways(2), caller(streams=1)
    await opened(gateways, who, "a", 0)
    gateways.clock.advance(LEASE_S + 1)
    await opened(gateways, who, "b", 1)
    assert (await refused(gateways.rates[1], who, "c", stream=True)).dimension == "streams"


async def test_without_the_store_a_gateway_goes_on_from_where_the_rate_stood() -> None:
    gateways, who = Gateways(), caller(requests=100)
    before = await gateways.passed(who, 80)
    gateways.store.away = True
    assert before + await gateways.passed(who, 100) == 100
    assert await gateways.rates[0]() == "unavailable"


async def test_without_the_store_each_gateway_keeps_the_limit_by_itself() -> None:
    gateways = Gateways(3)
    gateways.store.away = True
    assert await gateways.passed(caller(requests=10), 300) == 30


async def test_without_the_store_a_gateway_counts_its_own_streams() -> None:
    gateways, who = Gateways(), caller(streams=1)
    await opened(gateways, who, "a", 0)
    gateways.store.away = True
    assert (await refused(gateways.rates[0], who, "b", stream=True)).dimension == "streams"


async def test_a_request_that_the_store_cannot_do_fails_alone() -> None:
    gateways = Gateways()
    gateways.store.refuses = "acme:k1:requests"
    with pytest.raises(StoreRefused):
        await gateways.rates[0].reserve(entry(caller(requests=10)))
    await gateways.rates[0].reserve(entry(caller(requests=10, key="k2")))
    assert len(gateways.store.draws) == 1


async def test_what_the_store_cannot_do_for_one_key_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    gateways = Gateways()
    for key in ("k1", "k2"):
        (await gateways.rates[0].reserve(entry(caller(tokens=10, key=key), 10))).settle(used(50))
    gateways.store.refuses = "acme:k1:tokens"
    await gateways.rates[0].settle()
    assert gateways.store.draws[-1].owed == 40
    assert "was not told to the store" in caplog.text


async def test_a_store_that_is_back_is_asked_again() -> None:
    gateways, who = Gateways(), caller(requests=10)
    gateways.store.away = True
    await gateways.passed(who, 5)
    gateways.store.away = False
    gateways.clock.advance(2)
    await gateways.passed(who, 1)
    assert await gateways.rates[0]() is None
    assert gateways.store.draws


async def test_limits_that_change_hold_from_the_next_request_on() -> None:
    gateways = Gateways()
    await gateways.passed(caller(requests=5), 10)
    assert await gateways.passed(caller(requests=0), 10) == 10


async def test_the_standing_tells_what_is_left() -> None:
    gateways, who = Gateways(), caller(requests=60, tokens=1000)
    standing = (await gateways.rates[0].reserve(entry(who, 400))).status()
    assert standing.requests is not None
    assert (standing.requests.limit, standing.requests.remaining, standing.requests.reset_s) == (60, 59, 1.0)
    assert standing.tokens is not None
    assert (standing.tokens.limit, standing.tokens.remaining) == (1000, 600)


async def refused_tokens(gateways: Gateways, who: Caller, tokens: int, gateway: int = 0) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        await gateways.rates[gateway].reserve(entry(who, tokens))
    gateways.clock.advance(0.25)
    return caught.value


async def opened(gateways: Gateways, who: Caller, name: str, gateway: int) -> RateReservation:
    return await gateways.rates[gateway].reserve(entry(who, name=name, stream=True))
