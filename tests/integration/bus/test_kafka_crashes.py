"""Processes of one group on a real Kafka: killed, back again, and two under one name."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

import libs
from libs.adapters.kafka_topics import ensure_topics
from libs.core.clock import SystemClock
from libs.embedded.guarded import Guarded
from libs.embedded.job import Job
from libs.runtime.kafka import KafkaBus
from libs.runtime.kafka_commits import COMMIT_INTERVAL_S
from libs.runtime.kafka_consumer import SESSION_TIMEOUT_MS
from libs.runtime.settings import BusSettings
from libs.testing.bus_suite.listener import eventually
from libs.testing.bus_suite.talk import new_service, say, tool_runs
from libs.testing.diary_worker import CONCURRENCY, FAILED, Entry, entries_of
from libs.testing.native_kafka import NativeKafka, native_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

CLOCK = SystemClock()
ROOT = Path(libs.__file__).parent.parent
COMMIT_S = 0.3  # from the end of an interval until the broker has the commit, on a machine that is busy
MESSAGES = 4000
KILLS = 5
BACK_AT_WORK_S = 3.0


@pytest.fixture
async def broker() -> AsyncIterator[NativeKafka]:
    """A broker for each test: what one has sent would be work for the next."""
    async with native_kafka() as started:
        yield started


@pytest.fixture
async def settings(broker: NativeKafka) -> BusSettings:
    settings = BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
    await ensure_topics(settings)
    return settings


@dataclass
class Group:
    """Workers of one service with one diary."""

    settings: BusSettings
    service: str
    folder: Path

    @property
    def diary(self) -> Path:
        return self.folder / "diary"

    async def start(self, instance: str) -> Guarded:
        worker = ("-m", "libs.testing.diary_worker", self.settings.bootstrap, self.service, instance, str(self.diary))
        return await Guarded.start(Job((sys.executable, *worker), self.folder / "log", ROOT, None, grace_s=5))

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


@pytest.fixture
def group(settings: BusSettings, tmp_path: Path) -> Group:
    return Group(settings, new_service(), tmp_path)


async def send(settings: BusSettings, count: int) -> None:
    bus = KafkaBus(settings)
    await bus.start()
    await say(bus, *tool_runs(*map(str, range(count))))
    await bus.stop()


async def killed(process: Guarded) -> float:
    """Kill a process; return when."""
    process.kill()
    at = CLOCK.monotonic()
    await process.wait()
    await process.stop()
    return at


async def test_a_crash_repeats_what_was_in_flight_and_one_commit_interval(settings: BusSettings, group: Group) -> None:
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
    assert all(committed_too_late(first, kills) for first in again)
    assert unfinished <= KILLS * CONCURRENCY


def repeats(entries: Sequence[Entry]) -> tuple[list[float], int]:
    """Return when that was done which was done again later, and how often something was begun again that was not."""
    done: dict[str, list[float]] = {}
    begun = Counter(entry.record for entry in entries if entry.what == "began")
    for entry in entries:
        if entry.what == "done":
            done.setdefault(entry.record, []).append(entry.at)
    again = [first for times in done.values() for first, _ in pairwise(times)]
    return again, sum(begun.values()) - sum(map(len, done.values()))


def committed_too_late(at: float, kills: Sequence[float]) -> bool:
    return any(0 <= kill - at <= COMMIT_INTERVAL_S + COMMIT_S for kill in kills)


async def test_a_process_that_was_killed_is_back_at_work_at_once(settings: BusSettings, group: Group) -> None:
    await send(settings, 100)
    process = await group.start_ready("0")
    await group.until_done(100)
    await asyncio.sleep(2 * COMMIT_INTERVAL_S)  # so that there is nothing to repeat, and the first work is new
    await killed(process)
    await send(settings, 20)
    started = CLOCK.monotonic()
    process = await group.start("0")
    await group.until_done(120)
    first = min(entry.at for entry in group.entries("began") if entry.at > started)
    await process.stop()
    print(f"\nback at work {first - started:.2f} s after its start")  # noqa: T201
    assert first - started <= BACK_AT_WORK_S


async def test_of_two_processes_with_one_name_the_older_one_ends(settings: BusSettings, group: Group) -> None:
    older = await group.start_ready("0")
    newer = await group.start_ready("0")
    async with asyncio.timeout(20):
        assert await older.wait() == FAILED
    await older.stop()
    await send(settings, 200)
    await group.until_done(200)
    assert not newer.has_ended()
    assert set(group.done().values()) == {1}
    await newer.stop()
    assert newer.exit_code == 0


async def test_a_member_that_is_stopped_leaves_its_partitions_to_the_others_at_once(
    settings: BusSettings, group: Group
) -> None:
    staying, leaving = await group.start_ready("0"), await group.start_ready("1")
    await leaving.stop()
    assert leaving.exit_code == 0
    await send(settings, 200)
    began = CLOCK.monotonic()
    await group.until_done(200)
    took_s = CLOCK.monotonic() - began
    await staying.stop()
    assert took_s < 5  # the session of a member that says nothing lasts six seconds


async def test_a_member_that_was_suspended_comes_back_and_nothing_is_lost(settings: BusSettings, group: Group) -> None:
    sleeping, other = await group.start_ready("0"), await group.start_ready("1")
    await send(settings, MESSAGES)
    await group.until_done(MESSAGES // 10)
    process = psutil.Process(sleeping.pid)
    process.suspend()
    await asyncio.sleep(SESSION_TIMEOUT_MS / 1000 + 2)  # until the others have its partitions
    process.resume()
    await group.until_done(MESSAGES)
    assert not sleeping.has_ended()
    assert not other.has_ended()
    again, _ = repeats(group.entries("began", "done"))
    print(f"\none of two suspended for a session: {len(again)} of {MESSAGES} records repeated")  # noqa: T201
    assert len(again) < MESSAGES // 10
    await asyncio.gather(sleeping.stop(), other.stop())
    assert (sleeping.exit_code, other.exit_code) == (0, 0)


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
