"""Processes of one group on a real Kafka: killed, restarted, and two under one name.

No timing is asserted: where a process must work at once, sessions outlast the test.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

import libs
from libs.adapters.kafka.topics import ensure_topics
from libs.core.clock import SystemClock
from libs.embedded.guarded import Guarded
from libs.embedded.job import Job
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.kafka.consumer import SESSION_TIMEOUT_MS
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.messages import new_service, publish_messages, tool_runs
from libs.testing.diary_worker import CONCURRENCY, FAILED, Entry, entries_of
from libs.testing.native_kafka import NativeKafka, native_kafka
from libs.testing.waiting import eventually as eventually_within
from libs.testing.waiting import waiting

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

CLOCK = SystemClock()
ROOT = Path(libs.__file__).parent.parent
MESSAGES = 4000
KILLS = 5
LONG_SESSION_S = 600.0
GRACE_S = 60.0
# A diary is long: reading it all the time would take a core.
eventually = partial(eventually_within, look_every_s=0.1, within_s=300.0)


@pytest.fixture
async def broker() -> AsyncIterator[NativeKafka]:
    """A broker for each test: records of one test would be work for the next."""
    async with native_kafka() as started:
        yield started


@pytest.fixture
async def settings(broker: NativeKafka) -> BusSettings:
    settings = BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
    await ensure_topics(settings)
    return settings


@dataclass
class Group:
    """Workers of one service with one diary. `session`: how long theirs last, where not as usual."""

    settings: BusSettings
    service: str
    folder: Path
    session: tuple[str, ...] = ()

    @property
    def diary(self) -> Path:
        return self.folder / "diary"

    async def start(self, instance: str) -> Guarded:
        worker = ("-m", "libs.testing.diary_worker", self.settings.bootstrap, self.service, instance, str(self.diary))
        command = (sys.executable, *worker, *self.session)
        return await Guarded.start(Job(command, self.folder / "log", ROOT, None, grace_s=GRACE_S))

    async def start_ready(self, instance: str) -> Guarded:
        before = self.count("ready")
        started = await self.start(instance)
        await eventually(lambda: self.count("ready") > before)
        return started

    def entries(self, *what: str) -> list[Entry]:
        return [entry for entry in entries_of(self.diary) if entry.what in what]

    def count(self, what: str) -> int:
        return len(self.entries(what))

    def done(self) -> Counter[str]:
        return Counter(entry.record for entry in self.entries("done"))

    async def until_done(self, count: int) -> None:
        """Wait until so many records were done, each at least once."""
        await eventually(lambda: len(self.done()) >= count)

    async def until_committed(self) -> None:
        """Wait until the broker has taken a commit of all that was done."""
        last = max(entry.at for entry in self.entries("done"))
        await eventually(lambda: any(entry.at > last for entry in self.entries("committed")))


@pytest.fixture
def group(settings: BusSettings, tmp_path: Path) -> Group:
    return Group(settings, new_service(), tmp_path)


@pytest.fixture
def long_lived(settings: BusSettings, tmp_path: Path) -> Group:
    """A group whose sessions outlast a test."""
    return Group(settings, new_service(), tmp_path, (str(LONG_SESSION_S),))


async def send(settings: BusSettings, count: int) -> None:
    bus = KafkaBus(settings)
    await bus.start()
    await publish_messages(bus, *tool_runs(*map(str, range(count))))
    await bus.stop()


async def killed(process: Guarded) -> float:
    """Kill a process; return when it has ended."""
    process.kill()
    await process.wait()
    at = CLOCK.monotonic()
    await process.stop()
    return at


@pytest.mark.whole  # chaos kills in a landing too
async def test_a_crash_repeats_what_was_in_flight_and_not_yet_committed(settings: BusSettings, group: Group) -> None:
    await send(settings, MESSAGES)
    kills = []
    for _ in range(KILLS):
        process = await group.start_ready("0")
        await group.until_done(len(group.done()) + MESSAGES // (KILLS + 2))
        kills.append(await killed(process))
    process = await group.start_ready("0")
    await group.until_done(MESSAGES)
    await process.stop()
    again, unfinished = repeats(group.entries("began", "done"))
    print(f"\n{KILLS} kills, {MESSAGES} records: {len(again)} repeated, {unfinished} begun again")  # noqa: T201
    commits = [entry.at for entry in group.entries("committed")]
    assert commits
    assert [first.record for first, _ in again if not lost_with(first, kills, commits)] == []
    assert unfinished <= KILLS * CONCURRENCY


def repeats(entries: Sequence[Entry]) -> tuple[list[tuple[Entry, Entry]], int]:
    """Records done twice, and the number of restarts of records that were not done."""
    done: dict[str, list[Entry]] = {}
    begun = Counter(entry.record for entry in entries if entry.what == "began")
    for entry in entries:
        if entry.what == "done":
            done.setdefault(entry.record, []).append(entry)
    again = [pair for times in done.values() for pair in pairwise(times)]
    return again, sum(begun.values()) - sum(map(len, done.values()))


def lost_with(first: Entry, ends: Sequence[float], commits: Sequence[float]) -> bool:
    """Whether the knowledge that something was done was lost with its process, of which these are the ends."""
    end = next((end for end in ends if end >= first.at), None)
    return end is not None and not any(first.at < commit <= end for commit in commits)


async def test_a_process_that_was_killed_is_back_at_work_at_once(settings: BusSettings, long_lived: Group) -> None:
    await send(settings, 100)
    process = await long_lived.start_ready("0")
    await long_lived.until_done(100)
    await long_lived.until_committed()  # so that there is nothing to repeat, and the first work is new
    await killed(process)
    await send(settings, 20)
    started = CLOCK.monotonic()
    process = await long_lived.start("0")
    await long_lived.until_done(120)
    first = min(entry.at for entry in long_lived.entries("began") if entry.at > started)
    await process.stop()
    print(f"\nback at work {first - started:.2f} s after its start (goal <= 3)")  # noqa: T201
    assert set(long_lived.done().values()) == {1}


async def test_of_two_processes_with_one_name_the_older_one_ends(settings: BusSettings, group: Group) -> None:
    older = await group.start_ready("0")
    newer = await group.start_ready("0")
    async with waiting(GRACE_S):
        assert await older.wait() == FAILED
    await older.stop()
    await send(settings, 200)
    await group.until_done(200)
    assert not newer.has_ended()
    assert set(group.done().values()) == {1}
    await newer.stop()
    assert newer.exit_code == 0


async def test_a_member_that_is_stopped_leaves_its_partitions_to_the_others_at_once(
    settings: BusSettings, long_lived: Group
) -> None:
    staying, leaving = await long_lived.start_ready("0"), await long_lived.start_ready("1")
    await leaving.stop()
    assert leaving.exit_code == 0
    await send(settings, 200)
    await long_lived.until_done(200)  # not before their session has expired, without a leave
    await staying.stop()
    assert {entry.instance for entry in long_lived.entries("done")} == {"0"}


async def test_a_member_that_was_suspended_comes_back_and_nothing_is_lost(settings: BusSettings, group: Group) -> None:
    sleeping, other = await group.start_ready("0"), await group.start_ready("1")
    await send(settings, MESSAGES)
    await group.until_done(MESSAGES // 10)
    process = psutil.Process(sleeping.pid)
    process.suspend()
    suspended = CLOCK.monotonic()
    await asyncio.sleep(SESSION_TIMEOUT_MS / 1000 + 2)  # until the others have its partitions
    process.resume()
    await group.until_done(MESSAGES)
    assert not sleeping.has_ended()
    assert not other.has_ended()
    again, _ = repeats(group.entries("began", "done"))
    print(f"\none of two suspended for a session: {len(again)} of {MESSAGES} records repeated")  # noqa: T201
    commits = [entry.at for entry in group.entries("committed") if entry.instance == "0"]
    before = [first for first, _ in again if first.instance == "0" and first.at <= suspended]
    assert [first.record for first in before if not lost_with(first, [suspended], commits)] == []
    assert len(again) - len(before) < MESSAGES // 10
    await asyncio.gather(sleeping.stop(), other.stop())
    assert (sleeping.exit_code, other.exit_code) == (0, 0)


@pytest.mark.whole  # chaos kills in a landing too
async def test_a_broker_that_is_killed_under_load_costs_time_and_nothing_else(
    broker: NativeKafka, settings: BusSettings, group: Group
) -> None:
    await send(settings, MESSAGES // 2)
    process = await group.start_ready("0")
    await group.until_done(MESSAGES // 8)
    broker.kill()
    await broker.restart()
    back = CLOCK.monotonic()
    await send(settings, MESSAGES // 8)
    await group.until_done(MESSAGES // 2 + MESSAGES // 8)
    assert not process.has_ended()
    again, _ = repeats(group.entries("began", "done"))
    took_s = CLOCK.monotonic() - back
    print(f"\nbroker killed: new work done {took_s:.1f} s after its return, {len(again)} records repeated")  # noqa: T201
    assert not again
    await process.stop()
