"""A process that works on a topic and keeps a diary: its arguments are broker, service, instance, the diary's path, and
how many seconds its session lasts where that is not the usual time.

It works 40 ms on a record, and a good second on one in a hundred. It ends with code 3 when its bus fails.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.topics import RUN_TOOL
from libs.core.clock import SystemClock
from libs.runtime.kafka import commits, offsets, subscriber
from libs.runtime.kafka import consumer as kafka_consumer
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.ledger.partition import Progress
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.runtime.settings import BusSettings
from libs.runtime.telemetry import configure_logging

WORK_S = 0.04
SLOW_WORK_S = 1.5
ONE_IN = 100
CONCURRENCY = 16
FAILED = 3
SESSION_TIMEOUT_S = 20.0  # for the broker's answers, which a busy machine delays


@dataclass(frozen=True, slots=True)
class Entry:
    """Event of a record, its time on the machine's monotonic clock, and the instance."""

    what: str  # "ready", a record that "began" or was "done", or the begin of a commit that was "committed"
    record: str
    at: float
    instance: str

    @classmethod
    def read(cls, line: str) -> "Entry":
        what, record, at, instance = line.split()
        return cls(what, record, float(at), instance)


class Diary:
    """Lines of one file that several processes append to."""

    def __init__(self, path: Path, instance: str) -> None:
        self._clock = SystemClock()
        self._instance = instance
        self._file = path.open("a", buffering=1)  # one write a line: it is whole, or not there

    def write(self, what: str, record: str = "-", at: float | None = None) -> None:
        """Write down what happens now, or what began at a time."""
        self._file.write(f"{what} {record} {self._clock.monotonic() if at is None else at} {self._instance}\n")

    def record_commits(self) -> None:
        """Record every commit that the broker accepted, with the time of its creation."""
        plain_commit = offsets.commit

        async def commit(consumer: AIOKafkaConsumer, due: Mapping[TopicPartition, Progress], max_chars: int) -> None:
            began = self._clock.monotonic()
            await plain_commit(consumer, due, max_chars)
            self.write("committed", at=began)

        commits.commit = commit  # type: ignore[attr-defined]  # the name by which it is called there


def entries_of(path: Path) -> list[Entry]:
    """Entries so far; the last line may be half written."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [Entry.read(line) for line in lines]


async def work(broker: str, service: str, instance: str, diary: Diary) -> int:
    """Work until SIGTERM, or until the bus fails; return the exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def process(delivery: Delivery) -> None:
        record = delivery.record
        name = f"{record.partition}/{record.offset}"
        diary.write("began", name)
        await asyncio.sleep(SLOW_WORK_S if record.offset % ONE_IN == ONE_IN // 2 else WORK_S)
        diary.write("done", name)
        delivery.done()

    bus = KafkaBus(BusSettings(kafka_url=f"kafka://{broker}"), {service: instance})
    bus.add(Subscription(service, RUN_TOOL.name, process, concurrency=CONCURRENCY))
    await bus.start()
    diary.write("ready")
    await _first_of(stop, bus.failed)
    await bus.stop()
    return FAILED if bus.failed.is_set() else 0


async def _first_of(*events: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(event.wait()) for event in events]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


def use_session_timeout(session_s: float | None) -> None:
    """Wait for an available broker. With a session timeout, no member expires sooner."""
    commits.COMMIT_TIMEOUT_S = subscriber.LEAVE_TIMEOUT_S = SESSION_TIMEOUT_S
    if session_s is not None:
        kafka_consumer.SESSION_TIMEOUT_MS = kafka_consumer.REBALANCE_TIMEOUT_MS = int(session_s * 1000)


if __name__ == "__main__":
    configure_logging("INFO")
    broker, service, instance, path, *session = sys.argv[1:]
    use_session_timeout(float(session[0]) if session else None)
    diary = Diary(Path(path), instance)
    diary.record_commits()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(work(broker, service, instance, diary)))
