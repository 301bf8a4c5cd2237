"""What worker processes write is logged as records of the service: bounded, and only by the service."""

import json
import logging

import pytest

from libs.runtime.telemetry import JsonLines
from libs.testing.fake_clock import FakeClock
from services.mcp.workers.worker_log import MOST_BYTES, PER_MINUTE, WorkerLog

REPORT = {"level": "ERROR", "message": "the tool a has a defect", "traceback": "Traceback\n  x\nValueError: b"}


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> WorkerLog:
    caplog.set_level(logging.ERROR)
    return WorkerLog(FakeClock())


def test_a_report_in_pieces_is_one_record_with_its_traceback(told: WorkerLog, caplog: pytest.LogCaptureFixture) -> None:
    line = json.dumps(REPORT).encode()
    for piece in (line[:7], line[7:] + b"\n", b"\n"):
        told.data_received(piece)
    (record,) = caplog.messages
    assert record.endswith("the tool a has a defect\nTraceback\n  x\nValueError: b")


@pytest.mark.parametrize("line", [b'\x1b]52;c;x\x07\x9b2J{"level": "INFO"}\r', b"[" * 9000, b'{"message": 1}', b"3"])
def test_a_hostile_line_is_one_line_of_the_log(line: bytes, told: WorkerLog, caplog: pytest.LogCaptureFixture) -> None:
    told.data_received(line + b"\n")
    (record,) = caplog.records
    logged = JsonLines().format(record)
    assert logged.isprintable()
    assert json.loads(logged)["level"] == "ERROR"


def test_a_flood_and_an_endless_line_are_bounded(told: WorkerLog, caplog: pytest.LogCaptureFixture) -> None:
    told.data_received(b"x" * 10 * MOST_BYTES)
    told.data_received(b"x" * 10 * MOST_BYTES + b"\n")
    told.data_received(b"y\n" * 10 * PER_MINUTE)
    told.data_received(b"the end")
    told.eof_received()
    assert len(caplog.records) == PER_MINUTE
    assert len(caplog.messages[0]) < MOST_BYTES + 100
