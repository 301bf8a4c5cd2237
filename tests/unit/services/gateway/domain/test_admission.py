"""Admission, and the responses to rejected requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.admission.shares import (
    AdaptiveLimit,
    AdaptiveLimitConfig,
    Admission,
    FinishedRequest,
    Shares,
)
from services.gateway.domain.body.json import FREE_BYTES, BodyMemoryLimit
from services.gateway.domain.errors import RequestRefused


def admission(limit: int, *, per_tenant: int = 0, headroom: float = 0.2) -> Admission:
    return Admission(AdaptiveLimit(AdaptiveLimitConfig(ceiling=limit, target_ms=0)), Shares(per_tenant, headroom))


def refusal(of: Admission, tenant: str) -> tuple[int, str, int | None] | None:
    try:
        of.admit(tenant)
    except RequestRefused as refused:
        return refused.error.status, refused.error.code, refused.error.retry_after_s
    return None


def fill(of: Admission, tenant: str) -> int:
    count = 0
    while refusal(of, tenant) is None:
        count += 1
        assert count <= of.limit.value, "more are admitted than the limit"
    return count


def test_a_tenant_alone_leaves_permits_for_the_next_one() -> None:
    permits = admission(100)
    assert fill(permits, "flood") == 80
    assert refusal(permits, "flood") == (429, "rate_limit_exceeded", 1)
    assert fill(permits, "new") == 20


def test_a_full_gateway_says_so_to_a_tenant_below_its_share() -> None:
    permits = admission(100)
    fill(permits, "flood"), fill(permits, "second")
    assert refusal(permits, "third") == (503, "overloaded", 1)


def test_places_that_become_free_go_to_those_below_their_share() -> None:
    permits = admission(90)
    fill(permits, "flood"), fill(permits, "new")
    for _ in range(12):  # up to a third: the fair share of two active tenants and one that may arrive
        permits.leave("flood")
        assert refusal(permits, "flood") == (429, "rate_limit_exceeded", 1)
        assert refusal(permits, "new") is None


def test_after_a_cut_a_tenant_below_its_share_does_not_wait_until_all_the_others_have_ended() -> None:
    permits = Admission(AdaptiveLimit(AdaptiveLimitConfig(start=100)), Shares(headroom=0.2))
    fill(permits, "flood"), fill(permits, "new")
    for ended_at in (10.0, 10.7, 11.4, 12.1):
        permits.limit.ended(FinishedRequest(ended_at - 2, ended_at, 80, 1900))
    assert permits.limit.value < 50 < permits.open == 100
    assert refusal(permits, "third") == (503, "overloaded", 1)
    permits.leave("flood")
    assert refusal(permits, "flood") == (429, "rate_limit_exceeded", 1)
    assert refusal(permits, "third") is None
    assert permits.open == 100


def test_where_there_is_one_tenant_only_it_may_take_all() -> None:
    permits = admission(10, headroom=0.0)
    assert fill(permits, "only") == 10
    assert refusal(permits, "only") == (503, "overloaded", 1)


def test_a_tenant_may_be_bounded_by_a_number() -> None:
    permits = admission(100, per_tenant=5)
    assert fill(permits, "a") == 5
    assert refusal(permits, "a") == (429, "rate_limit_exceeded", 1)
    assert fill(permits, "b") == 5


MORE_COME_THAN_LEAVE = st.sampled_from((True, True, False))  # else the limit is hardly ever reached


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), MORE_COME_THAN_LEAVE), min_size=40, max_size=300), st.integers(1, 12)
)
def test_never_more_than_the_limit_and_never_nobody(steps: list[tuple[str, bool]], limit: int) -> None:
    permits = admission(limit)
    held: list[str] = []
    for tenant, comes in steps:
        if comes:
            refused = refusal(permits, tenant)
            held += [tenant] if refused is None else []
            fair = limit // (len({*held, tenant}) + 1)
            assert refused is None or len(held) == limit or held.count(tenant) >= max(1, fair)
        elif tenant in held:
            held.remove(tenant)
            permits.leave(tenant)
        assert permits.open == len(held) <= limit


def test_large_bodies_share_memory_and_small_ones_need_none() -> None:
    memory = BodyMemoryLimit(100_000)
    with memory.share() as first, memory.share() as second:
        first.grow(FREE_BYTES + 90_000)
        second.grow(FREE_BYTES)
        with pytest.raises(RequestRefused) as caught:
            second.grow(10_001)
        assert (caught.value.error.status, caught.value.error.retry_after_s) == (503, 1)
    with memory.share() as third:
        third.grow(FREE_BYTES + 100_000)
