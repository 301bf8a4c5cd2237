"""Log lines: what is let through."""

import logging

import pytest

from libs.runtime.telemetry import Sparse


def record(logger: str, created: float, message: str = "no connection to %s", *args: object) -> logging.LogRecord:
    line = logging.LogRecord(logger, logging.ERROR, "file.py", 1, message, args, None)
    line.created = created
    return line


def test_a_library_says_the_same_thing_once_in_a_while() -> None:
    sparse = Sparse(30.0)
    lines = [record("aiokafka.client", at, "no connection to %s", at) for at in (100.0, 100.1, 129.9, 130.0, 131.0)]
    assert [line.created for line in lines if sparse.filter(line)] == [100.0, 130.0]


def test_different_things_are_said_at_once() -> None:
    sparse = Sparse(30.0)
    assert sparse.filter(record("aiokafka", 100.0))
    assert sparse.filter(record("aiokafka", 100.0, "something else"))
    assert sparse.filter(record("aiokafka.client", 100.0))


@pytest.mark.parametrize("logger", ["libs.runtime.policy", "services.cli.up", "moe"])
def test_our_own_lines_are_never_left_out(logger: str) -> None:
    sparse = Sparse(30.0)
    assert all(sparse.filter(record(logger, 100.0)) for _ in range(3))
