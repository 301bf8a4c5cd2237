"""The figures of a run."""

from dataclasses import replace

from tests.chaos.case import Violation
from tests.chaos.evidence import Evidence, Opened, Said
from tests.chaos.figures import figures_of, quantile, windows
from tests.chaos.history import Entry

HISTORY = (
    Entry(0.0, "client", "whole", "invoke", "#calm"),
    Entry(1.0, "client", "whole", "ok", "#calm", "r0", "text"),
    Entry(10.0, "merger-0", "fault", "invoke", code="kill"),
    Entry(10.5, "client", "stream", "invoke", "#met"),
    Entry(13.0, "merger-0", "fault", "ok", code="kill"),
    Entry(14.5, "client", "stream", "ok", "#met", "r1", "text"),
    Entry(15.0, "client", "whole", "refused", "#no"),
)
EVIDENCE = Evidence(
    opened=(),
    replies=(Said("r1", "t", 14, "answered", "text"), Said("r1", "t", 14, "expired", "")),
    facts=(),
)


def test_a_fault_lasts_from_its_begin_to_its_end() -> None:
    assert windows(HISTORY) == [(10.0, 13.0)]


def test_answers_that_a_fault_touched_are_told_from_the_calm_ones() -> None:
    figures = figures_of(HISTORY, EVIDENCE, ())
    assert (figures.calm_p99_s, figures.added_p99_s) == (1.0, 3.0)
    assert (figures.recovery_p50_s, figures.resumed_s, figures.faults) == (3.0, 1.5, 1)


def test_requests_are_counted_by_how_they_went() -> None:
    figures = figures_of(HISTORY, EVIDENCE, (Violation("lost", "r9", ""), Violation("second", "r1", "")))
    assert (figures.answered, figures.refused, figures.broken) == (2, 1, 0)
    assert (figures.lost, figures.doubled, figures.superseded) == (1, 1, 1)


def test_the_ends_of_requests_that_nobody_opened_do_not_count() -> None:
    opened = (Opened("r1", "t", "#met", 10, 70), Opened("r2", "t", "#lost", 10, 70))
    replies = (*EVIDENCE.replies, Said("r9", "t", 14, "failed", ""))
    assert figures_of(HISTORY, replace(EVIDENCE, opened=opened, replies=replies), ()).terminal == 0.5


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile([3.0, 1.0, 2.0, 4.0], q) for q in (0.0, 0.5, 0.75, 0.99, 1.0)] == [1.0, 2.0, 3.0, 4.0, 4.0]


def test_every_figure_has_a_line() -> None:
    lines = figures_of((), Evidence((), (), ()), ()).lines()
    assert lines[0].split() == ["accepted", "0"]
    assert lines[-1].split() == ["resumed_s", "—"]
