"""Permits for calls that wait at a model server (ADR 25)."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from libs.ports.erasures import RequestRef
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import WaitingRequests
from services.gateway.domain.admission.shares import (
    AdaptiveLimit,
    AdaptiveLimitConfig,
    Admission,
    FinishedRequest,
    Shares,
)
from services.gateway.domain.direct.first_piece import FirstPieceTimes
from services.gateway.domain.errors import RequestRefused

FLOOR = 32  # enough calls to keep a server busy, also where long prompts look like a queue
START = 64
TARGET_MS = 500


class ServerPermit:
    """One permit. `release` is idempotent."""

    __slots__ = ("_granted_at", "_is_held", "_met", "_server", "_tenant")

    def __init__(self, server: "ServerQueue", tenant: str, granted_at: float) -> None:
        self._server = server
        self._tenant = tenant
        self._granted_at = granted_at
        self._met = server.queue.admission.open
        self._is_held = True

    @property
    def others_wait(self) -> bool:
        """True while calls wait for a permit of this server."""
        return len(self._server.queue) > 0

    def answer_began(self) -> None:
        """Release the permit at the first piece of a stream and learn from its wait. Idempotent."""
        if self._is_held:
            now = _now()
            waited_s = self._server.times.waited_s(now - self._granted_at, now)
            self._learn(now, int(waited_s * 1000))
            self._release(now)

    def answer_ended(self) -> None:
        """Release the permit of a whole answer, whose wait at the server is unknown. Idempotent."""
        if self._is_held:
            now = _now()
            self._learn(now, 0)
            self._release(now)

    def release(self) -> None:
        """Release the permit of a failed call. Idempotent."""
        if self._is_held:
            self._release(_now())

    def _learn(self, now: float, waited_ms: int) -> None:
        limit = self._server.queue.admission.limit
        if not limit.is_settled(self._met):
            limit.ended(FinishedRequest(self._granted_at, now, self._met, waited_ms))

    def _release(self, now: float) -> None:
        self._is_held = False
        self._server.queue.release(self._tenant, self._granted_at, now)


@dataclass(frozen=True, slots=True)
class ServerQueue:
    """The permits of one server and the calls that wait for them.

    The server gets as many calls as keep it busy and no more, so that the gateway decides which call is next. A stream
    holds its permit until the first piece of its answer, any other call until its end. The number of permits is learned
    like the fleet's limit: from the delay of the first piece over its usual time.
    """

    queue: AdmissionQueue
    times: FirstPieceTimes = field(default_factory=FirstPieceTimes)

    def take(self, tenant: str) -> ServerPermit | None:
        """Acquire a permit without waiting; None when none is free."""
        if not self.queue.admit_if_free(tenant):
            return None
        now = _now()
        self.queue.started(now)
        return ServerPermit(self, tenant, now)

    def granted(self, tenant: str, granted_at: float) -> ServerPermit:
        return ServerPermit(self, tenant, granted_at)


class ServerQueues:
    """The queues of all model servers of a gateway, with at most `most` permits each."""

    def __init__(self, waiting: WaitingRequests, most: int, shares: Shares) -> None:
        self._waiting = waiting
        self._most = most
        self._shares = shares
        self._queues: dict[str, ServerQueue] = {}
        self._refusal: Callable[[], RequestRefused] | None = None

    def queue_of(self, server: str) -> ServerQueue:
        """The first call creates the queue."""
        found = self._queues.get(server)
        if found is None:
            rules = AdaptiveLimitConfig(ceiling=self._most, start=START, floor=FLOOR, target_ms=TARGET_MS)
            queue = AdmissionQueue(Admission(AdaptiveLimit(rules), self._shares), self._waiting, "direct")
            found = self._queues[server] = ServerQueue(queue)
            if self._refusal is not None:
                queue.close(self._refusal)
        return found

    def refs(self) -> set[RequestRef]:
        return {ref for each in self._queues.values() for ref in each.queue.refs()}

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """Reject the waiting requests of erased subjects."""
        for each in self._queues.values():
            each.queue.end_erased(requests)

    def close(self, refusal: Callable[[], RequestRefused]) -> None:
        """Reject all waiting and all later requests."""
        self._refusal = refusal
        for each in self._queues.values():
            each.queue.close(refusal)


def _now() -> float:
    return asyncio.get_running_loop().time()
