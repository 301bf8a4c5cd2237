"""Configuration and state shared by the group members of one process."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from libs.core.clock import Clock, SystemClock
from libs.runtime.kafka.acknowledged import AcknowledgedRecords
from libs.runtime.kafka.earlier_groups import CommittedOffsets, no_earlier_offsets
from libs.runtime.kafka.fetch_session import RELAXED_BYTES, RELAXED_WAIT_MS
from libs.runtime.kafka.publish_signal import PublishSignal
from libs.runtime.kafka.subscriber import OnError
from libs.runtime.settings import BusSettings
from libs.runtime.watchdog.work import Watchdog

# The fetch loop of an idle consumer looks for work at this interval. All events wake it: the default of 200 ms only
# cost CPU, five turns a second for each consumer.
FETCH_LOOP_MS = 5_000
HEARTBEAT_MS = 500  # a member detects a rebalance at a heartbeat
RELAXED_HEARTBEAT_MS = 2_000


@dataclass(frozen=True)
class ConsumerContext:
    """`instances` maps a service to its instance name; a service without one joins as a dynamic member.

    `earlier_offsets` finds what the groups of an earlier version have committed for a service.
    """

    settings: BusSettings
    on_error: OnError
    watchdog: Watchdog
    publish_signal: PublishSignal = field(default_factory=PublishSignal)
    acknowledged: AcknowledgedRecords = field(default_factory=AcknowledgedRecords)
    instances: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    earlier_offsets: Callable[[str, Collection[TopicPartition]], Awaitable[CommittedOffsets]] = no_earlier_offsets

    def member_name(self, service: str) -> str | None:
        """Static name of this process in the group of a service, None for a dynamic member."""
        instance = self.instances.get(service)
        return f"{service}.{instance}" if instance else None

    @property
    def supports_fetch_sessions(self) -> bool:
        """Whether the broker wakes a waiting fetch on new records; such brokers keep fetch sessions too."""
        return self.settings.fetch_pause_ms == 0

    def fetch_wait_ms(self, *, low_latency: bool) -> int:
        """Maximum wait of a fetch for records."""
        return self.settings.fetch_wait_ms if low_latency or self.supports_fetch_sessions else RELAXED_WAIT_MS

    def heartbeat_ms(self, *, low_latency: bool) -> int:
        return HEARTBEAT_MS if low_latency else RELAXED_HEARTBEAT_MS

    def fetch_min_bytes(self, *, low_latency: bool) -> int:
        """A fetch waits for this many bytes, at most for `fetch_wait_ms`."""
        return 1 if low_latency else RELAXED_BYTES
