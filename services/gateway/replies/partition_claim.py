"""The claim of a reply partition. The log decides: the last claim in the partition holds it."""

import asyncio
import logging
import secrets
from contextlib import AsyncExitStack

from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Retryable
from libs.core.ids import SYSTEM_TENANT
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.runtime.messaging.publisher import BusPublisher
from services.gateway.replies.pending_replies import PendingReplies

CLAIM_WITHIN_S = 10.0
CLAIM_PAUSE_S = 0.2

log = logging.getLogger(__name__)


class PartitionClaim(Resource):
    """The claim of one instance. Acquired once; a later claim of another instance ends it for good.

    An instance without its claim rejects new requests, waits at most `grace_s` seconds for open ones, and stops the
    process. The claim is a resource and a readiness check.
    """

    name = "reply-partition"
    required = True

    def __init__(
        self, partition: int, pending_replies: PendingReplies, grace_s: float, clock: Clock | None = None
    ) -> None:
        self.instance = secrets.token_hex(8)
        self.partition = partition
        self._pending_replies = pending_replies
        self._grace_s = grace_s
        self._clock = clock or SystemClock()
        self._tasks = TaskSet(lambda error: log.critical("giving the partition up failed", exc_info=error))
        self._publisher: BusPublisher | None = None
        self._problem: str | None = "not_claimed"

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._tasks.cancel)

    async def __call__(self) -> str | None:
        """The readiness check."""
        return self._problem

    async def acquire(self, publisher: BusPublisher) -> None:
        """Claim the partition. Call after its tail is in position. Raises Retryable when the log is unavailable."""
        self._publisher = publisher
        claim = ReplyPartitionTaken.by(self.instance, self.partition, self._clock.now())
        until = self._clock.monotonic() + CLAIM_WITHIN_S
        while True:
            try:
                return await publisher.publish(claim)
            except Retryable:
                if self._clock.monotonic() > until:
                    raise
            await asyncio.sleep(CLAIM_PAUSE_S)

    def observe(self, claim: ReplyPartitionTaken) -> None:
        """Apply a claim, in the order of the partition. Claims before our own are ignored.

        Claims signed as a tenant are ignored: no tenant owns a partition.
        """
        if claim.envelope.tenant != SYSTEM_TENANT:
            return
        if claim.instance == self.instance:
            self._problem = None
        elif self._problem is None:
            self._lose(claim.instance)

    def _lose(self, winner: str) -> None:
        self._problem = "claimed_by_another_instance"
        reason = f"reply partition {self.partition} was taken by instance {winner}"
        log.critical("%s; this process exits after its open requests", reason)
        self._pending_replies.close()
        self._tasks.start(self._leave(reason), name="leave the reply partition")

    async def _leave(self, reason: str) -> None:
        await self._pending_replies.wait_idle(self._grace_s)
        if self._publisher is not None:
            self._publisher.give_up(reason)
