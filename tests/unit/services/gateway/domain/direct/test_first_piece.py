"""Queueing time of a call at its server, from the arrival of its first piece."""

from services.gateway.domain.direct.first_piece import WINDOW_S, FirstPieceTimes


def test_what_takes_as_long_as_the_fastest_has_not_waited() -> None:
    times = FirstPieceTimes()
    assert [times.waited_s(took_s, 1.0) for took_s in (2.0, 2.0, 6.0)] == [0.0, 0.0, 4.0]


def test_a_server_that_has_become_slower_is_not_measured_by_its_past() -> None:
    times = FirstPieceTimes()
    times.waited_s(0.5, 0.0)
    assert times.waited_s(2.0, WINDOW_S + 1) == 1.5
    assert times.waited_s(2.0, 2 * WINDOW_S + 2) == 0.0
