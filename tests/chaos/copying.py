"""Publishes the records of all topics again: `python -m tests.chaos.copying BOOTSTRAP SEED`, until SIGTERM.

Every new record is followed by one to four copies, byte for byte and on its own partition, each
after up to `WINDOW_S` seconds, so in random order. A copy is not copied. At the end the positions are printed as JSON:
pairs of a copy and its original.
"""

import asyncio
import heapq
import random
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from libs.contracts.catalogue import TOPICS
from libs.contracts.record import Record
from libs.core.clock import SystemClock
from libs.runtime.kafka.subscriber import record_of
from tests.chaos.collecting import position_of
from tests.chaos.evidence import Position

MOST = 4
WINDOW_S = 3.0
LARGEST_BYTES = 4 << 20
READY = "copying"
_POLL_MS = 50
_CLOCK = SystemClock()


@dataclass
class Plan:
    """Records to republish, with their times. `made` finds the original of each copy."""

    chance: random.Random
    made: dict[Position, Position] = field(default_factory=dict)
    _due: list[tuple[float, int, Record]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def heard(self, records: Iterable[Record], now: float) -> None:
        """Plan the copies of those records that are no copies."""
        for record in records:
            if position_of(record) in self.made:
                continue
            for _ in range(self.chance.randint(1, MOST)):
                at = now + self.chance.uniform(0, WINDOW_S)
                heapq.heappush(self._due, (at, next(self._numbers), record))

    def due(self, now: float) -> list[Record]:
        ready = []
        while self._due and self._due[0][0] <= now:
            ready.append(heapq.heappop(self._due)[2])
        return ready


async def copy(bootstrap: str, plan: Plan, stopped: asyncio.Event) -> None:
    """Copy until `stopped`. The offset of a copy is known before any later record is read."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=LARGEST_BYTES)
    async with consumer, producer:
        await _from_now_on(consumer)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        while not stopped.is_set():
            batches = await consumer.getmany(timeout_ms=_POLL_MS)
            plan.heard((record_of(record) for batch in batches.values() for record in batch), _CLOCK.monotonic())
            again = plan.due(_CLOCK.monotonic())
            lie = await asyncio.gather(*[_again(producer, record) for record in again])
            plan.made.update(zip(lie, map(position_of, again), strict=True))


async def _from_now_on(consumer: AIOKafkaConsumer) -> None:
    await consumer._client.set_topics([topic.name for topic in TOPICS])
    consumer.assign(
        [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            for number in consumer.partitions_for_topic(topic.name) or ()
        ]
    )
    await consumer.seek_to_end()
    for partition in consumer.assignment():
        await consumer.position(partition)


async def _again(producer: AIOKafkaProducer, record: Record) -> Position:
    lies = await producer.send_and_wait(
        record.topic,
        record.value,
        key=record.key,
        partition=record.partition,
        headers=list(record.headers),
    )
    return (record.topic, record.partition, int(lies.offset))


async def main(bootstrap: str, seed: int) -> None:
    stopped, plan = asyncio.Event(), Plan(random.Random(seed))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await copy(bootstrap, plan, stopped)
    sys.stdout.write(orjson.dumps(list(plan.made.items())).decode())


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
