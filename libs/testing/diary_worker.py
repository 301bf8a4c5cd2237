"""A process that works on a topic and keeps a diary; its arguments are broker, service, instance and the diary's path.

It works 40 ms on a record, and a good second on one in a hundred. It ends with code 3 when its bus fails.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import uvloop

from libs.contracts.topics import RUN_TOOL
from libs.core.clock import SystemClock
from libs.runtime.bus import Delivery, Feed
from libs.runtime.kafka import KafkaBus
from libs.runtime.settings import BusSettings
from libs.runtime.telemetry import configure_logging

WORK_S = 0.04
SLOW_WORK_S = 1.5
ONE_IN = 100
CONCURRENCY = 16
FAILED = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a record and when, on the machine's monotonic clock."""

    what: str  # "ready", or a record that "began" or was "done"
    record: str
    at: float

    @classmethod
    def read(cls, line: str) -> "Entry":
        what, record, at = line.split()
        return cls(what, record, float(at))


class Diary:
    """Lines of one file that several processes append to."""

    def __init__(self, path: Path) -> None:
        self._clock = SystemClock()
        self._file = path.open("a", buffering=1)  # one write a line: it is whole, or not there

    def note(self, what: str, record: str = "-") -> None:
        self._file.write(f"{what} {record} {self._clock.monotonic()}\n")


def entries_of(path: Path) -> list[Entry]:
    """Return what was noted so far; the last line may be half written."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [Entry.read(line) for line in lines]


async def work(broker: str, service: str, instance: str, diary: Diary) -> int:
    """Work until SIGTERM, or until the bus fails; return the exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def process(delivery: Delivery) -> None:
        record = delivery.record
        name = f"{record.partition}/{record.offset}"
        diary.note("began", name)
        await asyncio.sleep(SLOW_WORK_S if record.offset % ONE_IN == ONE_IN // 2 else WORK_S)
        diary.note("done", name)
        delivery.done()

    bus = KafkaBus(BusSettings(kafka_url=f"kafka://{broker}"), {service: instance})
    bus.add(Feed(service, RUN_TOOL.name, process, concurrency=CONCURRENCY))
    await bus.start()
    diary.note("ready")
    await _first_of(stop, bus.failed)
    await bus.stop()
    return FAILED if bus.failed.is_set() else 0


async def _first_of(*events: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(event.wait()) for event in events]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


if __name__ == "__main__":
    configure_logging("INFO")
    broker, service, instance, path = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(work(broker, service, instance, Diary(Path(path)))))
