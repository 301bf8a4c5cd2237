"""Outcome of a scenario: when it passed."""

from pathlib import Path

from tests.clients.report import Outcome, read_outcomes, table

CASES = {
    "good": '<testcase name="test_error_in_a_stream"/>',
    "wrong": '<testcase name="test_chat"><failure message="no answer">…</failure></testcase>',
    "broken": '<testcase name="test_chat"><error message="no fixture"/></testcase>',
    "left out": '<testcase name="chat"><skipped/></testcase>',
}


def outcomes(folder: Path, *names: str) -> list[Outcome]:
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(CASES[name] for name in names)}</testsuite></testsuites>")
    return read_outcomes("a-client", report)


def test_a_scenario_that_passed_has_no_fault_and_reads_as_words(tmp_path: Path) -> None:
    assert outcomes(tmp_path, "good") == [Outcome("a-client", "error in a stream")]


def test_failures_errors_and_what_was_left_out_are_faults(tmp_path: Path) -> None:
    faults = [outcome.fault for outcome in outcomes(tmp_path, "wrong", "broken", "left out")]
    assert faults == ["no answer", "no fixture", "skipped"]


def test_a_client_that_ran_nothing_failed(tmp_path: Path) -> None:
    assert [outcome.fault for outcome in outcomes(tmp_path)] == ["it ran no scenario"]
    assert [outcome.fault for outcome in read_outcomes("a-client", tmp_path / "none.xml")] == ["it wrote no report"]


def test_the_table_has_a_line_for_each_scenario_and_a_column_for_each_client() -> None:
    told = table([Outcome("one", "chat"), Outcome("two", "chat", "no answer"), Outcome("two", "tools")])
    assert told.splitlines() == ["scenario  one  two", "chat      ok   FAIL", "tools     -    ok"]
