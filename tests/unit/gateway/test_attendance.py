"""A desk that is given up waits for those who are still there, and not for ever."""

import asyncio

from libs.testing.fake_clock import run_jumping
from services.gateway.admission.in_flight import CLOSING_S, Attendance


def waited_s(attendance: Attendance, leaves_after_s: float, grace_s: float) -> tuple[float, bool]:
    """Return how long draining took while one was there, and whether that one had to be told to go."""
    told = asyncio.Event()

    async def scenario() -> float:
        attendance.came()
        loop = asyncio.get_running_loop()
        since = loop.time()
        loop.call_later(leaves_after_s, attendance.left)
        await attendance.drained(grace_s, told.set)
        return loop.time() - since

    return round(run_jumping(scenario()), 3), told.is_set()


def test_nobody_is_waited_for_where_nobody_is() -> None:
    assert run_jumping(Attendance().emptied(0))


def test_who_leaves_in_time_is_left_in_peace() -> None:
    assert waited_s(Attendance(), leaves_after_s=2, grace_s=3) == (2, False)


def test_who_stays_longer_is_told_to_go() -> None:
    assert waited_s(Attendance(), leaves_after_s=3.1, grace_s=3) == (3.1, True)


def test_who_does_not_go_when_told_is_left_behind() -> None:
    assert waited_s(Attendance(), leaves_after_s=60, grace_s=3) == (3 + CLOSING_S, True)


def test_the_last_one_makes_it_empty() -> None:
    attendance = Attendance()
    attendance.came()
    attendance.came()
    attendance.left()
    assert not run_jumping(attendance.emptied(0))
    attendance.left()
    assert run_jumping(attendance.emptied(0))
