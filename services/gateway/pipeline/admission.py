"""The permits and queue entries of a request until its dispatch, and its wait while the client is connected."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from libs.core.api_key_headers import api_key_from
from libs.core.errors import Retryable
from libs.http.responses import start_stream
from libs.ports.identity import Authenticator
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import QueuedRequest, Waiter
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.direct.writers import FramesWriter
from services.gateway.dialects.queue_position import position_frame
from services.gateway.direct.admission import DirectSlot
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.server_permits import ServerQueue
from services.gateway.domain.errors import ApiError, invalid_key, keys_unavailable
from services.gateway.domain.streaming.reply import ReplyHead
from services.gateway.pipeline.app_context import AppContext
from services.gateway.replies.pending_replies import PendingReply

WRITE_S = 5.0  # a client that reads no position for so long would not read its answer


class QueueProgress:
    """`send` replaces the `send` of the request, so that the later answer can begin its stream as usual. An unchanged
    position is repeated after `repeat_s`, so that the connection is never silent for longer."""

    def __init__(self, dialect: Dialect, head: ReplyHead, send: Send, repeat_s: float) -> None:
        self.begun = False
        self.repeat_s = repeat_s
        self._dialect = dialect
        self._head = head
        self._send = send

    async def report(self, position: int) -> None:
        """Raises ClientDisconnect when the client does not read the position within WRITE_S."""
        try:
            async with asyncio.timeout(WRITE_S):
                await self._begin()
                await self._write(position_frame(self._dialect, self._head, position), more=True)
        except TimeoutError as error:
            raise ClientDisconnect from error

    async def send(self, message: Message) -> None:
        """Drop the head of a response that has begun."""
        if not (self.begun and message["type"] == "http.response.start"):
            await self._send(message)

    async def fail(self, error: ApiError) -> None:
        """End a stream that has begun with an error event."""
        await self._write(FramesWriter(self._dialect.frames(self._head)).error(error), more=False)

    async def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            await start_stream(self._send, self._dialect.stream_type, self._head.id)

    async def _write(self, data: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": more})


async def wait_for_permit(
    queue: AdmissionQueue, waiter: Waiter, receive: Receive, progress: QueueProgress | None
) -> float:
    """Loop time of the grant. The caller must release the permit. `progress` is None for requests without a
    stream.

    Raises RequestRefused (401, 404, 503), and ClientDisconnect when the client disconnects first; then no permit is
    held.
    """
    watching = asyncio.get_running_loop().create_task(_leave_with_client(receive, queue, waiter))
    try:
        while waiter.granted_at is None:
            if progress is not None:
                await progress.report(waiter.position)
            with suppress(TimeoutError):
                async with asyncio.timeout(progress.repeat_s if progress is not None else None):
                    await waiter.wait_changed()
    except BaseException:
        queue.abandon(waiter)
        raise
    finally:
        watching.cancel()
    return waiter.granted_at


def require_valid_key(keys: Authenticator, scope: Scope) -> None:
    """Authenticate the key of a request again. Raises RequestRefused (401, 503)."""
    try:
        caller = keys.authenticate(api_key_from(scope["headers"]))
    except Retryable as error:
        raise keys_unavailable() from error
    if caller is None:
        raise invalid_key()


async def _leave_with_client(receive: Receive, queue: AdmissionQueue, waiter: Waiter) -> None:
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110 - the server tells it by this alone
        await asyncio.sleep(0)
    waiter.is_abandoned = True
    queue.leave(waiter)
    waiter.changed.set()


class AdmissionPermit:
    """A request that is being read. It holds a permit of the fleet; without a free one, a permit for direct requests,
    because it may be one: direct requests never wait for a busy fleet. Without direct requests, it reserves an entry of
    the queue. A request that must wait joins its queue before its quota is reserved, so rejecting it is cheap.
    `progress` is the part of the queue that its client has seen, None for none.

    Entering raises RequestRefused (429, 503) when neither a permit nor a queue entry is free. Leaving releases
    everything that it holds.
    """

    __slots__ = (
        "_context",
        "_direct",
        "_pending",
        "_reserved",
        "_slot",
        "_tenant",
        "_waiting",
        "progress",
        "response_id",
    )

    def __init__(self, context: AppContext, response_id: str, tenant: str) -> None:
        self.response_id = response_id
        self._context = context
        self._tenant = tenant
        self._direct = context.direct
        self._slot: DirectSlot | None = None
        self._pending: PendingReply | None = None
        self._reserved = False
        self._waiting: tuple[AdmissionQueue, Waiter] | None = None
        self.progress: QueueProgress | None = None

    def __enter__(self) -> Self:
        replies = self._context.pending_replies
        self._pending = replies.register_if_free(self.response_id, self._tenant)
        if self._pending is not None:
            return self
        if self._direct is not None:
            self._slot = self._direct.admission.admit(self._tenant)
        elif replies.queue.is_enabled:
            replies.queue.reserve(self._tenant)
            self._reserved = True
        else:
            replies.register(self.response_id, self._tenant)  # raises
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave_queue()
        self._release_direct_slot()
        self._release_fleet_permit()
        self._cancel_reservation()

    @property
    def accepted(self) -> bool:
        """True once the request is published to the fleet."""
        return self._pending is not None and self._pending.opened is not None

    @property
    def pending_reply(self) -> PendingReply:
        """Available after `acquire_fleet_permit` returned True, or after `wait_for_fleet_permit`."""
        assert self._pending is not None
        return self._pending

    def acquire_fleet_permit(self) -> bool:
        """Acquire a permit of the fleet. Returns False when the request must wait. Raises RequestRefused (429, 503)
        where requests cannot wait."""
        replies = self._context.pending_replies
        if self._pending is None:
            self._pending = replies.register_if_free(self.response_id, self._tenant)
            if self._pending is None and replies.queue.is_enabled:
                return False
            self._release_direct_slot()
            self._cancel_reservation()
            self._pending = self._pending or replies.register(self.response_id, self._tenant)
        return True

    def join_fleet_queue(self, request: QueuedRequest) -> None:
        """Join the queue for a permit of the fleet. Raises RequestRefused (503) when the queue is full."""
        self._release_direct_slot()
        self._cancel_reservation()
        self._join(self._context.pending_replies.queue, request)

    async def wait_for_fleet_permit(self, receive: Receive, progress: QueueProgress | None) -> None:
        """Requires `join_fleet_queue`. Raises RequestRefused (401, 404, 503), ClientDisconnect."""
        self._pending = self._context.pending_replies.register_granted(
            self.response_id, self._tenant, await self._granted(receive, progress)
        )

    def acquire_direct_slot(self, direct: DirectProxy) -> None:
        """Acquire a slot for a direct request. Raises RequestRefused (429, 503) when none is free."""
        if self._slot is None:
            self._release_fleet_permit()
            self._direct, self._slot = direct, direct.admission.admit(self._tenant)

    def acquire_server_permit(self, server: ServerQueue) -> bool:
        """Acquire a permit of a model server. Returns False when none is free."""
        assert self._slot is not None
        if self._slot.permit is None:  # it has one if the first request with its Idempotency-Key failed
            self._slot.permit = server.take(self._tenant)
        return self._slot.permit is not None

    def join_server_queue(self, server: ServerQueue, request: QueuedRequest) -> None:
        """Join the queue for a permit of a model server. Raises RequestRefused (503) when the queue is full."""
        self._join(server.queue, request)

    def must_wait(self, server: ServerQueue) -> bool:
        """True if a model server has no free permit for the request. Acquires nothing."""
        assert self._slot is not None
        return self._slot.permit is None and not server.queue.is_free(self._tenant)

    @property
    def has_joined(self) -> bool:
        return self._waiting is not None

    async def wait_for_server_permit(
        self, server: ServerQueue, receive: Receive, progress: QueueProgress | None
    ) -> None:
        """Requires `join_server_queue`. Raises RequestRefused (401, 404, 503), ClientDisconnect."""
        assert self._slot is not None
        self._slot.permit = server.granted(self._tenant, await self._granted(receive, progress))

    def hand_over(self) -> DirectSlot:
        """Transfer the slot to the caller, which must release it."""
        slot, self._slot = self._slot, None
        assert slot is not None
        return slot

    def _join(self, queue: AdmissionQueue, request: QueuedRequest) -> None:
        self._waiting = queue, queue.join(request)

    async def _granted(self, receive: Receive, progress: QueueProgress | None) -> float:
        assert self._waiting is not None
        self.progress = progress
        queue, waiter = self._waiting
        self._waiting = None  # from here on, `wait_for_permit` abandons it
        return await wait_for_permit(queue, waiter, receive, progress)

    def _leave_queue(self) -> None:
        if self._waiting is not None:
            queue, waiter = self._waiting
            self._waiting = None
            queue.abandon(waiter)

    def _release_fleet_permit(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._context.pending_replies.release(pending)

    def _cancel_reservation(self) -> None:
        if self._reserved:
            self._reserved = False
            self._context.pending_replies.queue.cancel_reservation(self._tenant)

    def _release_direct_slot(self) -> None:
        if self._slot is not None and self._direct is not None:
            self._direct.admission.release(self._slot)
            self._slot = None
