"""Requests that wait for a permit, and the entries that all queues of a gateway share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from libs.ports.erasures import RequestRef
from services.gateway.domain.admission.shares import Admission
from services.gateway.domain.errors import RequestRefused


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """At most `most` requests wait at once; 0: none. `body_bytes` bounds the size of their bodies together. `wait_s` is
    the longest expected wait of a new request."""

    most: int = 0
    wait_s: float = 60.0
    body_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """A request before its acceptance. `size` and `digest` describe its body; `deadline_s` is its remaining time.
    `still_allowed` raises RequestRefused when its key is no longer valid."""

    ref: RequestRef
    size: int
    digest: int
    deadline_s: float
    still_allowed: Callable[[], None] = lambda: None


class Waiter:
    """One request in the queue. `position` counts from 1. `changed` is set on every change of its state.

    `granted_at` is the time of its permit, None before; `is_abandoned`: its client has disconnected.
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
        """End the wait with an error. Idempotent: the first error counts."""
        self.refusal = self.refusal or refusal
        self.changed.set()

    async def wait_changed(self) -> None:
        """Wait for a permit, another position, or an end. Raises RequestRefused when rejected, ClientDisconnect when
        abandoned."""
        await self.changed.wait()
        self.changed.clear()
        if self.refusal is not None:
            raise self.refusal
        if self.is_abandoned:
            raise ClientDisconnect


class WaitingRequests:
    """The entries of all queues of a gateway: tenants share them like permits; one bound limits all bodies."""

    def __init__(self, limits: QueueLimits, admission: Admission) -> None:
        self.limits = limits
        self._places = admission
        self._bytes = 0

    @property
    def count(self) -> int:
        return self._places.open

    def fits(self, tenant: str, size: int) -> bool:
        """True if one more entry is free."""
        return self._places.has_capacity(tenant) and self._bytes + size <= self.limits.body_bytes

    def add(self, tenant: str, size: int) -> None:
        """Requires `fits`."""
        self._places.admit(tenant)
        self._bytes += size

    def remove(self, tenant: str, size: int) -> None:
        self._places.leave(tenant)
        self._bytes -= size


def no_waiting(admission: Admission) -> WaitingRequests:
    """Entries of queues in which no request may wait."""
    return WaitingRequests(QueueLimits(most=0), admission.beside(0))
