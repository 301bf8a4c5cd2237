"""The stack of a suspended task: all of its frames. `Task.get_stack` returns the outermost one only."""

import asyncio
import linecache
from types import FrameType


def waiting_stack(task: "asyncio.Task[object] | None") -> str:
    """One line for each frame of a suspended task, the outermost first."""
    lines = []
    awaited: object = task.get_coro() if task is not None else None
    while (frame := _frame_of(awaited)) is not None:
        lines.append(_line(frame))
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return "\n".join(lines) or "(it does not wait)"


def _frame_of(awaited: object) -> FrameType | None:
    frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
    return frame if isinstance(frame, FrameType) else None


def _line(frame: FrameType) -> str:
    code = frame.f_code
    source = linecache.getline(code.co_filename, frame.f_lineno).strip()
    return f"  {code.co_filename}:{frame.f_lineno} in {code.co_qualname}: {source}"
