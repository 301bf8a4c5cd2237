"""A limit on CPU time inside a worker, so that work which no estimate foresaw costs an answer and not the worker."""

import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from services.mcp.contract import Limit, ToolError

CALL_MS = 2_000  # a worker is killed after 3 s
CALL_TIME = Limit(name="call_time", value=CALL_MS, unit="ms")
_AT_ONCE_S = 0.001  # a timer of 0 s never ends
# CPU seconds between interruptions: one that meets a finaliser, a weak reference's callback or a bare `except` is lost.
_REPEAT_S = 0.1
ArgumentsT = TypeVar("ArgumentsT")
ResultT = TypeVar("ResultT")


class Overdue(BaseException):
    """Passes every `except Exception` of a library that is searching."""


def within_call_time(run: Callable[[ArgumentsT], ResultT]) -> Callable[[ArgumentsT], ResultT]:
    """Wrap a tool's function: it raises ToolError(limit_exceeded) after `CALL_MS` of CPU time."""

    def bounded(arguments: ArgumentsT) -> ResultT:
        try:
            with interrupted_after(CALL_MS):
                return run(arguments)
        except Overdue as error:
            raise ToolError("limit_exceeded", f"CPU time of a call: the limit is {CALL_MS:,} ms") from error

    return bounded


@contextmanager
def interrupted_after(limit_ms: int) -> Iterator[None]:
    """Raise Overdue in the main thread, the only one that a signal reaches: workers have no other.

    Raised again every `_REPEAT_S` until the block ends. Of nested limits the earlier end holds, and the outer one
    resumes with its remaining time.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    outer_s, _ = signal.getitimer(signal.ITIMER_VIRTUAL)
    own_s = min(limit_ms / 1_000, outer_s or limit_ms)
    started_s = _used_s()
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, own_s, _REPEAT_S)
    try:
        yield
    finally:
        rest_s = max(outer_s - (_used_s() - started_s), _AT_ONCE_S) if outer_s else 0
        signal.setitimer(signal.ITIMER_VIRTUAL, rest_s, _REPEAT_S if rest_s else 0)
        signal.signal(signal.SIGVTALRM, before)


def _used_s() -> float:
    """CPU seconds in user mode, which the timer counts, too."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Overdue
