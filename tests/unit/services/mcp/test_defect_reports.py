"""A defect of a tool is one line of the log, whatever its arguments have put into the exception."""

import json

import pytest

from services.mcp.contract import AnswerStyle, Arguments, ToolResult
from services.mcp.workers.fork_server_main import reply_to
from services.mcp.workers.protocol import Call, Failure

FORGED = '\n{"level": "INFO", "message": "forged"}\n\x1b[2J\u202e\x9b2J\u2028'


def broken(tool: str, args: Arguments, style: AnswerStyle, document: bytes) -> ToolResult:
    raise ValueError(f"no number: {args['text']}")


def test_arguments_cannot_forge_a_line_or_control_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    reply = reply_to(Call(tool="broken", args={"text": FORGED}, style=AnswerStyle()), b"", broken)
    assert isinstance(reply, Failure)
    (line,) = capfd.readouterr().err.splitlines()
    assert line.isprintable()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("ERROR", "the tool broken has a defect")
    assert FORGED in told["traceback"]


def test_a_report_has_a_bounded_length(capfd: pytest.CaptureFixture[str]) -> None:
    reply_to(Call(tool="broken", args={"text": "x" * 1_000_000}, style=AnswerStyle()), b"", broken)
    assert len(capfd.readouterr().err) < 20_000
