"""Permits for calls that wait at a model server: it holds as many calls in its queue as keep it busy, and no more, so
that the gateway decides which one is next (ADR 25).

A call of a stream has its permit until the first piece of its answer, any other one until its end. How many there are
is learned like the limit of the fleet: from how much longer than usual the first piece takes.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from libs.ports.erasures import RequestRef
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import WaitingRequests
from services.gateway.domain.admission.adaptive_limit import AdaptiveLimit, AdaptiveLimitConfig, FinishedRequest
from services.gateway.domain.admission.shares import Admission, Shares
from services.gateway.domain.direct.first_piece import FirstPieceTimes
from services.gateway.domain.errors import RequestRefused

FLOOR = 32  # what waits at a server must keep it busy, also where long prompts look like a queue
START = 64
TARGET_MS = 500


class ServerPermit:
    """One permit. Releasing it again does nothing."""

    __slots__ = ("_granted_at", "_is_held", "_met", "_server", "_tenant")

    def __init__(self, server: "ServerQueue", tenant: str, granted_at: float) -> None:
        self._server = server
        self._tenant = tenant
        self._granted_at = granted_at
        self._met = server.queue.admission.open
        self._is_held = True

    @property
    def others_wait(self) -> bool:
        """Whether the server has more to do than it can."""
        return len(self._server.queue) > 0

    def answer_began(self) -> None:
        """Note that the first piece of a stream is there."""
        if self._is_held:
            now = _now()
            waited_s = self._server.times.waited_s(now - self._granted_at, now)
            self._learn(now, int(waited_s * 1000))
            self._release(now)

    def answer_ended(self) -> None:
        """Note that a whole answer is there: how much of its time it waited is unknown."""
        if self._is_held:
            now = _now()
            self._learn(now, 0)
            self._release(now)

    def release(self) -> None:
        """Give up the permit of a call that failed."""
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
    """The permits of one server and what waits for them."""

    queue: AdmissionQueue
    times: FirstPieceTimes = field(default_factory=FirstPieceTimes)

    def take(self, tenant: str) -> ServerPermit | None:
        """Return a permit if there is one now."""
        if not self.queue.admit_if_free(tenant):
            return None
        now = _now()
        self.queue.started(now)
        return ServerPermit(self, tenant, now)

    def granted(self, tenant: str, granted_at: float) -> ServerPermit:
        """Return the permit that a request got in the queue."""
        return ServerPermit(self, tenant, granted_at)


class ServerQueues:
    """The queues of all model servers of a gateway, at most `most` permits each."""

    def __init__(self, waiting: WaitingRequests, most: int, shares: Shares) -> None:
        self._waiting = waiting
        self._most = most
        self._shares = shares
        self._queues: dict[str, ServerQueue] = {}
        self._refusal: Callable[[], RequestRefused] | None = None

    def queue_of(self, server: str) -> ServerQueue:
        """Return the queue of a server of this gateway."""
        found = self._queues.get(server)
        if found is None:
            rules = AdaptiveLimitConfig(ceiling=self._most, start=START, floor=FLOOR, target_ms=TARGET_MS)
            queue = AdmissionQueue(Admission(AdaptiveLimit(rules), self._shares), self._waiting, "direct")
            found = self._queues[server] = ServerQueue(queue)
            if self._refusal is not None:
                queue.close(self._refusal)
        return found

    def refs(self) -> set[RequestRef]:
        """Return the requests that wait."""
        return {ref for each in self._queues.values() for ref in each.queue.refs()}

    def end_erased(self, requests: Collection[RequestRef]) -> None:
        """End the wait of requests whose subject was erased."""
        for each in self._queues.values():
            each.queue.end_erased(requests)

    def close(self, refusal: Callable[[], RequestRefused]) -> None:
        """Reject whatever waits and whatever comes."""
        self._refusal = refusal
        for each in self._queues.values():
            each.queue.close(refusal)


def _now() -> float:
    return asyncio.get_running_loop().time()
