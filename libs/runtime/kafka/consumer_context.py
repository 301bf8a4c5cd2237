"""What the group members of one process share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from libs.core.clock import Clock, SystemClock
from libs.runtime.kafka.publish_signal import PublishSignal
from libs.runtime.kafka.subscriber import OnError
from libs.runtime.messaging.bus import Subscription
from libs.runtime.settings import BusSettings
from libs.runtime.watchdog.work import Watchdog

# Nobody waits for what a relaxed feed does, so it takes its records together: half of all fetches were such a feed's.
RELAXED_FETCH_WAIT_MS = 500
RELAXED_FETCH_BYTES = 256 * 1024
HEARTBEAT_MS = 500  # a rebalance is heard of with a heartbeat
RELAXED_HEARTBEAT_MS = 2_000


@dataclass(frozen=True)
class ConsumerContext:
    """`instances` maps a service to the name of this instance of it; a service without one joins as a passer-by."""

    settings: BusSettings
    on_error: OnError
    watchdog: Watchdog
    publish_signal: PublishSignal = field(default_factory=PublishSignal)
    instances: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)

    def member_name(self, feed: Subscription) -> str | None:
        """Return the static name of this process in a feed's group, None for a passer-by."""
        instance = self.instances.get(feed.service)
        return f"{feed.group}.{instance}" if instance else None

    @property
    def supports_fetch_sessions(self) -> bool:
        """Return whether the broker wakes a waiting fetch, as those do that keep sessions of them."""
        return self.settings.fetch_pause_ms == 0

    def fetch_wait_ms(self, feed: Subscription) -> int:
        """Return how long a fetch may wait for records."""
        return self.settings.fetch_wait_ms if feed.low_latency else RELAXED_FETCH_WAIT_MS

    def heartbeat_ms(self, feed: Subscription) -> int:
        """Return how often a member says that it is there."""
        return HEARTBEAT_MS if feed.low_latency else RELAXED_HEARTBEAT_MS

    def fetch_min_bytes(self, feed: Subscription) -> int:
        """Return how much a fetch waits for, at most for `fetch_wait_ms`."""
        return 1 if feed.low_latency else RELAXED_FETCH_BYTES
