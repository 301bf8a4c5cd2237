"""The checker on histories made by hand: the good one passes, and each bad one is found by the rule it breaks."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.case import Bars
from tests.chaos.checker import check
from tests.chaos.evidence import Called, Cancelled, Evidence, Opened, Replayed, Said
from tests.chaos.history import Entry

TEXT = "The joint answer to #a1: start small."
OPENED = Opened("r1", "acme", "#a1", at=100.0, deadline_at=160.0)
END = Said("r1", "acme", 105.0, "answered", TEXT)
EXPIRED = Said("r1", "acme", 161.0, "expired", "")
CALL = Called("#a1", "judge", "p1", 104.0, 105.0)
READ = Entry(105.1, "client-1", "stream", "ok", "#a1", "r1", TEXT)
HISTORY = (Entry(100.0, "client-1", "stream", "invoke", "#a1"), READ)
GOOD = Evidence(
    opened=(OPENED,),
    replies=(END,),
    facts=(END,),
    logged=(END,),
    called=(CALL,),
    log=frozenset({("t", 0, 0), ("t", 0, 1)}),
    journal=frozenset({("t", 0, 0), ("t", 0, 1)}),
    dead=frozenset({("t", 0, 1)}),
    injected=frozenset({("t", 0, 1)}),
    replayed=(Replayed("r1", "verified"),),
)
BARS = Bars()
Change = Callable[[Evidence], Evidence]

BAD: tuple[tuple[str, str, Change], ...] = (
    ("lost", "no end", lambda good: replace(good, replies=(), facts=(), logged=())),
    ("lost", "an end that the join never heard of", lambda good: replace(good, facts=())),
    ("lost", "an end that the gateway never heard of", lambda good: replace(good, replies=())),
    ("lost", "an end with another signature", lambda good: replace(good, replies=(replace(END, tenant="evil"),))),
    ("late", "an end after the deadline", lambda good: replace(good, replies=(replace(END, at=162.1),))),
    ("split", "a join that closed differently", lambda good: replace(good, facts=(replace(END, text="Other #a1"),))),
    ("split", "a record of another end", lambda good: replace(good, logged=(replace(END, outcome="expired"),))),
    ("second", "another end much later", lambda good: replace(good, replies=(END, EXPIRED))),
    ("second", "another end for the join alone", lambda good: replace(good, facts=(END, EXPIRED))),
    ("visible", "another text first", lambda good: replace(good, replies=(replace(END, text="Other #a1"), END))),
    ("foreign", "the text of another request", lambda good: replace(good, replies=(replace(END, text="to #a12: x"),))),
    ("tenant", "a record of a foreign tenant", lambda good: replace(good, logged=(replace(END, tenant="evil"),))),
    ("tenant", "a cancel out of nowhere", lambda good: replace(good, replies=(replace(END, outcome="cancelled"),))),
    (
        "tenant",
        "a cancel by a foreign tenant",
        lambda good: replace(
            good,
            replies=(replace(END, outcome="cancelled"),),
            cancelled=(Cancelled("r1", "evil", 104.0),),
        ),
    ),
    ("call", "a call after the end", lambda good: replace(good, called=(replace(CALL, started=107.1, ended=108),))),
    ("call", "a call after the deadline", lambda good: replace(good, called=(replace(CALL, ended=162.1),))),
    ("call", "a call after the cancel", lambda good: replace(good, cancelled=(Cancelled("r1", "acme", 102.9),))),
    ("repeated", "the same call twice", lambda good: replace(good, called=(CALL, CALL))),
    ("journal", "a record that was not kept", lambda good: replace(good, journal=frozenset({("t", 0, 0)}))),
    ("chain", "a chain that does not verify", lambda good: replace(good, chain="row 7: the link is wrong")),
    ("replay", "a request that replay does not know", lambda good: replace(good, replayed=())),
    ("replay", "a message that comes out otherwise", lambda good: replace(good, replayed=(Replayed("r1", "differs"),))),
    ("poison", "poison that was not found", lambda good: replace(good, dead=frozenset())),
    ("poison", "a dead letter too many", lambda good: replace(good, injected=frozenset())),
)


def test_a_good_run_is_sound() -> None:
    assert check(HISTORY, GOOD, BARS) == ()


@pytest.mark.parametrize(("rule", "what", "change"), BAD, ids=[f"{rule}: {what}" for rule, what, _ in BAD])
def test_a_broken_promise_is_found(rule: str, what: str, change: Change) -> None:
    assert rule in {violation.rule for violation in check(HISTORY, change(GOOD), BARS)}, what


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ("accepted", replace(READ, response_id="r2")),
        ("visible", replace(READ, text="Second thoughts on #a1")),
        ("visible", replace(READ, phase="fail", text="", code="model_unavailable")),
        ("visible", replace(READ, phase="unknown", text="Second thou")),
        ("foreign", replace(READ, token="#a2")),
    ],
    ids=["id from nowhere", "other text", "an error for an answer", "the begin of another text", "other question"],
)
def test_a_client_that_was_told_something_else_is_found(rule: str, entry: Entry) -> None:
    assert rule in {violation.rule for violation in check((*HISTORY, entry), GOOD, BARS)}


def test_a_stream_that_broke_off_is_no_second_answer() -> None:
    broken = replace(READ, phase="unknown", text=TEXT[:12])
    assert check((*HISTORY, broken), GOOD, BARS) == ()


def test_a_broken_stream_that_could_not_be_taken_up_again_is_found() -> None:
    broken = replace(READ, phase="unknown", text=TEXT[:12])
    assert [each.rule for each in check((HISTORY[0], broken), GOOD, replace(BARS, answered=0))] == ["resume"]
    unknown = replace(READ, op="lookup", phase="unknown", code="not_found")
    assert [each.rule for each in check((*HISTORY, unknown), GOOD, BARS)] == ["resume"]
    left = replace(broken, op="cancel")
    assert check((HISTORY[0], left), GOOD, replace(BARS, answered=0)) == ()


def test_an_answer_and_a_cancel_at_once_may_come_in_another_order_on_each_topic() -> None:
    cancelled = Said("r1", "acme", 105.5, "cancelled", "")
    left = replace(READ, phase="unknown", text="", op="cancel")
    raced = replace(
        GOOD,
        replies=(END, cancelled),
        facts=(cancelled, END),
        logged=(cancelled,),
        cancelled=(Cancelled("r1", "acme", 104.8),),
        replayed=(Replayed("r1", "differs"),),
    )
    bars = replace(BARS, answered=0)
    assert check((HISTORY[0], left), raced, bars) == ()
    nobody_cancelled = {each.rule for each in check((HISTORY[0], left), replace(raced, cancelled=()), bars)}
    assert {"split", "replay"} <= nobody_cancelled
    late = replace(raced, facts=(replace(cancelled, at=110.6), replace(END, at=110.7)), replies=(END,))
    assert "split" in {each.rule for each in check((HISTORY[0], left), late, bars)}
    other_text = replace(raced, facts=(replace(END, text="Other #a1"),), logged=())
    assert "split" in {each.rule for each in check((HISTORY[0], left), other_text, bars)}


def test_the_same_end_may_be_said_twice_and_two_ends_may_race() -> None:
    at_once = replace(EXPIRED, at=106.0)
    assert check(HISTORY, replace(GOOD, replies=(END, END, at_once), facts=(END, at_once)), BARS) == ()


def test_a_foreign_end_changes_nothing_and_is_no_violation() -> None:
    foreign = Said("r1", "evil", 101.0, "answered", "Evil #a1")
    assert check(HISTORY, replace(GOOD, replies=(foreign, END), facts=(foreign, END)), BARS) == ()


def test_a_cancel_by_its_own_tenant_may_end_a_request() -> None:
    end = Said("r1", "acme", 104.5, "cancelled", "")
    cancelled = replace(GOOD, replies=(end,), facts=(end,), logged=(end,), cancelled=(Cancelled("r1", "acme", 104.0),))
    assert check(HISTORY[:1], cancelled, replace(BARS, answered=0)) == ()


def test_after_a_crash_work_may_come_again_but_never_after_the_deadline() -> None:
    again = replace(GOOD, called=(CALL, replace(CALL, started=120.0, ended=121.0)))
    assert check(HISTORY, again, replace(BARS, repeats=True)) == ()
    too_late = replace(GOOD, called=(CALL, replace(CALL, started=163.0, ended=163.1)))
    assert {each.rule for each in check(HISTORY, too_late, replace(BARS, repeats=True))} == {"call"}


def test_a_cancel_reaches_nobody_while_the_broker_is_away() -> None:
    away = (Entry(102.0, "kafka", "fault", "invoke", code="kill"), Entry(104.0, "kafka", "fault", "ok", code="kill"))
    cancelled = replace(GOOD, cancelled=(Cancelled("r1", "acme", 102.9),))
    assert [each.rule for each in check(HISTORY, cancelled, BARS)] == ["call"]
    assert check((*away, *HISTORY), cancelled, BARS) == ()
    still_at_work = replace(cancelled, called=(replace(CALL, ended=108.1),))
    just_back = replace(GOOD, cancelled=(Cancelled("r1", "acme", 105.5),), called=(replace(CALL, ended=107.9),))
    assert check((*away, *HISTORY), just_back, BARS) == ()
    assert [each.rule for each in check((*away, *HISTORY), still_at_work, BARS)] == ["call"]


def test_a_fleet_that_answers_nobody_is_not_sound() -> None:
    assert [each.rule for each in check((), Evidence((), (), ()), BARS)] == ["guard"]


def test_a_run_without_a_journal_is_not_asked_for_one() -> None:
    assert check(HISTORY, replace(GOOD, journal=None), BARS) == ()


@pytest.mark.parametrize(
    ("worked", "stages"),
    [
        ({("planner", "1"), ("planner", "2"), ("merger", "1"), ("merger", "2")}, []),
        ({("planner", "1"), ("planner", "2"), ("merger", "2")}, ["merger"]),
        (set(), ["all"]),
    ],
    ids=["both", "one stage had a single version", "none"],
)
def test_an_upgrade_needs_both_releases_of_each_stage(worked: set[tuple[str, str]], stages: list[str]) -> None:
    found = check(HISTORY, replace(GOOD, worked=frozenset(worked)), replace(BARS, releases=2))
    assert [(each.rule, each.about) for each in found] == [("guard", stage) for stage in stages]


def test_with_several_brokers_answers_do_not_wait_for_the_one_that_was_killed() -> None:
    killed = Entry(99.0, "kafka-leader", "fault", "invoke", code="kill")
    back = Entry(140.0, "kafka-leader", "fault", "ok", code="kill")
    assert check((killed, *HISTORY, back), GOOD, replace(BARS, elected_s=7.0)) == ()
    late = check((killed, *HISTORY, back), GOOD, replace(BARS, elected_s=6.0))
    asked_before = check((HISTORY[0], replace(killed, t=100.5), READ, back), GOOD, replace(BARS, elected_s=7.0))
    assert [[each.rule for each in found] for found in (late, asked_before)] == [["elected"], ["elected"]]
