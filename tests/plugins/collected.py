"""With `-m`, leave out test files in which no test can be selected: importing all of them takes 7 s of CPU a process.

A file is left out if the expression is false whatever the marks are that its text does not decide. The contract test
of the collection compares what the text decides with the marks of every test.
"""

import functools
import itertools
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

# Markers that tests get in their own files alone. Plugins add others, such as `hypothesis`.
DECIDED = ("brokers", "embedded", "kafka", "lengthy", "pgbouncer", "siege", "slow", "whole")
_DECIDED = re.compile(rf"\b(?:{'|'.join(DECIDED)})\b")
_MARKS_OF_MODULE = re.compile(r"^pytestmark\b.*", re.MULTILINE)
_WORDS = re.compile(r"\w+")
_OPERATORS = frozenset({"and", "or", "not"})


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a file; one that the command names is always collected."""
    expression = config.getoption("markexpr")
    if not expression or collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    return None if may_select(expression, marks_of(collection_path.read_text())) else True


def may_select(expression: str, marks: Mapping[str, bool]) -> bool:
    """Whether a test with these marks and any others can be selected. `marks`: those that are known."""
    compiled = _compiled(expression)
    unknown = [word for word in set(_WORDS.findall(expression)) - _OPERATORS if word not in marks]
    if compiled is None:
        return True
    assignments = itertools.product((False, True), repeat=len(unknown))
    cases = ({**marks, **dict(zip(unknown, values, strict=True))} for values in assignments)
    return any(compiled.evaluate(lambda name, /, **_: case[name]) for case in cases)  # noqa: B023 - called at once


def marks_of(text: str) -> Mapping[str, bool]:
    """Marks that every test of a file has, as true, and those that no test of it has, as false."""
    words = set(_DECIDED.findall(text))
    everywhere = set(re.findall(r"\bmark\.(\w+)", " ".join(_MARKS_OF_MODULE.findall(text))))
    return {mark: mark in everywhere for mark in DECIDED if mark in everywhere or mark not in words}


@functools.cache
def _compiled(expression: str) -> Expression | None:
    """None for an expression with a mistake or with arguments of marks; pytest reports the former."""
    try:
        return None if "=" in expression else Expression.compile(expression)
    except SyntaxError:
        return None
