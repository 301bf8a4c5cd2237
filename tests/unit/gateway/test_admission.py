"""Admission, and the responses to rejected requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.admission.adaptive_limit import AdaptiveLimit, AdaptiveLimitConfig, FinishedRequest
from services.gateway.domain.admission.shares import Admission, Shares
from services.gateway.domain.body.memory_limit import FREE_BYTES, BodyMemoryLimit
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


def test_a_tenant_alone_leaves_room_for_the_next_one() -> None:
    desk = admission(100)
    assert fill(desk, "flood") == 80
    assert refusal(desk, "flood") == (429, "rate_limit_exceeded", 1)
    assert fill(desk, "new") == 20


def test_a_full_gateway_says_so_to_a_tenant_below_its_share() -> None:
    desk = admission(100)
    fill(desk, "flood"), fill(desk, "second")
    assert refusal(desk, "third") == (503, "overloaded", 1)


def test_places_that_become_free_go_to_those_below_their_share() -> None:
    desk = admission(90)
    fill(desk, "flood"), fill(desk, "new")
    for _ in range(12):  # up to a third: the fair share of two active tenants and one that may arrive
        desk.leave("flood")
        assert refusal(desk, "flood") == (429, "rate_limit_exceeded", 1)
        assert refusal(desk, "new") is None


def test_after_a_cut_a_tenant_below_its_share_does_not_wait_until_all_the_others_have_ended() -> None:
    desk = Admission(AdaptiveLimit(AdaptiveLimitConfig(start=100)), Shares(headroom=0.2))
    fill(desk, "flood"), fill(desk, "new")
    for ended_at in (10.0, 10.7, 11.4, 12.1):
        desk.limit.ended(FinishedRequest(ended_at - 2, ended_at, 80, 1900))
    assert desk.limit.value < 50 < desk.open == 100
    assert refusal(desk, "third") == (503, "overloaded", 1)
    desk.leave("flood")
    assert refusal(desk, "flood") == (429, "rate_limit_exceeded", 1)
    assert refusal(desk, "third") is None
    assert desk.open == 100


def test_where_there_is_one_tenant_only_it_may_take_all() -> None:
    desk = admission(10, headroom=0.0)
    assert fill(desk, "only") == 10
    assert refusal(desk, "only") == (503, "overloaded", 1)


def test_a_tenant_may_be_bounded_by_a_number() -> None:
    desk = admission(100, per_tenant=5)
    assert fill(desk, "a") == 5
    assert refusal(desk, "a") == (429, "rate_limit_exceeded", 1)
    assert fill(desk, "b") == 5


MORE_COME_THAN_LEAVE = st.sampled_from((True, True, False))  # else the limit is hardly ever reached


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), MORE_COME_THAN_LEAVE), min_size=40, max_size=300), st.integers(1, 12)
)
def test_never_more_than_the_limit_and_never_nobody(steps: list[tuple[str, bool]], limit: int) -> None:
    desk = admission(limit)
    held: list[str] = []
    for tenant, comes in steps:
        if comes:
            refused = refusal(desk, tenant)
            held += [tenant] if refused is None else []
            fair = limit // (len({*held, tenant}) + 1)
            assert refused is None or len(held) == limit or held.count(tenant) >= max(1, fair)
        elif tenant in held:
            held.remove(tenant)
            desk.leave(tenant)
        assert desk.open == len(held) <= limit


def test_large_bodies_share_a_room_and_small_ones_need_none() -> None:
    room = BodyMemoryLimit(100_000)
    with room.share() as first, room.share() as second:
        first.grow(FREE_BYTES + 90_000)
        second.grow(FREE_BYTES)
        with pytest.raises(RequestRefused) as caught:
            second.grow(10_001)
        assert (caught.value.error.status, caught.value.error.retry_after_s) == (503, 1)
    with room.share() as third:
        third.grow(FREE_BYTES + 100_000)
