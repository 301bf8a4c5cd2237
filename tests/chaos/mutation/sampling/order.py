"""Which tests a break is tried with, and in which order, once it is known which lines each test executes.

First the tests that execute the broken line, the shortest of the nearest files before others; of a line that importing
its module executes, the tests that execute anything of the module. Then the files of which a test may notice the break
although the map shows none that executes the line, the files of the first tests before others:

- the other tests of the same files, as fixtures and caches may have executed the line for them;
- files that start processes, whose lines are not traced, and files that are not in the map;
- every affected file, if the line is executed by importing its module or between tests.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.mutation.sampling.coverage_map import OUTSIDE_TESTS, CoverageMap, TracedTest

_MOST_FIRST = 150  # a line of the core is executed by thousands of tests
_SECONDS_OF_A_RANK = 0.2  # a test of the next file in the order may be so much shorter


@dataclass(frozen=True)
class Order:
    """`tests` run first, then all tests of `files`."""

    tests: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of a source, and the files of tests that are affected by it, the nearest first."""

    path: str
    number: int
    text: str
    affected: Sequence[str]


def order_of(line: Line, known: CoverageMap) -> Order:
    by_import = is_executed_by_import(line.text, line.number)
    executing = known.tests_entering(line.path) if by_import else known.tests_executing(line.path, line.number)
    tests = _nearest_first([each for each in executing if each.name != OUTSIDE_TESTS], line.affected)
    outside = by_import or len(tests) < len(executing)
    traced = known.files()
    own = {each.file for each in tests}
    rest = [path for path in line.affected if outside or path in own or traced.get(path, True)]
    rest.sort(key=lambda path: path not in own)
    return Order(tuple(each.name for each in tests[:_MOST_FIRST]), tuple(rest))


def is_executed_by_import(text: str, line: int) -> bool:
    """Whether importing a module executes a line of it: it is outside of the bodies of functions."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return not any(node.body[0].lineno <= line <= (node.end_lineno or 0) for node in functions)


def _nearest_first(tests: Sequence[TracedTest], affected: Sequence[str]) -> list[TracedTest]:
    ranks = {path: rank for rank, path in enumerate(affected)}
    last = len(ranks)
    return sorted(tests, key=lambda each: each.seconds + _SECONDS_OF_A_RANK * ranks.get(each.file, last))
