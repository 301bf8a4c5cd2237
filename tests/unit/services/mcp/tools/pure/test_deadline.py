"""Limits on CPU time: a call that runs too long is rejected, and limits can be nested."""

import signal
from itertools import count

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.deadline import CALL_MS, Overdue, interrupted_after, within_call_time
from services.mcp.tools.pure.registry import TOOLS

EVER_MS = 60_000
SEARCHING = {"calculate", "solve_equation", "matrix_calc", "differentiate", "integrate", "limit_of"}


def work_for_ever() -> None:
    for _ in count():
        pass


def left_s() -> float:
    return signal.getitimer(signal.ITIMER_VIRTUAL)[0]


def test_work_without_end_is_interrupted_and_leaves_no_timer() -> None:
    with pytest.raises(Overdue), interrupted_after(20):
        work_for_ever()
    assert left_s() == 0


def test_an_interruption_that_is_lost_is_followed_by_another() -> None:
    def losing_the_first() -> None:
        try:
            work_for_ever()
        except Overdue:
            work_for_ever()

    with pytest.raises(Overdue), interrupted_after(20):
        losing_the_first()
    assert left_s() == 0


def test_an_inner_limit_that_ends_first_leaves_the_rest_to_the_outer_one() -> None:
    with interrupted_after(EVER_MS):
        with pytest.raises(Overdue), interrupted_after(20):
            work_for_ever()
        assert EVER_MS / 1_000 - 5 < left_s() < EVER_MS / 1_000
    assert left_s() == 0


def test_an_inner_limit_does_not_lengthen_the_outer_one() -> None:
    with pytest.raises(Overdue), interrupted_after(20), interrupted_after(EVER_MS):
        work_for_ever()
    assert left_s() == 0


def test_an_outer_limit_that_is_over_ends_what_comes_after_the_inner_one() -> None:
    def twice() -> None:
        with pytest.raises(Overdue), interrupted_after(EVER_MS):
            work_for_ever()
        work_for_ever()

    with pytest.raises(Overdue), interrupted_after(20):
        twice()
    assert left_s() == 0


def test_a_call_that_runs_too_long_is_refused_with_the_limit() -> None:
    def overdue(_: int) -> int:
        raise Overdue

    with pytest.raises(ToolError, match=f"{CALL_MS:,} ms") as caught:
        within_call_time(overdue)(1)
    assert caught.value.code == "limit_exceeded"


def test_tools_that_compute_with_many_digits_name_the_limit_on_their_time() -> None:
    named = {tool.name for tool in TOOLS if any(limit.name == "call_time" for limit in tool.describe().limits)}
    assert named >= SEARCHING
