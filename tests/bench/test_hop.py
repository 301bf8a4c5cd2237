"""One hop: a message through our runtime beside a record through aiokafka alone, on the same broker in the same run."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from libs.contracts.origin import Origin
from libs.contracts.question import Question, QuestionAsked
from libs.core.ids import new_response_id
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service
from libs.runtime.settings import BusSettings
from libs.testing.keys import SIGNING_KEY
from tests.bench.figures import Figures
from tests.bench.measure import Effort, Once, interleaved
from tests.bench.raw_hop import VALUE, raw_hop

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="session")]
GOAL = 1.6


@asynccontextmanager
async def our_hop(kafka: BusSettings) -> AsyncIterator[Once]:
    """Yield a call that publishes one message and returns when its handler has it."""
    taken: asyncio.Queue[None] = asyncio.Queue()

    async def take(event: QuestionAsked, deps: object) -> None:
        taken.put_nowait(None)

    signer = Signer(SIGNING_KEY.encode())
    bus = KafkaBus(kafka)
    publisher = BusPublisher(bus, signer)

    async def once() -> None:
        now = time.time()
        origin = Origin(new_response_id(0, now), "bench", deadline_at=now + 60, trace="00-00-00-00")
        await publisher.publish(QuestionAsked(question=Question(text=VALUE.decode())).opening(origin))
        await taken.get()

    async with Fleet([Service("planner", handlers=(take,))], bus, ProcessOptions(signer)):
        yield once


@pytest.mark.parametrize("rest_s", [0.0, 0.005], ids=["back to back", "at rest"])
async def test_a_hop_through_the_runtime_beside_a_raw_one(kafka: BusSettings, rest_s: float, figures: Figures) -> None:
    async with raw_hop(kafka) as raw, our_hop(kafka) as ours:
        found = await interleaved(
            {"raw aiokafka": raw, "our runtime": ours}, Effort(rounds=6, repetitions=120, rest_s=rest_s)
        )
    for name, figure in found.items():
        print(f"\n{name:14} {figure}")
    ours_ms, raw_ms = found["our runtime"], found["raw aiokafka"]
    rest = f"rest {rest_s * 1000:g} ms"
    figures.add(f"hop, {rest}, ratio of p50 to raw aiokafka", ours_ms.p50_ms / raw_ms.p50_ms, goal=f"<= {GOAL}")
    figures.add(f"hop, {rest}, ratio of CPU to raw aiokafka", ours_ms.cpu_ms / raw_ms.cpu_ms)
