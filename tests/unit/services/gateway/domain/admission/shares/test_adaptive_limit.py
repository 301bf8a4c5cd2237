"""How the limit follows the waits: rules, properties, and an overload of a simulated fleet."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.admission.shares import (
    AdaptiveLimit,
    AdaptiveLimitConfig,
    Admission,
    FinishedRequest,
    Shares,
)
from tests.support.queue_simulation import Arrivals, simulate

RULES = AdaptiveLimitConfig(ceiling=256, start=64, floor=8, target_ms=500)
WORKERS, SERVICE_S = 50, 1.0
CAPACITY = WORKERS / SERVICE_S


def told(limit: AdaptiveLimit, *, waited_ms: int, met: int, at: float, lasted_s: float = 2.0) -> None:
    """Let as many requests end as a window has, over as long as one lasts, that all waited for as long."""
    for step in (0.0, 0.4, 0.8, 1.0):
        limit.ended(FinishedRequest(at + (step - 1) * lasted_s, at + step * lasted_s, met, waited_ms))


def admission(*, headroom: float = 0.0, rules: AdaptiveLimitConfig = RULES) -> Admission:
    return Admission(AdaptiveLimit(rules), Shares(headroom=headroom))


def test_a_standing_queue_lowers_the_limit_to_what_would_wait_for_the_target() -> None:
    limit = AdaptiveLimit(RULES)
    told(limit, waited_ms=1500, met=64, at=10.0)
    assert limit.value == 64 * (500 + 500) / 2000


def test_one_request_that_did_not_wait_shows_that_no_queue_stands() -> None:
    limit = AdaptiveLimit(RULES)
    for at, waited_ms in ((10.0, 1500), (10.2, 1500), (10.4, 0), (10.6, 1500)):
        limit.ended(FinishedRequest(at - 2, at, 64, waited_ms))
    assert limit.value == 64


def test_one_request_that_waited_shows_no_standing_queue() -> None:
    limit = AdaptiveLimit(RULES)
    for at, met, waited_ms in ((10.0, 3, 0), (10.2, 4, 0), (10.4, 5, 0), (10.6, 64, 1500)):
        limit.ended(FinishedRequest(at - 2, at, met, waited_ms))
    assert limit.value == 64


def test_who_comes_first_in_a_burst_waits_because_of_those_who_come_after_it() -> None:
    limit = AdaptiveLimit(RULES)
    for at in (10.0, 10.7, 11.4, 12.1):
        limit.ended(FinishedRequest(at - 2, at, met=40, waited_ms=1000, left=60))
    assert limit.value == 60 * (1000 + 500) / 2000


def test_a_burst_is_no_standing_queue() -> None:
    limit = AdaptiveLimit(RULES)
    for at in (10.0, 10.2, 10.4, 10.6):
        limit.ended(FinishedRequest(at - 2, at, 64, waited_ms=1500))
    limit.ended(FinishedRequest(8.8, 10.8, 64, waited_ms=0))
    told(limit, waited_ms=0, met=64, at=13.0)
    assert limit.value == 64


def test_a_queue_after_a_step_of_ours_is_answered_within_a_window() -> None:
    limit = AdaptiveLimit(RULES)
    limit.refused()
    told(limit, waited_ms=3, met=64, at=10.0)
    assert limit.value == 81
    for at in (15.0, 15.2, 15.4, 15.6):
        limit.ended(FinishedRequest(at - 2, at, 81, waited_ms=1500))
    assert limit.value < 64


def test_requests_from_before_a_change_do_not_lower_it_again() -> None:
    limit = AdaptiveLimit(RULES)
    told(limit, waited_ms=1500, met=64, at=10.0)
    told(limit, waited_ms=1500, met=64, at=11.0)
    assert limit.value == 32
    told(limit, waited_ms=1500, met=32, at=16.0)
    assert limit.value == 16


def test_it_grows_only_where_somebody_found_no_place() -> None:
    used, short = AdaptiveLimit(RULES), AdaptiveLimit(RULES)
    short.refused()
    for limit in (used, short):
        told(limit, waited_ms=3, met=64, at=10.0)
    assert (used.value, short.value) == (64, 81)


def test_where_a_queue_stood_before_it_goes_on_with_steps_that_cost_no_more_than_the_target() -> None:
    limit = AdaptiveLimit(RULES)
    told(limit, waited_ms=1000, met=64, at=10.0)
    assert limit.value == 64 * (1000 + 500) / 2000
    limit.refused()
    told(limit, waited_ms=0, met=40, at=20.0, lasted_s=5.0)
    assert limit.value == int(48 * (5000 + 500) / 5000)


def test_past_the_place_where_a_queue_stood_it_takes_whole_steps_again() -> None:
    limit = AdaptiveLimit(RULES)
    told(limit, waited_ms=1000, met=64, at=10.0)
    for at in (20.0, 30.0, 40.0, 50.0):
        limit.refused()
        before = limit.value
        told(limit, waited_ms=0, met=before, at=at, lasted_s=5.0)
    assert limit.value > before * 1.2


def test_what_nobody_measured_is_no_wait() -> None:
    limit = AdaptiveLimit(RULES)
    told(limit, waited_ms=0, met=64, at=10.0)
    assert limit.value == 64


def test_what_is_not_needed_for_a_while_is_forgotten() -> None:
    limit = AdaptiveLimit(RULES)
    for second in range(100):
        limit.refused()
        told(limit, waited_ms=3, met=limit.value, at=10.0 + 3 * second)
    assert limit.value == RULES.ceiling
    for second in range(100):
        told(limit, waited_ms=3, met=2, at=1000.0 + 3 * second)
    assert limit.value == RULES.start


def test_without_a_target_the_limit_is_the_ceiling() -> None:
    limit = AdaptiveLimit(AdaptiveLimitConfig(ceiling=100, target_ms=0))
    told(limit, waited_ms=60_000, met=100, at=10.0, lasted_s=61.0)
    assert limit.value == 100


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(1, 600), st.floats(0.001, 90.0), st.booleans()), max_size=200
    ),
    st.integers(1, 300),
)
def test_it_is_never_below_the_floor_or_above_the_ceiling(
    ends: list[tuple[int, int, float, bool]], ceiling: int
) -> None:
    rules = AdaptiveLimitConfig(ceiling=ceiling)
    limit, now = AdaptiveLimit(rules), 0.0
    for waited_ms, met, lasted_s, refused in ends:
        now += 0.2
        limit.admitted(met)
        if refused:
            limit.refused()
        limit.ended(FinishedRequest(now - lasted_s, now, met, waited_ms))
        assert min(rules.floor, ceiling) <= limit.value <= ceiling


def test_in_an_overload_those_who_are_admitted_hardly_notice() -> None:
    normal = simulate(admission(), (Arrivals("a", 0.7 * CAPACITY, 0, 40),), WORKERS, SERVICE_S)
    flooded = simulate(admission(), (Arrivals("a", 5 * CAPACITY, 0, 60),), WORKERS, SERVICE_S)
    assert flooded.p95("a") < 1.5 * normal.p95("a")
    assert len(flooded.lasted["a"]) > 0.95 * 60 * CAPACITY
    assert flooded.refused["a"] > 3 * len(flooded.lasted["a"])


def test_without_the_limit_the_same_overload_makes_everybody_wait() -> None:
    fixed = AdaptiveLimitConfig(ceiling=512, target_ms=0)
    normal = simulate(admission(rules=fixed), (Arrivals("a", 0.7 * CAPACITY, 0, 40),), WORKERS, SERVICE_S)
    flooded = simulate(admission(rules=fixed), (Arrivals("a", 5 * CAPACITY, 0, 60),), WORKERS, SERVICE_S)
    assert flooded.p95("a") > 5 * normal.p95("a")


def test_after_an_overload_a_fleet_that_has_grown_is_used_within_thirty_seconds() -> None:
    shared = admission(rules=AdaptiveLimitConfig())
    simulate(shared, (Arrivals("a", 5 * CAPACITY, 0, 60),), WORKERS, SERVICE_S)
    assert shared.limit.value < 100
    grown = simulate(shared, (Arrivals("a", 5 * CAPACITY, 1000, 1030),), 5 * WORKERS, SERVICE_S)
    assert grown.count("a", 1028, 1030) > 0.9 * 2 * 5 * CAPACITY


def test_a_tenant_that_floods_hardly_slows_another() -> None:
    quiet = Arrivals("quiet", 0.2 * CAPACITY, 0, 80)
    alone = simulate(admission(headroom=0.2), (quiet,), WORKERS, SERVICE_S)
    beside = simulate(admission(headroom=0.2), (quiet, Arrivals("flood", 5 * CAPACITY, 20, 80)), WORKERS, SERVICE_S)
    assert beside.p95("quiet", since_s=20) < 1.3 * alone.p95("quiet")
    assert beside.refused.get("quiet", 0) < 0.02 * len(beside.lasted["quiet"])
    assert len(beside.lasted["flood"]) > 0.7 * 60 * CAPACITY
