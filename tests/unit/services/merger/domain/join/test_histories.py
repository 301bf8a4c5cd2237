"""Ten thousand lives of a request, each drawn from its number: each ends once, with the right set, and is let go."""

import pytest

from libs.contracts.answer import AnswerFinished, MergeAnswer
from libs.contracts.progress import PartCompleted
from libs.contracts.records import RequestLogged
from libs.testing.fake_clock import run_jumping
from tests.support.merger.join_history import Ending, lived


def faults(ending: Ending) -> list[str]:
    rules = (ends_once, tells_the_first_end, merges_the_right_set, thinks_where_it_was_planned, lets_go)
    return [rule.__name__ for rule in rules if not rule(ending)]


def ends_once(ending: Ending) -> bool:
    """There is an end, and all that was logged of the request is one event."""
    logged = ending.all_of(RequestLogged)
    return bool(ending.all_of(AnswerFinished)) and len({record.envelope.event_id for record in logged}) == 1


def tells_the_first_end(ending: Ending) -> bool:
    """Every message of the join about the end, in any life, is about the first one on the log."""
    first = ending.all_of(AnswerFinished)[0]
    return {(record.outcome, record.answer) for record in ending.all_of(RequestLogged)} == {(first.outcome, first.text)}


def merges_the_right_set(ending: Ending) -> bool:
    """The judge gets each planned part once: its result, or that it is missing."""
    found = {fact.part for fact in ending.all_of(PartCompleted) if fact.finding is not None}
    planned = sorted(part.id for part in ending.planned.parts)
    return all(
        sorted([*(result.part for result in ask.results), *(part.part for part in ask.missing)]) == planned
        and {result.part for result in ask.results} <= found
        for ask in ending.all_of(MergeAnswer)
    )


def thinks_where_it_was_planned(ending: Ending) -> bool:
    """No reasoning step runs without a plan for it, and the judge reads the notes on the log, or none."""
    notes = {fact.finding.text for fact in ending.all_of(PartCompleted) if fact.part == "trace" and fact.finding}
    told = {ask.trace for ask in ending.all_of(MergeAnswer)}
    return told <= {"", *notes} and (ending.planned.thinks or told <= {""})


def lets_go(ending: Ending) -> bool:
    """No record of the request is held for ever."""
    return ending.unfinished == 0


def broken(seeds: range) -> dict[int, list[str]]:
    found = {seed: faults(run_jumping(lived(seed))) for seed in seeds}
    return {seed: names for seed, names in found.items() if names}


def test_every_life_keeps_every_promise() -> None:
    assert broken(range(400)) == {}


@pytest.mark.whole
@pytest.mark.slow
def test_ten_thousand_lives_keep_every_promise() -> None:
    assert broken(range(400, 10_400)) == {}


def test_the_lives_are_hard_enough() -> None:
    """The histories have all ends, merges with missing parts, and work repeated after a crash."""
    endings = [run_jumping(lived(seed)) for seed in range(150)]
    outcomes = {ending.all_of(AnswerFinished)[0].outcome for ending in endings}
    assert outcomes == {"answered", "failed", "expired", "cancelled"}
    assert any(ask.missing for ending in endings for ask in ending.all_of(MergeAnswer))
    assert {bool(ask.trace) for ending in endings if ending.planned.thinks for ask in ending.all_of(MergeAnswer)} == {
        True,
        False,
    }
    assert sum(len(ending.all_of(RequestLogged)) > 1 for ending in endings) > 5
    assert sum(len(ending.all_of(AnswerFinished)) > 2 for ending in endings) > 5
