"""The tests that wait for long on a quiet machine too, each with its limit and its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LongWait:
    """A pattern of test names, how long they may wait, and why no sooner fact is there to wait for."""

    tests: str
    limit_s: float
    reason: str


LONG_WAITS: tuple[LongWait, ...] = (
    LongWait("tests/e2e/test_up*", 60.0, "start, stop, kill and restart whole fleets, several seconds each time"),
    LongWait("tests/e2e/test_readme.py::*", 30.0, "start fleets as the README does, one with every service apart"),
    LongWait("tests/e2e/test_direct_kill.py::*", 15.0, "start a fleet, kill its gateway and start another one"),
    LongWait(
        "tests/integration/gateway/test_hostile_fields.py::test_every_hostile_field",
        20.0,
        "thousands of requests, each awaited to its end",
    ),
)
