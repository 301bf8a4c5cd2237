"""How many records a second one core folds: the join alone, on the records of a request that was merged."""

import time

from libs.contracts.message import Message
from moe.replay.folding import facts_of
from moe.replay.records import history_of
from services.merger.domain import Request, advance
from tests.bench.figures import Figures
from tests.support.golden import FOLDER, read_golden

BAR = 40_000
REQUESTS = 300
ROUNDS = 40


def test_records_that_one_core_folds_in_a_second(figures: Figures) -> None:
    """The fastest round counts: whatever else the machine does only takes time away."""
    facts = _facts()
    fastest_s = min(_round(facts) for _ in range(ROUNDS))
    per_second = REQUESTS * len(facts) / fastest_s
    figures.add(f"fold of the join, {len(facts)} records a request", per_second, "records/s", f">= {BAR}")


def _round(facts: list[Message]) -> float:
    started = time.perf_counter()
    for _ in range(REQUESTS):
        state: Request | None = None
        for fact in facts:
            state = advance(state, fact, offer_above=150).state
        assert state is not None
        assert state.finished is not None
    return time.perf_counter() - started


def _facts() -> list[Message]:
    journal = read_golden(FOLDER / "three-experts-are-merged.jsonl")
    return [said.message for said in facts_of(history_of(journal.rows).records)]
