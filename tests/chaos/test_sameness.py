"""Duplicate records: forbidden consequences, on handwritten evidence."""

import random
from dataclasses import replace

import pytest

from libs.contracts.record import Record
from tests.chaos.case import Bars, Case
from tests.chaos.copying import MOST, WINDOW_S, Plan
from tests.chaos.evidence import Evidence, Named, Opened, Said
from tests.chaos.sameness import enough_was_copied, one_name_one_body, the_same_events

ENDS = tuple(Said(f"r{number}", "acme", 105.0, "answered", "text") for number in (1, 2))
OPENED = tuple(Opened(f"r{number}", "acme", f"#fastq{number}", 100.0, 160.0) for number in (1, 2))
ALONE = Named(("t", 0, 0), "r1", "e1", "plan-drafted.v1", "body of r1")
ORIGINAL = Named(("t", 0, 1), "r2", "e2", "plan-drafted.v1", "body of r2")
COPY = replace(ORIGINAL, position=("t", 0, 2))
SAME = Evidence(
    OPENED, ENDS, ENDS, copies=((COPY.position, ORIGINAL.position),), named=(ALONE, ORIGINAL, COPY), journal=frozenset()
)
BARS = Bars(copies=1)


def broken(evidence: Evidence, bars: Bars = BARS) -> set[str]:
    case = Case((), evidence, bars)
    rules = (one_name_one_body, the_same_events, enough_was_copied)
    return {f"{violation.rule} {violation.about}" for rule in rules for violation in rule(case)}


def test_a_copy_changes_nothing() -> None:
    assert broken(SAME) == set()


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (replace(SAME, named=(ALONE, ORIGINAL, replace(COPY, value="another body"))), "same r2"),
        (replace(SAME, named=(*SAME.named, replace(COPY, event_id="e3"))), "same r2"),
        (replace(SAME, named=(*SAME.named, replace(COPY, schema="part-completed.v1"))), "same r2"),
        (replace(SAME, superseded=frozenset({COPY.position})), "same t/0@2"),
        (replace(SAME, copies=()), "guard all"),
    ],
    ids=["another body", "another id", "another event", "superseded in the journal", "nothing was copied"],
)
def test_what_follows_from_a_copy_is_found(evidence: Evidence, found: str) -> None:
    assert found in broken(evidence)


def test_a_request_that_was_cancelled_is_like_no_other() -> None:
    unanswered = (ENDS[0], replace(ENDS[1], outcome="cancelled"))
    assert broken(replace(SAME, replies=unanswered, named=(*SAME.named, replace(COPY, event_id="e3")))) == set()


def test_where_things_crash_events_may_have_other_bodies() -> None:
    assert broken(replace(SAME, named=(ORIGINAL, replace(COPY, value="another body"))), Bars()) == set()


def record(offset: int) -> Record:
    return Record("t", 0, offset, 0, b"key", (), b"value")


def test_every_record_is_said_again_one_to_four_times_within_the_window() -> None:
    plan = Plan(random.Random(1))
    plan.heard([record(offset) for offset in range(100)], now=10.0)
    early, rest = plan.due(10.0 + WINDOW_S / 2), plan.due(10.0 + WINDOW_S)
    times = {offset: sum(each.offset == offset for each in (*early, *rest)) for offset in range(100)}
    assert set(times.values()) == set(range(1, MOST + 1))
    assert early
    assert [each.offset for each in early] != sorted(each.offset for each in early)


def test_a_copy_is_not_copied() -> None:
    plan = Plan(random.Random(1))
    plan.made[("t", 0, 7)] = ("t", 0, 3)
    plan.heard([record(7)], now=10.0)
    assert plan.due(10.0 + WINDOW_S) == []
