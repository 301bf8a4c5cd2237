"""Verifies exact tools: they read nothing from outside, so their results are computed again."""

from collections.abc import Iterator, Sequence

from libs.contracts.progress import PartCompleted
from libs.contracts.tool import RunTool
from moe.replay.mismatch import RecordLocation, ReplayMismatch
from moe.replay.pure_tools import computed, is_served
from moe.replay.records import ReplayRecord
from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.read_recording_tools import KIND

# Errors of the worker pool are no function of the call.
OF_THE_POOL = frozenset({"timeout", "busy", "worker_lost"})


def tool_mismatches(history: Sequence[ReplayRecord]) -> Iterator[ReplayMismatch]:
    """Yield tools whose current result differs from the recorded one."""
    calls = {said.event_id: said.message for said in history if isinstance(said.message, RunTool)}
    for said in history:
        command = calls.get(said.cause_id)
        if isinstance(said.message, PartCompleted) and command is not None and not is_served(command.call.tool):
            yield from _compared(said, command)


def _compared(said: ReplayRecord, command: RunTool) -> Iterator[ReplayMismatch]:
    for number, read in enumerate(said.reads):
        if read.kind != KIND or read.values.get("error") in OF_THE_POOL:
            continue
        recorded = str(read.values.get("result") or read.values.get("error"))
        again = _again(command)
        if recorded != again:
            yield RecordLocation(said.index, "mcp").mismatch(f"reads[{number}]", again, recorded)


def _again(command: RunTool) -> str:
    style = AnswerStyle(language=command.language, focus=command.call.focus or None)
    try:
        return computed(command.call.tool, command.call.arguments, style).model_dump_json()
    except ToolError as error:
        return error.code
