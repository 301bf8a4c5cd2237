"""A member that joins and leaves again and again, while records flow: how long records wait, beside calm times.

The steady member reads records of another process and its own; the other member has a consumer group in common with it.
"""

import asyncio
import time
from dataclasses import dataclass, field

import pytest

from libs.contracts.topics import PROGRESS, RUN_TOOL
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.messaging.codec import encode
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.messages import facts, new_service, tool_runs
from libs.testing.records import SIGNER
from libs.testing.waiting import eventually
from tests.bench.figures import Figures

pytestmark = [pytest.mark.lengthy, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="session")]
CHANGES = 100  # joins and leaves
PACE_S = 0.01
CALM_S = 10.0
STAY_S = 0.6  # a member that leaves before its first fetch would only keep its partitions from the other
LONG_S = 1.0


@dataclass
class Delays:
    """Seconds from publishing a record to its handler, by the text of the record."""

    sent: dict[bytes, float] = field(default_factory=dict)
    found: dict[bytes, float] = field(default_factory=dict)
    earlier: "Delays | None" = None

    def note(self, value: bytes) -> None:
        if value in self.sent:
            self.found.setdefault(value, time.monotonic() - self.sent[value])
        elif self.earlier is not None:
            self.earlier.note(value)

    def over(self, seconds: float) -> int:
        return sum(delay > seconds for delay in self.found.values())

    def __str__(self) -> str:
        p50, p99, longest = (self.quantile(share) * 1000 for share in (0.5, 0.99, 1))
        late = f"{self.over(LONG_S)} of {len(self.found)} over {LONG_S:g} s"
        return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.0f} ms, {late}"

    def quantile(self, share: float) -> float:
        delays = sorted(self.found.values())
        return delays[min(len(delays) - 1, int(share * len(delays)))]


class Load:
    """Publishes records at a steady pace, from the member itself and from another process in turn."""

    def __init__(self, own: KafkaBus, other: KafkaBus) -> None:
        self._buses = (own, other)
        self.delays = Delays()
        self._number = 0

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._number += 1
            words = (f"r{self._number}",)
            (message,) = tool_runs(*words) if self._number % 2 else facts(*words)
            (record, *_) = encode(message, SIGNER)
            self.delays.sent[record.value] = time.monotonic()
            await self._buses[self._number // 2 % 2].send([record])
            await asyncio.sleep(PACE_S)

    def begin_anew(self) -> Delays:
        """Delays so far; those of later records are counted anew, and records on their way with the earlier ones."""
        earlier, self.delays = self.delays, Delays(earlier=self.delays)
        return earlier


async def test_records_wait_little_while_members_join_and_leave(kafka: BusSettings, figures: Figures) -> None:
    service, steady, other = new_service(), KafkaBus(kafka), KafkaBus(kafka)
    load = Load(steady, other)

    async def take(delivery: Delivery) -> None:
        load.delays.note(delivery.record.value)
        delivery.done()

    def member(bus: KafkaBus) -> KafkaBus:
        bus.add(Subscription(service, RUN_TOOL.name, take))
        bus.add(Subscription(service, PROGRESS.name, take, ordered=True))
        return bus

    await member(steady).start()
    await other.start()
    publishing = asyncio.get_running_loop().create_task(load.run())
    try:
        await asyncio.sleep(CALM_S)
        calm = load.begin_anew()
        for _ in range(CHANGES // 2):
            guest = member(KafkaBus(kafka))
            await guest.start()
            await asyncio.sleep(STAY_S)
            await guest.stop()
            await asyncio.sleep(STAY_S)
        changing = load.begin_anew()
        await eventually(lambda: changing.sent.keys() == changing.found.keys(), within_s=60)
    finally:
        publishing.cancel()
        await other.stop()
        await steady.stop()
    for name, delays in (("calm", calm), ("changing", changing)):
        print(f"\n{name:9} {delays}")
    assert len(changing.found) > CHANGES
    figures.add(f"records over {LONG_S:g} s in {CHANGES} joins and leaves", changing.over(LONG_S), goal="<= 0")
