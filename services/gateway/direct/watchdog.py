"""The watchdog that aborts direct calls: client disconnects, deadlines, silent models, shutdown."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

from starlette.types import Receive

from libs.core.tasks import TaskSet
from libs.http.silence import Silence

EARLY_UNTIL_S = 0.5
ANSWER_BYTES = 16 << 20
CLIENT_S = 0.02  # from then on a disconnect of the client is noticed at once


class AbortReason(Enum):
    CLIENT_GONE = "client gone"
    CLIENT_SLOW = "client does not read"
    TOO_LATE = "time is over"
    SILENT = "model fell silent"
    ENOUGH = "the answer is complete"
    STOPPING = "gateway stops"
    CANCELLED = "client changed its mind"
    ERASED = "its subject was erased"


class CallAborted(Exception):
    """The watched block was aborted from outside."""

    def __init__(self, why: AbortReason) -> None:
        super().__init__(why.value)
        self.reason = why


@dataclass(frozen=True, slots=True)
class CallTimeouts:
    """In seconds: for the whole call, between two pieces of the answer, for a client that does not read, and until a
    silent connection gets a keep-alive."""

    call_s: float = 900.0
    idle_s: float = 60.0
    write_s: float = 30.0
    quiet_s: float = 15.0


@dataclass(frozen=True)
class DirectTimeouts:
    """`judge` applies to calls of the judge's or tool model, `expert` to calls of any other model."""

    judge: CallTimeouts = field(default_factory=CallTimeouts)
    expert: CallTimeouts = field(default_factory=CallTimeouts)
    answer_bytes: int = ANSWER_BYTES

    def call_timeouts(self, why: str) -> CallTimeouts:
        return self.expert if why in {"images", "node"} else self.judge


class CallWatchdog:
    """Watches one call, in one block or several; an aborted block raises CallAborted. `on_quiet` runs while nothing is
    written, and once as soon as `begins_early` is True in the first half second.

    An abort cancels the current await of the block, which closes its connection to the model. One timer per call, and
    after `CLIENT_S` a task for its client: most calls last a thousand times longer than a task start, and the others
    end before a client could disconnect.
    """

    __slots__ = (
        "_client",
        "_deadline",
        "_heard",
        "_loop",
        "_open",
        "_patience",
        "_receive",
        "_silence",
        "_task",
        "_tasks",
        "_timer",
        "_why",
        "_writing",
        "begins_early",
        "on_quiet",
    )

    def __init__(self, timeouts: CallTimeouts, receive: Receive, tasks: TaskSet) -> None:
        self.on_quiet: Callable[[], Coroutine[None, None, None]] | None = None
        self.begins_early: Callable[[], bool] | None = None
        self._patience = timeouts
        self._receive = receive
        self._tasks = tasks
        self._client: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._deadline = self._loop.time() + timeouts.call_s
        self._silence = Silence(timeouts.quiet_s)
        self._heard: float | None = None
        self._writing: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._why: AbortReason | None = None
        self._open = False

    def __enter__(self) -> Self:
        self._open = True
        self._timer = self._loop.call_later(CLIENT_S, self._look_first)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
        if self._client is not None:
            self._client.cancel()
            self._client = None
        interrupted = self._why is not None and kind is asyncio.CancelledError and self._task is not None
        if interrupted and self._task is not None and self._task.uncancel() == 0 and self._why is not None:
            raise CallAborted(self._why) from error

    def close(self) -> None:
        """Release the callbacks after the last block. They refer to the stream and the stream to its watchdog: such a
        cycle waits for the garbage collector, with the connection and the text of the answer."""
        self.on_quiet = self.begins_early = None

    def stop(self, why: AbortReason) -> None:
        """Abort the block; the first reason counts."""
        if self._open and self._why is None and self._task is not None:
            self._why = why
            self._task.cancel()

    def record_activity(self) -> None:
        """Record that a piece of the answer arrived."""
        self._heard = self._loop.time()

    def write_started(self) -> None:
        """Record the start of a write to the client."""
        self._writing = self._loop.time()

    def write_ended(self) -> None:
        """Record that the client accepted the write."""
        self._writing = None
        self._silence.end()

    def complete_in(self, seconds: float) -> None:
        """Abort the block as complete after so many seconds."""
        self._loop.call_later(seconds, self.stop, AbortReason.ENOUGH)

    def _look_first(self) -> None:
        self._client = self._tasks.start(self._stop_on_disconnect())
        if self.begins_early is not None:
            self._look_early(CLIENT_S)
        self._look()

    def _look_early(self, since_s: float) -> None:
        """A burst shows only a moment after its first request, so check several times."""
        if not self._open or self._why is not None or self.begins_early is None or self.on_quiet is None:
            return
        if self.begins_early():
            self._tasks.start(self.on_quiet())
        elif since_s < EARLY_UNTIL_S:
            self._loop.call_later(2 * since_s, self._look_early, 3 * since_s)

    def _arm(self) -> None:
        self._timer = self._loop.call_at(self._next(), self._look)

    def _next(self) -> float:
        """The time of the next check: the earliest deadline that is due, or may be due by then."""
        patience = self._patience
        due = min(self._deadline, self._silence.ends_at)
        if self._writing is not None:
            return min(due, self._writing + patience.write_s)
        since = self._heard if self._heard is not None else self._loop.time()
        return min(due, since + min(patience.idle_s, patience.write_s))

    def _look(self) -> None:
        now, patience = self._loop.time(), self._patience
        if now >= self._deadline:
            self.stop(AbortReason.TOO_LATE)
        elif self._writing is not None:
            if now >= self._writing + patience.write_s:
                self.stop(AbortReason.CLIENT_SLOW)
        elif self._heard is not None and now >= self._heard + patience.idle_s:
            self.stop(AbortReason.SILENT)
        if self._silence.is_over:
            self._silence.end()
            if self.on_quiet is not None and self._writing is None and self._why is None:
                self._tasks.start(self.on_quiet())
        if self._why is None:
            self._arm()

    async def _stop_on_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.stop(AbortReason.CLIENT_GONE)
