"""One client that waits for the end of a response. An end is recorded before it is sent, so that no later event on the
log can change it."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestOpened


class Ending(Enum):
    """The reason of an end that the fleet did not publish."""

    CLIENT_GONE = "client gone"
    TIMED_OUT = "timed out"
    STOPPING = "stopping"
    ERASED = "erased"


End = AnswerFinished | Ending
RecordEnd = Callable[[AnswerFinished], Awaitable[None]]


async def no_record(_: AnswerFinished) -> None:
    """Record nothing: the log is on disk."""


class PendingReply:
    """One waiting client. The first end counts. `opened` is set once the request is accepted or found.

    `met` counts the requests that were open at its registration, itself included. `begun_at` is the start of the
    fleet's work, in seconds of the loop; None before.
    """

    def __init__(self, response_id: str, tenant: str, record_end: RecordEnd = no_record) -> None:
        self.response_id = response_id
        self.tenant = tenant
        self.opened: RequestOpened | None = None
        self.met = 0
        self.begun_at: float | None = None
        self._loop = asyncio.get_running_loop()
        self.since = self._loop.time()
        self._end: asyncio.Future[End] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._record_end = record_end

    @property
    def ended(self) -> bool:
        return self._end.done()

    @property
    def usage(self) -> Usage | None:
        """None while unknown."""
        end = self.finished
        return end.usage if end is not None else None

    @property
    def finished(self) -> AnswerFinished | None:
        """The end that the fleet published; None before it, and for any other end."""
        end = self._end.result() if self.ended and not self._end.cancelled() else None
        return end if isinstance(end, AnswerFinished) else None

    def resolve(self, end: End) -> None:
        """Set the end. Later ends are ignored."""
        if not self._end.done():
            self._end.set_result(end)

    def expire_in(self, seconds: float) -> None:
        """Resolve as TIMED_OUT after this many seconds."""
        self._timer = self._loop.call_later(seconds, self.resolve, Ending.TIMED_OUT)

    async def end(self) -> End:
        """Wait for the end, and record it before returning: it may be sent then. For one waiter only."""
        end = await self._end
        if isinstance(end, AnswerFinished):
            await self._record_end(end)
        return end

    def stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
