"""Log lines: the passed and the filtered ones."""

import json
import logging
from collections.abc import Iterator

import pytest

from libs.runtime.telemetry import CHATTY, OURS, Sparse, configure_logging, response_id_of_task


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


@pytest.mark.parametrize("logger", ["libs.runtime.delivery.policy", "moe.cli.fleet.up", "moe"])
def test_our_own_lines_are_never_left_out(logger: str) -> None:
    sparse = Sparse(30.0)
    assert all(sparse.filter(record(logger, 100.0)) for _ in range(3))


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Begin with the levels that a new process has, and leave those that were there."""
    root = logging.getLogger()
    named = [logger for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    before = {logger: logger.level for logger in (root, *named)}
    handlers = root.handlers[:]
    for logger in named:
        logger.setLevel(logging.NOTSET)
    yield
    root.handlers[:] = handlers
    for logger, level in before.items():
        logger.setLevel(level)
    for name in (*OURS, *CHATTY):
        if logging.getLogger(name) not in before:
            logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("level", "logger", "shown"),
    [
        ("INFO", "libs.runtime.kafka.bus", logging.INFO),
        ("INFO", "moe.cli", logging.INFO),
        ("WARNING", "libs.runtime.kafka.bus", logging.WARNING),
        ("INFO", "httpx", logging.WARNING),
        ("INFO", "aiokafka", logging.WARNING),
        ("INFO", "aiokafka.conn", logging.CRITICAL),
        ("INFO", "aiokafka.consumer.group_coordinator", logging.CRITICAL),
        ("INFO", "aiokafka.coordinator.assignors.sticky.sticky_assignor", logging.CRITICAL),
        ("DEBUG", "aiokafka.consumer.group_coordinator", logging.WARNING),
        ("ERROR", "httpx", logging.ERROR),
    ],
)
@pytest.mark.usefixtures("logging_restored")
def test_from_which_level_on_a_logger_is_heard(level: str, logger: str, shown: int) -> None:
    configure_logging(level)
    assert logging.getLogger(logger).getEffectiveLevel() == shown


@pytest.mark.usefixtures("logging_restored")
def test_a_line_is_json_with_the_response_id_and_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO")
    token = response_id_of_task.set("chatcmpl-1")
    try:
        raise ValueError("a bug")
    except ValueError:
        logging.getLogger("libs.runtime.delivery.policy").exception("it failed with %s", "ümlaut")
    finally:
        response_id_of_task.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "it failed with ümlaut"
    assert (line["level"], line["logger"], line["response_id"]) == (
        "ERROR",
        "libs.runtime.delivery.policy",
        "chatcmpl-1",
    )
    assert line["traceback"].endswith("ValueError: a bug")
