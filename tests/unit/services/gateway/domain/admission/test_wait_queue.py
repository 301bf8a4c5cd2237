"""The order of the queue, and how long a request waits in it."""

from collections import Counter

import pytest

from services.gateway.domain.admission.retry_schedule import EARLY_S, KEPT_S, LATE_S, RetrySchedule
from services.gateway.domain.admission.wait_queue import STALE_S, CompletionRate, WaitQueue, requests_before


def queue_of(*items: str) -> WaitQueue[str]:
    queue: WaitQueue[str] = WaitQueue()
    for item in items:
        queue.append(item[0], item)
    return queue


def emptied(queue: WaitQueue[str]) -> list[str]:
    open_requests: Counter[str] = Counter()
    items = []
    while (item := queue.pop(lambda _: True, open_requests.__getitem__)) is not None:
        open_requests[item[0]] += 1
        items.append(item)
    return items


def test_tenants_take_turns_and_requests_of_one_keep_their_order() -> None:
    assert emptied(queue_of("a1", "a2", "a3", "b1", "c1", "c2")) == ["a1", "b1", "c1", "a2", "c2", "a3"]


def test_the_tenant_with_the_fewest_open_requests_is_next() -> None:
    queue = queue_of("a1", "b1")
    assert queue.pop(lambda _: True, {"a": 3, "b": 1}.__getitem__) == "b1"


def test_a_tenant_that_may_start_none_is_passed_over() -> None:
    queue = queue_of("a1", "b1")
    assert queue.pop(lambda tenant: tenant == "b", lambda _: 0) == "b1"
    assert queue.pop(lambda tenant: tenant == "b", lambda _: 0) is None
    assert len(queue) == 1


def test_a_request_leaves_from_the_middle() -> None:
    queue = queue_of("a1", "a2", "a3")
    assert queue.remove("a", "a2")
    assert not queue.remove("a", "a2")
    assert emptied(queue) == ["a1", "a3"]


def test_positions_are_those_of_the_order_of_turns() -> None:
    queue = queue_of(*(f"a{i}" for i in range(5)), *(f"b{i}" for i in range(2)), "c0")
    queue.pop(lambda tenant: tenant == "a", lambda _: 0)
    positions = dict(queue.positions())
    by_position = sorted(positions, key=positions.__getitem__)
    assert sorted(positions.values()) == list(range(1, 8))
    open_requests = Counter({"a": 1})
    order = []
    while (item := queue.pop(lambda _: True, lambda _: 0)) is not None:
        open_requests[item[0]] += 1
        order.append(item)
    # With equal numbers of open requests, the tenant whose turn is longest ago is first.
    assert Counter(item[0] for item in order[:3]) == Counter(item[0] for item in by_position[:3])


def test_one_request_waits_behind_one_of_each_other_tenant_however_many_they_have() -> None:
    assert requests_before(0, [500, 3]) == 2
    assert requests_before(3, [500, 2]) == 3 + 4 + 2


def ended(rate: CompletionRate, started_at: float, ends: list[float]) -> None:
    for at in ends:
        rate.ended(started_at, at)


def test_nothing_is_expected_of_a_gateway_that_has_seen_nothing() -> None:
    rate = CompletionRate()
    rate.started(10.0)
    assert rate.wait_s(500, 10.0) == 0


def test_the_expected_wait_is_the_queue_by_the_measured_rate() -> None:
    rate = CompletionRate()
    for _ in range(16):
        rate.started(0.0)
    for wave in range(1, 6):
        for _ in range(16):
            rate.ended(2.0 * (wave - 1), 2.0 * wave)
            rate.started(2.0 * wave)
    assert rate.wait_s(79, 10.0) == pytest.approx(10.0, rel=0.15)


def test_the_first_wave_of_a_burst_does_not_look_endless() -> None:
    rate = CompletionRate()
    for _ in range(64):
        rate.started(0.0)
    rate.ended(0.0, 8.0)
    assert 4 <= rate.wait_s(63, 8.0) <= 9


def test_a_model_that_stands_still_is_noticed_before_anything_ends() -> None:
    rate = CompletionRate()
    for _ in range(4):
        rate.started(0.0)
    ended(rate, 0.0, [1.0, 1.0])
    assert rate.wait_s(0, 60.0) >= 15.0


def test_an_old_mean_says_nothing_about_the_next_burst() -> None:
    rate = CompletionRate()
    rate.started(0.0)
    rate.ended(0.0, 100.0)
    assert rate.wait_s(0, 101.0) == 100.0
    assert rate.wait_s(0, 101.0 + STALE_S) == 0


def test_a_single_user_of_a_slow_model_leaves_no_pessimism_for_a_burst() -> None:
    rate = CompletionRate()
    for second in range(0, 40, 2):
        rate.started(second)
        rate.ended(second, second + 2.0)
    for _ in range(64):
        rate.started(40.0)
    assert rate.wait_s(335, 40.0) == 336 * 2.0 / 64


def test_an_expected_request_has_its_place_until_it_comes_or_is_too_late() -> None:
    schedule = RetrySchedule(10)
    schedule.invite("a", 1, 5.0)
    schedule.invite("a", 2, 6.0)
    assert not schedule.redeem("a", 1, 5.0 - EARLY_S - 0.1)
    assert not schedule.redeem("a", 3, 5.0)
    assert schedule.redeem("a", 1, 5.0)
    assert not schedule.redeem("b", 2, 7.0)
    assert schedule.counts(7.0) == {"a": 1}
    assert schedule.counts(6.1 + KEPT_S) == {}
    assert len(schedule) == 0


def test_the_place_of_a_request_that_does_not_come_is_for_the_next_of_its_tenant() -> None:
    schedule = RetrySchedule(10)
    schedule.invite("a", 1, 5.0)
    assert not schedule.redeem("b", 2, 5.0 + LATE_S)
    assert schedule.redeem("a", 2, 5.0 + LATE_S)
    assert not schedule.redeem("a", 1, 5.0 + LATE_S)


def test_equal_requests_have_a_place_each() -> None:
    schedule = RetrySchedule(10)
    schedule.invite("a", 1, 6.0)
    schedule.invite("a", 1, 5.0)
    assert [schedule.redeem("a", 1, 5.0), schedule.redeem("a", 1, 5.0), schedule.redeem("a", 1, 6.0)] == [
        True,
        False,
        True,
    ]


def test_no_more_are_expected_than_have_a_place() -> None:
    schedule = RetrySchedule(1)
    schedule.invite("a", 1, 5.0)
    schedule.invite("b", 2, 5.0)
    assert len(schedule) == 1
