"""One client that waits for the end of a response. An end is kept before it is told, so that nothing that happens to
the log can change it afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.model_call import Usage
from libs.contracts.progress import RequestOpened


class Ending(Enum):
    """Why a request ends without the fleet's word."""

    CLIENT_GONE = "client gone"
    TIMED_OUT = "timed out"
    STOPPING = "stopping"
    ERASED = "erased"


End = AnswerFinished | Ending
RecordEnd = Callable[[AnswerFinished], Awaitable[None]]


async def no_record(_: AnswerFinished) -> None:
    """Rely on the log, which is on disk."""


class PendingReply:
    """One waiting client. The first end is the end. `opened` is set when the request was accepted or found.

    `met` counts the requests that were open when it came, itself included. `begun_at` is when the fleet began its work
    on it, in seconds of the loop; None before.
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
        """Return what the request took, None while nobody knows."""
        end = self.finished
        return end.usage if end is not None else None

    @property
    def finished(self) -> AnswerFinished | None:
        """Return the end that the fleet published; None before it, and for any other end."""
        end = self._end.result() if self.ended and not self._end.cancelled() else None
        return end if isinstance(end, AnswerFinished) else None

    def resolve(self, end: End) -> None:
        """Say how it ends; later words are ignored."""
        if not self._end.done():
            self._end.set_result(end)

    def expire_in(self, seconds: float) -> None:
        """Let it end as timed out after so many seconds."""
        self._timer = self._loop.call_later(seconds, self.resolve, Ending.TIMED_OUT)

    async def end(self) -> End:
        """Return the end when it has come, and was kept: it can be told. For one waiter."""
        end = await self._end
        if isinstance(end, AnswerFinished):
            await self._record_end(end)
        return end

    def stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
