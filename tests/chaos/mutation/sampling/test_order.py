"""A break is tried first with the tests that execute its line, then with those that the map cannot rule out."""

from collections.abc import Iterable
from pathlib import Path

import click
import pytest

from tests.chaos.mutation.sampling.coverage_map import OUTSIDE_TESTS, CoverageMap, TracedTest
from tests.chaos.mutation.sampling.order import Line, Order, is_executed_by_import, order_of

SOURCE = (
    "LIMIT = 5\n\n\ndef f(a=LIMIT):\n    return a\n\n\nclass Point:\n    x = 1\n\n    def g(self):\n        return 2\n"
)
PATH = "libs/a.py"
NEAR, FAR, OTHER, STARTER, UNTRACED = (f"tests/test_{name}.py" for name in ("near", "far", "other", "starter", "new"))
AFFECTED = (NEAR, OTHER, STARTER, UNTRACED, FAR)
SECONDS = {f"{NEAR}::test_slow": 3.0, f"{NEAR}::test_quick": 0.1, f"{FAR}::test_far": 0.0, f"{OTHER}::test_x": 0.0}


def bits(lines: Iterable[int]) -> bytes:
    return sum(1 << line for line in lines).to_bytes(2, "little")


@pytest.fixture
def known(tmp_path: Path) -> CoverageMap:
    """Line 5 is executed by three tests, line 12 by one, and by what runs between tests."""
    made = CoverageMap(tmp_path / "map.sqlite", "digest")
    lines = [(PATH, test, bits([5])) for test in SECONDS if not test.startswith(OTHER)]
    lines += [(PATH, f"{NEAR}::test_quick", bits([12])), (PATH, OUTSIDE_TESTS, bits([1, 4, 8, 9, 11, 12]))]
    made.add(SECONDS, lines, {NEAR: False, FAR: False, OTHER: False, STARTER: True})
    return made


def order(known: CoverageMap, line: int) -> Order:
    return order_of(Line(PATH, line, SOURCE, AFFECTED), known)


def test_the_tests_that_execute_a_line_are_found_the_shortest_first(known: CoverageMap) -> None:
    found = known.tests_executing(PATH, 5)
    assert found == [TracedTest(name, SECONDS[name]) for name in (f"{FAR}::test_far", *sorted(SECONDS)[1:3])]
    assert known.tests_executing(PATH, 6) == known.tests_executing(PATH, 500) == []


def test_tests_of_near_files_run_before_far_ones_unless_they_take_much_longer(known: CoverageMap) -> None:
    assert order(known, 5).tests == (f"{NEAR}::test_quick", f"{FAR}::test_far", f"{NEAR}::test_slow")


def test_the_rest_is_what_the_map_does_not_rule_out_the_files_of_the_first_tests_before_others(
    known: CoverageMap,
) -> None:
    assert order(known, 5).files == (NEAR, FAR, STARTER, UNTRACED)


@pytest.mark.parametrize("line", [1, 12], ids=["by importing its module", "between tests"])
def test_every_affected_file_is_tried_if_a_line_is_executed_outside_of_tests(known: CoverageMap, line: int) -> None:
    assert set(order(known, line).files) == set(AFFECTED)


def test_of_a_line_that_importing_executes_the_tests_of_its_module_come_first(known: CoverageMap) -> None:
    assert order(known, 1).tests == order(known, 5).tests


def test_importing_a_module_executes_what_is_outside_of_functions() -> None:
    assert [line for line in range(1, 13) if is_executed_by_import(SOURCE, line)] == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]


def test_a_map_of_other_sources_is_refused(tmp_path: Path, known: CoverageMap) -> None:
    assert known.files()
    with pytest.raises(click.ClickException, match="other sources"):
        CoverageMap(tmp_path / "map.sqlite", "another digest")
