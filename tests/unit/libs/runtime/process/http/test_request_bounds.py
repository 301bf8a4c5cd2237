"""Content of a rejection, and the memory that unfinished heads share."""

import pytest

from libs.runtime.process.http import request_bounds
from libs.runtime.process.http.request_bounds import LARGE_BYTES, LONGEST_PAUSE_S, Pace, Rejection, UnfinishedHeads

REJECTIONS = [each for each in vars(request_bounds).values() if isinstance(each, Rejection)]


class Conn:
    """A connection that notes whether it was closed."""

    closed = False

    def give_up(self) -> None:
        self.closed = True


@pytest.mark.parametrize("rejection", REJECTIONS, ids=lambda rejection: rejection.code)
def test_a_rejection_is_a_whole_response_that_ends_the_connection(rejection: Rejection) -> None:
    if not rejection.message:
        assert rejection.response() == b""
        return
    head, _, body = rejection.response().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % rejection.status)
    assert b"\r\nconnection: close" in head
    assert b"content-length: %d\r\n" % len(body) in head
    assert rejection.code.encode() in body


def test_steps_of_many_connections_follow_each_other() -> None:
    pace = Pace(0.05)
    assert [round(pace.delay_s(100.0), 3) for _ in range(3)] == [0.05, 0.1, 0.15]
    assert round(pace.delay_s(100.1), 3) == 0.1
    assert round(pace.delay_s(200.0), 3) == 0.05


def test_no_step_is_later_than_the_longest_pause() -> None:
    pace = Pace(0.05)
    assert max(pace.delay_s(100.0) for _ in range(1000)) == LONGEST_PAUSE_S
    assert pace.delay_s(100.0 + LONGEST_PAUSE_S) == pytest.approx(0.05)


def test_the_oldest_large_head_is_closed_when_the_memory_is_full() -> None:
    heads, oldest, newer = UnfinishedHeads(most=40_000), Conn(), Conn()
    heads.hold(oldest, 20_000)
    heads.hold(newer, 20_000)
    assert not oldest.closed
    heads.hold(newer, 20_001)
    assert oldest.closed
    assert not newer.closed


def test_a_head_that_has_ended_takes_no_memory() -> None:
    heads, ended, other = UnfinishedHeads(most=40_000), Conn(), Conn()
    heads.hold(ended, 30_000)
    heads.release(ended)
    heads.release(ended)
    heads.hold(other, 40_000)
    assert not other.closed


def test_common_heads_are_never_closed_for_large_ones() -> None:
    heads, common = UnfinishedHeads(most=10_000), Conn()
    heads.hold(common, LARGE_BYTES)
    large = [Conn(), Conn()]
    for each in large:
        heads.hold(each, 9_000)
    assert [each.closed for each in (common, *large)] == [False, True, False]
