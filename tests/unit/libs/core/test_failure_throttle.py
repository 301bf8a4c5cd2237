"""Failures by name: some at once, then at a fixed rate, in bounded memory."""

from libs.core.failure_throttle import FailureThrottle
from libs.core.security_events import network_of, one_line


def test_failures_are_answered_in_full_up_to_the_limit_and_again_as_time_passes() -> None:
    throttle = FailureThrottle(6)
    assert [throttle.record_failure(b"a", 0.0) for _ in range(6)] == [0.0] * 6
    assert throttle.record_failure(b"a", 0.0) == 10.0
    assert throttle.record_failure(b"a", 4.0) == 6.0
    assert throttle.record_failure(b"a", 10.0) == 0.0
    assert throttle.record_failure(b"b", 10.0) == 0.0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    throttle = FailureThrottle(1)
    throttle.record_failure(b"a", 100.0)
    assert throttle.record_failure(b"a", 0.0) == 60.0


def test_names_are_forgotten_beyond_the_bound_the_longest_quiet_first() -> None:
    throttle = FailureThrottle(1, most_names=3)
    for name in (b"a", b"b", b"c", b"a", b"d"):
        throttle.record_failure(name, 0.0)
    assert len(throttle) == 3
    assert throttle.record_failure(b"a", 0.0) > 0
    assert throttle.record_failure(b"b", 0.0) == 0.0


def test_a_text_stays_on_its_line() -> None:
    assert one_line("a\r\nb\x1b\u2028\u202e\ud800") == "a\\u000d\\u000ab\\u001b\\u2028\\u202e\\ud800"
    assert len(one_line("x" * 1000)) == 200


def test_a_network_names_no_household() -> None:
    told = [network_of(each) for each in ("203.0.113.77", "2001:db8:1:2::3", "a socket", "")]
    assert told == ["203.0.113.0/24", "2001:db8:1::/48", "", ""]
