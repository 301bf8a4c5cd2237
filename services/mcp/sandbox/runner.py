"""The service's side of sandboxes: starts them, reads their output, ends them in time."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import orjson

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.json_values import JsonObject, is_object
from libs.core.tenancy import current_tenant
from services.mcp.contract import ToolError
from services.mcp.sandbox.group import ROOT, Group, command
from services.mcp.sandbox.plan import REFUSED, Plan

_MAX_REPORT_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_PROBE_S = 10.0
_ANSWERED = frozenset({"value", "error", "facts"})
_MAX_REASON_CHARS = 120
_KILLED_BY_CPU = frozenset({128 + 24, 128 + 9})  # SIGXCPU, and SIGKILL at the hard limit


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a sandbox: its output (cut to the limit if `cut`) and its report, empty if it made none."""

    printed: bytes
    cut: bool
    report: JsonObject
    status: int


class SandboxRunner:
    """Runs at most `at_once` sandboxes, fair between tenants; rejects a call if too many wait."""

    def __init__(self, at_once: int = 2, waiting: int = 16) -> None:
        self._turns = FairSemaphore(at_once, waiting)
        self._most_waiting = waiting

    async def run(self, plan: Plan, request: bytes, *, wall_s: float, max_printed: int) -> Ended:
        """Run a program on a request. Raises ToolError(busy, timeout, limit_exceeded, unavailable, worker_lost)."""
        try:
            async with self._turns.permit(current_tenant()):
                ended = await _run(plan, request, wall_s, max_printed)
        except TooManyWaiters as error:
            raise ToolError("busy", f"waiting calls: the limit is {self._most_waiting}") from error
        return _judged(ended, plan)


@cache
def refusal() -> str | None:
    """The kernel's refusal of a sandbox, or None. Probes once by starting one; blocks for about 100 ms."""
    if sys.platform != "linux":
        return f"namespaces and seccomp do not exist on {sys.platform}"
    try:
        probe = subprocess.run(
            command(Plan("python")), input=b"6 * 7", capture_output=True, cwd=ROOT, env={}, timeout=_PROBE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no process can be started: {error}"
    report = _report(probe.stderr)
    if "refused" in report:
        return _reason(report)
    return None if report.get("value") == "42" else f"the process ended with status {probe.returncode}"


async def _run(plan: Plan, request: bytes, wall_s: float, max_printed: int) -> Ended:
    group = await Group.start(plan)
    try:
        async with asyncio.timeout(wall_s):
            return await _communicate(group, request, max_printed)
    except TimeoutError as error:
        raise ToolError("timeout", f"wall time of a call: the limit is {wall_s:g} s") from error
    finally:
        await group.end()


async def _communicate(group: Group, request: bytes, max_printed: int) -> Ended:
    process = group.process
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with suppress(ConnectionError):
        process.stdin.write(request)
        await process.stdin.drain()
    process.stdin.close()
    async with asyncio.TaskGroup() as reading:
        printing = reading.create_task(_printed(group, process.stdout, max_printed))
        reporting = reading.create_task(_at_most(process.stderr, _MAX_REPORT_BYTES))
    printed, cut = printing.result()
    return Ended(printed, cut, _report(reporting.result()), await process.wait())


async def _printed(group: Group, stream: asyncio.StreamReader, limit: int) -> tuple[bytes, bool]:
    """The output; a process that prints more than the limit is killed."""
    printed = await _at_most(stream, limit, group.kill)
    return printed[:limit], len(printed) > limit


async def _at_most(stream: asyncio.StreamReader, limit: int, on_more: Callable[[], None] = lambda: None) -> bytes:
    """The first bytes, one more than the limit if there are more.

    Reads to the end all the same: asyncio reports the exit of a process only after its pipes have been closed.
    """
    first = bytearray()
    while chunk := await stream.read(_CHUNK_BYTES):
        if len(first) <= limit:
            first += chunk[: limit + 1 - len(first)]
            if len(first) > limit:
                on_more()
    return bytes(first)


def _report(written: bytes) -> JsonObject:
    """The last line as an object. The process is untrusted, so the line may be anything."""
    lines = written.strip().splitlines()
    try:
        report: object = orjson.loads(lines[-1]) if lines else None
    except orjson.JSONDecodeError:
        return {}
    return report if is_object(report) else {}


def _reason(report: JsonObject) -> str:
    return str(report["refused"])[:_MAX_REASON_CHARS]


def _judged(ended: Ended, plan: Plan) -> Ended:
    if ended.status == REFUSED and "refused" in ended.report:
        raise ToolError("unavailable", f"the kernel refuses isolation: {_reason(ended.report)}")
    if ended.cut or ended.report.keys() & _ANSWERED:
        return ended
    if ended.status in _KILLED_BY_CPU:
        raise ToolError("timeout", f"CPU time of a call: the limit is {plan.cpu_s} s")
    if ended.status != 0:
        raise ToolError("worker_lost", f"the process ended with status {ended.status}")
    return ended
