"""The audit of security events: every event is counted; `moe.audit` and the log receive a readable number of them."""

import asyncio
import logging
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import Counter

from libs.contracts.audit import AuditRecorded
from libs.contracts.origin import Origin
from libs.core.clock import Clock, SystemClock
from libs.core.errors import Rejected, Retryable
from libs.core.security_events import COUNTED_ONLY, SecurityEvent, SecurityReason, network_of, one_line
from libs.ports.bus import Publisher

ACTION = "security-event"
BURST = 10  # of one reason and tenant, then one each REFILL_S
REFILL_S = 10.0
MOST_GATES = 1024
MOST_WAITING = 1000
FLUSH_S = 10.0

SECURITY_EVENTS = Counter("moe_security_events_total", "Security events by reason", ["service", "reason"])
DROPPED = Counter(
    "moe_security_events_dropped_total",
    "Audited security events dropped because the broker was unavailable",
    ["service"],
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Gate:
    """Passes BURST events, then one each REFILL_S; counts the rest and keeps the latest of them."""

    level: float
    at: float
    suppressed: int = 0
    latest: SecurityEvent | None = None

    def passes(self, now: float) -> bool:
        self.level = min(BURST, self.level + max(0.0, now - self.at) / REFILL_S)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class SecurityAudit:
    """Records the security events of one service. `publish` is its worker."""

    def __init__(self, service: str, clock: Clock | None = None) -> None:
        self._service = service
        self._clock = clock or SystemClock()
        self._gates: OrderedDict[tuple[SecurityReason, str], _Gate] = OrderedDict()
        self._waiting: deque[AuditRecorded] = deque()
        self._arrived = asyncio.Event()
        for reason in SecurityReason:
            SECURITY_EVENTS.labels(service, reason)  # 0 is exported too, so that a first event is an increase

    def record(self, event: SecurityEvent) -> None:
        """Count an event and enqueue it for the audit. Synchronous; never waits and never fails."""
        SECURITY_EVENTS.labels(self._service, event.reason).inc()
        if event.reason in COUNTED_ONLY:
            return
        now = self._clock.monotonic()
        gate = self._gate(event, now)
        if gate.passes(now):
            self._enqueue(event, gate)
        else:
            gate.suppressed, gate.latest = gate.suppressed + 1, event

    def flush(self) -> None:
        """Enqueue the latest suppressed event of each gate that passes again."""
        now = self._clock.monotonic()
        for gate in self._gates.values():
            if gate.latest is not None and gate.passes(now):
                gate.suppressed -= 1  # this event itself is published
                self._enqueue(gate.latest, gate)

    def take_waiting(self) -> Iterator[AuditRecorded]:
        """Remove and yield the events to publish."""
        while self._waiting:
            yield self._waiting.popleft()

    async def publish(self, publisher: Publisher) -> None:
        """Publish events on `moe.audit` until cancelled. While the broker is unavailable the newest events wait."""
        while True:
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self._arrived.wait()
            except TimeoutError:
                self.flush()
            self._arrived.clear()
            await self._publish_waiting(publisher)

    async def _publish_waiting(self, publisher: Publisher) -> None:
        records = list(self.take_waiting())
        if not records:
            return
        try:
            await publisher.publish(*records)
        except Retryable:
            self._waiting.extendleft(reversed(records))
            self._drop_oldest()
        except Rejected as error:
            DROPPED.labels(self._service).inc(len(records))
            log.error("security events could not be published: %s", error)

    def _gate(self, event: SecurityEvent, now: float) -> _Gate:
        name = (event.reason, event.tenant)
        gate = self._gates.get(name)
        if gate is None:
            gate = self._gates[name] = _Gate(float(BURST), now)
            if len(self._gates) > MOST_GATES:
                self._gates.popitem(last=False)
        self._gates.move_to_end(name)
        return gate

    def _enqueue(self, event: SecurityEvent, gate: _Gate) -> None:
        suppressed, gate.suppressed, gate.latest = gate.suppressed, 0, None
        actor, target = one_line(event.actor) or "unknown", one_line(event.target)
        log.warning(
            "security event %s: %s on %s from %s, %d suppressed before",
            event.reason, actor, target, one_line(event.address) or "inside", suppressed,
        )  # fmt: skip
        record = AuditRecorded(
            action=ACTION,
            actor=actor,
            target=target,
            reason=event.reason,
            detail=f"service={self._service} network={network_of(event.address) or '-'} suppressed={suppressed}",
            ts=self._clock.now(),
        )
        origin = Origin.system(f"security/{secrets.token_hex(16)}", event.tenant)
        self._waiting.append(record.opening(origin))
        self._drop_oldest()
        self._arrived.set()

    def _drop_oldest(self) -> None:
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            DROPPED.labels(self._service).inc()
