"""Replicas of a stage: messages for each CPU second of four processes beside those of one, on the same broker.

Where four replicas and a broker share two cores, the same work costs more CPU seconds: caches, and threads of one core.
So one replica is measured twice, alone and while three processes do nothing but burn CPU.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.origin import Origin
from libs.contracts.plan import ToolCall
from libs.contracts.tool import RunTool
from libs.contracts.topics import PROGRESS
from libs.core.ids import new_response_id
from libs.runtime.kafka.acknowledged import AcknowledgedRecords
from libs.runtime.kafka.producer import KafkaProducer
from libs.runtime.messaging.codec import encode
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings import BusSettings
from libs.testing.keys import SIGNING_KEY
from libs.testing.native_kafka import native_kafka
from libs.testing.processes import ProcessContext, ServerProcess, moe_process, start_all, stop_all
from tests.bench.figures import Figures
from tests.support.fleet_processes import Stores, variables_of
from tests.support.process_cpu import cpu_s

pytestmark = [pytest.mark.lengthy, pytest.mark.kafka, pytest.mark.asyncio(loop_scope="session")]
GOAL = 0.85
REPLICAS = 4
MESSAGES = 6000
WARM_UP = 1000
ROUNDS = 1
DONE_WITHIN_S = 600.0
NOBODY = "redis://127.0.0.1:9"
DAYS = ToolCall(tool="date_diff", arguments={"date1": "2026-01-01", "date2": "2026-02-25"})
ALONE, CROWDED, FOUR = "one replica", "one replica on a busy machine", "four replicas"


async def test_four_replicas_beside_one(tmp_path: Path, figures: Figures) -> None:
    async with native_kafka() as broker:
        settings = BusSettings(kafka_url=f"kafka://{broker.bootstrap}")
        await ensure_topics(settings)
        variables = variables_of(Stores(broker.bootstrap, NOBODY, ""), "http://127.0.0.1:9", tmp_path)
        place = ProcessContext(variables, tmp_path)
        spent: dict[str, list[float]] = {ALONE: [], CROWDED: [], FOUR: []}
        for number in range(ROUNDS + 1):
            for name, times in spent.items():
                hogs, count = REPLICAS - 1 if name == CROWDED else 0, REPLICAS if name == FOUR else 1
                async with _burning(hogs), _replicas(place, count) as replicas:
                    cpu_ms = await _cpu_ms_a_message(settings, replicas)
                if number > 0:  # the first round warms the broker up
                    times.append(cpu_ms)
    for name, times in spent.items():
        print(f"\n{name:30} CPU ms a message {', '.join(f'{each:.3f}' for each in times)}")
    for name in (ALONE, CROWDED):
        ratio = min(spent[name]) / min(spent[FOUR])
        figures.add(f"messages for a CPU second, four replicas / {name}", ratio, goal=f">= {GOAL}")


@asynccontextmanager
async def _burning(count: int) -> AsyncIterator[None]:
    """Keep so many processes busy with nothing."""
    command = (sys.executable, "-c", "while True: pass")
    processes = [await asyncio.create_subprocess_exec(*command) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            await process.wait()


@asynccontextmanager
async def _replicas(place: ProcessContext, count: int) -> AsyncIterator[Sequence[ServerProcess]]:
    """Run so many processes of the tools' stage."""
    places = [
        ProcessContext({**place.variables, "MOE_INSTANCE_ORDINAL": str(number)}, place.folder)
        for number in range(count)
    ]
    processes = [moe_process(own, "serve", "mcp", name=f"mcp-{number}") for number, own in enumerate(places)]
    await start_all(processes)
    try:
        yield processes
    finally:
        assert set((await stop_all(processes)).values()) == {0}


async def _cpu_ms_a_message(settings: BusSettings, replicas: Sequence[ServerProcess]) -> float:
    """Publish more commands than can run at once; return the replicas' CPU for each when all are done."""
    producer = KafkaProducer(settings, AcknowledgedRecords())
    reader = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    await reader.start()
    try:
        facts = [TopicPartition(PROGRESS.name, number) for number in range(await producer.partitions(PROGRESS.name))]
        await reader._client.set_topics([PROGRESS.name])
        await _done(producer, lambda: _told(reader, facts), WARM_UP)
        before = sum(map(cpu_s, replicas))
        await _done(producer, lambda: _told(reader, facts), MESSAGES)
        return (sum(map(cpu_s, replicas)) - before) / MESSAGES * 1000
    finally:
        await reader.stop()
        await producer.stop()


async def _done(producer: KafkaProducer, told: Callable[[], Awaitable[int]], count: int) -> None:
    """Publish `count` commands and return when all are done."""
    signer, done = Signer(SIGNING_KEY.encode()), await told()
    await producer.send([record for _ in range(count) for record in encode(_command(), signer)])
    async with asyncio.timeout(DONE_WITHIN_S):
        while await told() < done + count:  # noqa: ASYNC110 - another process gives no event
            await asyncio.sleep(0.05)


def _command() -> RunTool:
    now = time.time()
    origin = Origin(new_response_id(0, now), "bench", deadline_at=now + DONE_WITHIN_S, trace="00-00-00-00")
    return RunTool(part="days", call=DAYS).opening(origin)


async def _told(reader: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> int:
    return sum((await reader.end_offsets(partitions)).values())
