"""An accepted request, and what runs beside the wait for its end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive

from libs.contracts.progress import RequestOpened
from services.gateway.desk import Ending, Seat
from services.gateway.domain.assembler import StreamAssembler
from services.gateway.domain.chat_request import ChatRequest
from services.gateway.domain.frames import Frames


@dataclass(frozen=True, slots=True)
class Ticket:
    """`created` is Unix time in whole seconds, as it stands in every chunk."""

    seat: Seat
    request: ChatRequest
    opened: RequestOpened
    created: int

    def assembler(self) -> StreamAssembler:
        """Return what makes the stream of this request."""
        response_id = self.seat.response_id
        frames = Frames(response_id, self.request.model, self.created)
        return StreamAssembler(response_id, frames, include_usage=self.request.include_usage)


async def watch_client(receive: Receive, seat: Seat) -> None:
    """Resolve the seat when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    seat.resolve(Ending.CLIENT_GONE)


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `works` while the block runs; leaving cancels them, and an error of theirs ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
