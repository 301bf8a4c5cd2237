"""An accepted request, and the tasks that run beside the wait for its end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive

from libs.contracts.progress import RequestOpened
from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.routing.models import shows_reasoning
from services.gateway.domain.streaming.assembler import StreamAssembler
from services.gateway.domain.streaming.outcomes import answered_at
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.domain.streaming.resume import START, ResumePoint
from services.gateway.replies.pending_reply import Ending, PendingReply


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """Where the end arrives, and the dialect in which the client gets it."""

    pending_reply: PendingReply
    dialect: Dialect
    head: ReplyHead
    opened: RequestOpened

    def assembler(self, point: ResumePoint = START) -> StreamAssembler:
        """Resume the stream at `point`."""
        frames = self.dialect.frames(self.head, point)
        shown = shows_reasoning(self.opened.question.mode)
        return StreamAssembler(self.head.response_id, frames, resume_at=point, shows_reasoning=shown)


def head_of(opened: RequestOpened, pending: PendingReply, *, include_usage: bool) -> ReplyHead:
    """The fields of every frame of the answer. Its end time is known once the reply has ended."""
    return ReplyHead(
        response_id=opened.envelope.response_id,
        model=opened.model,
        created=int(opened.accepted_at),
        include_usage=include_usage,
        echo=opened.echo,
        accepted_at=opened.accepted_at,
        protocol=opened.protocol,
        completed_at=lambda: answered_at(opened, pending.finished),
    )


async def watch_client(receive: Receive, pending_reply: PendingReply) -> None:
    """Resolve the pending reply as CLIENT_GONE when the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
    pending_reply.resolve(Ending.CLIENT_GONE)


@asynccontextmanager
async def background_tasks(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `works` while the block runs. Leaving cancels them; an error of theirs ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
