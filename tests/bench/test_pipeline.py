"""The whole pipeline with null ports beside six raw hops of the same run: plan, experts, merge, critic, reply."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.topics import ANSWER_FINISHED
from libs.core.ids import new_response_id
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.messaging.signing import Signer
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service, Tail
from libs.runtime.settings import BusSettings
from libs.testing.keys import SIGNING_KEY
from tests.bench.figures import Figures
from tests.bench.measure import Effort, Once, interleaved
from tests.bench.raw_hop import raw_hop
from tests.support.null_ports import null_stages

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="session")]
HOPS = 6
GOAL = 2.5
QUESTION = Question(text="How large should the connection pools of a hospital's appointment service be? " * 8)


class Replies:
    """Waits for ends, as the gateway does."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[AnswerFinished]] = {}

    def wait_for(self, response_id: str) -> asyncio.Future[AnswerFinished]:
        self.waiting[response_id] = asyncio.get_running_loop().create_future()
        return self.waiting[response_id]


async def deliver(event: AnswerFinished, replies: Replies) -> None:
    """Deliver the first end."""
    if (future := replies.waiting.pop(event.envelope.response_id, None)) is not None:
        future.set_result(event)


@asynccontextmanager
async def pipeline(kafka: BusSettings, tasks: int) -> AsyncIterator[Once]:
    """Yield a call that accepts a question and returns with its answer."""
    replies, signer, bus = Replies(), Signer(SIGNING_KEY.encode()), KafkaBus(kafka)
    publisher = BusPublisher(bus, signer)
    gateway = Service("gateway", deps=replies, tails=(Tail(ANSWER_FINISHED, 0, deliver),))

    async def once() -> None:
        now = time.time()
        origin = Origin(new_response_id(0, now), "bench", deadline_at=now + 60, trace="00-00-00-00")
        opened = RequestOpened(question=QUESTION, model="bench", accepted_at=now).opening(origin)
        end = replies.wait_for(origin.response_id)
        await publisher.publish(opened)
        await publisher.publish(QuestionAsked(question=QUESTION).after(opened))
        assert (await end).outcome == "answered"

    async with Fleet([gateway, *null_stages(tasks)], bus, ProcessOptions(signer)):
        yield once


@pytest.mark.parametrize("rest_s", [0.0, 0.005], ids=["back to back", "at rest"])
@pytest.mark.parametrize("tasks", [1, 3, 4])
async def test_the_pipeline_beside_six_raw_hops(
    kafka: BusSettings, tasks: int, rest_s: float, figures: Figures
) -> None:
    """Every plan takes all six hops: experts that are not sure need the judge, a medical part needs the critic."""
    async with raw_hop(kafka) as raw, pipeline(kafka, tasks) as ours:
        found = await interleaved({"raw hop": raw, "pipeline": ours}, Effort(rounds=4, repetitions=60, rest_s=rest_s))
    for name, figure in found.items():
        print(f"\n{name:10} {figure}")
    ratio = found["pipeline"].p50_ms / (HOPS * found["raw hop"].p50_ms)
    name = f"pipeline of {tasks} tasks, rest {rest_s * 1000:g} ms, p50 as {HOPS} raw hops"
    figures.add(name, ratio, goal=f"<= {GOAL}")
