"""`moe replay --verify` right behind an answer: the journal may lag."""

from itertools import chain, repeat

from libs.testing.fake_clock import FakeClock
from moe.cli.replay.modes import BEHIND_S, settled
from moe.replay.mismatch import RecordLocation
from moe.replay.verifying import Status, Verdict

MISSING = RecordLocation(2, "planner").missing("ask-expert-t1.v1")
WRONG = RecordLocation(2, "planner").mismatch("body.text", "a", "b")
VERIFIED = Verdict("r", Status.VERIFIED)


def test_what_is_missing_beside_a_fresh_record_is_looked_for_again() -> None:
    clock = FakeClock()
    fresh = Verdict("r", Status.DIFFERS, heard_at=clock.now(), differences=(MISSING,))
    verdicts = chain([fresh, fresh], repeat(VERIFIED))
    assert settled(lambda: next(verdicts), clock, clock.advance) == VERIFIED


def test_what_stays_missing_is_told_after_a_bounded_wait() -> None:
    clock = FakeClock()
    began = clock.now()
    ahead = Verdict("r", Status.DIFFERS, heard_at=began + 3600, differences=(MISSING,))
    assert settled(lambda: ahead, clock, clock.advance) == ahead
    assert BEHIND_S <= clock.now() - began < BEHIND_S + 1


def test_what_is_old_or_wrong_is_told_at_once() -> None:
    clock = FakeClock()
    began = clock.now()
    old = Verdict("r", Status.DIFFERS, heard_at=began - BEHIND_S, differences=(MISSING,))
    wrong = Verdict("r", Status.DIFFERS, heard_at=began, differences=(WRONG,))
    assert [settled(lambda: old, clock, clock.advance), settled(lambda: wrong, clock, clock.advance)] == [old, wrong]
    assert clock.now() == began
