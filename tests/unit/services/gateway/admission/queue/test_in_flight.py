"""A drain waits for in-flight requests, for a limited time."""

import asyncio

from libs.testing.fake_clock import run_jumping
from services.gateway.admission.queue import CLOSING_S, InFlightTracker


def waited_s(attendance: InFlightTracker, leaves_after_s: float, grace_s: float) -> tuple[float, bool]:
    """Duration of a drain with one open request, and whether the drain cancelled it."""
    told = asyncio.Event()

    async def scenario() -> float:
        attendance.enter()
        loop = asyncio.get_running_loop()
        since = loop.time()
        loop.call_later(leaves_after_s, attendance.exit)
        await attendance.drain(grace_s, told.set)
        return loop.time() - since

    return round(run_jumping(scenario()), 3), told.is_set()


def test_nobody_is_waited_for_where_nobody_is() -> None:
    assert run_jumping(InFlightTracker().wait_idle(0))


def test_who_leaves_in_time_is_left_in_peace() -> None:
    assert waited_s(InFlightTracker(), leaves_after_s=2, grace_s=3) == (2, False)


def test_who_stays_longer_is_told_to_go() -> None:
    assert waited_s(InFlightTracker(), leaves_after_s=3.1, grace_s=3) == (3.1, True)


def test_who_does_not_go_when_told_is_left_behind() -> None:
    assert waited_s(InFlightTracker(), leaves_after_s=60, grace_s=3) == (3 + CLOSING_S, True)


def test_the_last_one_makes_it_empty() -> None:
    attendance = InFlightTracker()
    attendance.enter()
    attendance.enter()
    attendance.exit()
    assert not run_jumping(attendance.wait_idle(0))
    attendance.exit()
    assert run_jumping(attendance.wait_idle(0))
