"""Requests that wait for a permit, and the places that all queues of a gateway have together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from libs.ports.erasures import RequestRef
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """`most` requests wait at once, 0: none; their bodies have `body_bytes` together. `wait_s` is the longest wait
    that is expected of a client."""

    most: int = 0
    wait_s: float = 60.0
    body_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request before its acceptance. `size` and `digest` are those of its body, `deadline_s` is the time that it has
    left, `still_allowed` raises RequestRefused when its key is no longer valid."""

    ref: RequestRef
    size: int
    digest: int
    deadline_s: float
    still_allowed: Callable[[], None] = lambda: None


class Waiter:
    """One request in the queue. `position` counts from 1; `changed` is set when something happened to it.

    `granted_at` is when it got its permit, None before; `is_abandoned`: its client has disconnected.
    """

    __slots__ = ("changed", "due_at", "granted_at", "is_abandoned", "joined_at", "position", "refusal", "request")

    def __init__(self, request: QueuedRequest, joined_at: float, position: int) -> None:
        self.request = request
        self.joined_at = joined_at
        self.due_at = joined_at + request.deadline_s
        self.position = position
        self.granted_at: float | None = None
        self.is_abandoned = False
        self.refusal: RequestRefused | None = None
        self.changed = asyncio.Event()

    def refuse(self, refusal: RequestRefused) -> None:
        """End the wait with an error."""
        self.refusal = self.refusal or refusal
        self.changed.set()

    async def wait_changed(self) -> None:
        """Wait until it has a permit, another position, or no client. Raises RequestRefused when it was refused."""
        await self.changed.wait()
        self.changed.clear()
        if self.refusal is not None:
            raise self.refusal
        if self.is_abandoned:
            raise ClientDisconnect


class WaitingRequests:
    """The places of all queues of a gateway together: tenants share them like permits, bodies share a bound."""

    def __init__(self, limits: QueueLimits, admission: Admission) -> None:
        self.limits = limits
        self._places = admission
        self._bytes = 0

    @property
    def count(self) -> int:
        return self._places.open

    def fits(self, tenant: str, size: int) -> bool:
        """Return whether there is a place for one more."""
        return self._places.has_room(tenant) and self._bytes + size <= self.limits.body_bytes

    def add(self, tenant: str, size: int) -> None:
        """Take a place that `fits`."""
        self._places.admit(tenant)
        self._bytes += size

    def remove(self, tenant: str, size: int) -> None:
        """Release a place."""
        self._places.leave(tenant)
        self._bytes -= size


def no_waiting(admission: Admission) -> WaitingRequests:
    """Return the places of queues in which nothing may wait."""
    return WaitingRequests(QueueLimits(most=0), admission.beside(0))
