"""The runtime context shared by all work of a process: signer, publisher, clock, retry policy."""

from dataclasses import dataclass, field
from typing import Protocol

from libs.contracts.message import Message
from libs.core.clock import Clock
from libs.ports.bus import Publisher
from libs.runtime.delivery.backoff import Backoff, retry_until_available
from libs.runtime.delivery.circuit_breaker import CircuitBreakerLimits
from libs.runtime.delivery.retry_policy import RetryPolicy
from libs.runtime.delivery.running_calls import RunningCalls
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.messaging.signing import Signer
from libs.runtime.watchdog.work import Watchdog, disabled_watchdog


class RecordPublisher(Publisher, Protocol):
    """Publishes messages, and forwards records unchanged."""

    async def forward(self, *records: Outgoing) -> None:
        """Send as `publish` does: acknowledged, or Retryable; Rejected for records that no broker accepts."""
        ...


@dataclass(frozen=True)
class RuntimeContext:
    """Shared by every handler of a process. `log_id` identifies the broker's log; empty for a durable one."""

    signer: Signer
    publisher: RecordPublisher
    clock: Clock
    calls: RunningCalls = field(default_factory=RunningCalls)
    backoff: Backoff = field(default_factory=Backoff)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: CircuitBreakerLimits = field(default_factory=CircuitBreakerLimits)
    log_id: str = ""
    watchdog: Watchdog = field(default_factory=disabled_watchdog)

    async def publish(self, *messages: Message) -> None:
        """Publish; retry while the broker is unavailable. Raises Rejected for messages that no broker accepts."""
        await retry_until_available(
            lambda: self.publisher.publish(*messages), self.backoff, "publishing waits for the broker"
        )

    async def forward(self, *records: Outgoing) -> None:
        """Forward records; retries as `publish` does."""
        await retry_until_available(
            lambda: self.publisher.forward(*records), self.backoff, "passing on waits for the broker"
        )
