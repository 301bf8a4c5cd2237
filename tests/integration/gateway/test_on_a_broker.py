"""The same on brokers: claims, foreign partitions and the search of the log, with instances that start and stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from libs.adapters.kafka.topics import ensure_topics
from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.core.ids import accepted_at_of, new_response_id
from libs.ports.deltas import Delta
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.settings import BusSettings
from libs.testing.model_server import ModelServer, Reply, Rule
from libs.testing.native_kafka import native_kafka
from libs.testing.records import SIGNER
from libs.testing.stores import tansu
from tests.integration.gateway.test_holding import ready
from tests.integration.gateway.test_resuming import TEXT, WORDS, events_until, resumed, streaming
from tests.support.cluster import THEIRS, Cluster, Gateway, gateway, started
from tests.support.direct_cluster import MODEL, WEATHER, direct_gateway_of, sdk
from tests.support.gateway import answered, pieces
from tests.support.sse import Event

BROKERS = [
    pytest.param("tansu", marks=pytest.mark.embedded),
    pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.slow]),
]


@pytest.fixture(params=BROKERS)
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[BusSettings]:
    async with _embedded() if request.param == "tansu" else _native() as settings:
        await ensure_topics(settings)
        yield settings


@asynccontextmanager
async def _embedded() -> AsyncIterator[BusSettings]:
    async with tansu() as bootstrap:
        yield BusSettings(kafka_url=f"kafka://{bootstrap}", fetch_wait_ms=1, fetch_pause_ms=20, idempotent=False)


@asynccontextmanager
async def _native() -> AsyncIterator[BusSettings]:
    async with native_kafka() as started:
        yield BusSettings(kafka_url=f"kafka://{started.bootstrap}")


@asynccontextmanager
async def fleet_on(settings: BusSettings) -> AsyncIterator[BusPublisher]:
    """Yield the voice of the rest of the fleet."""
    bus = KafkaBus(settings)
    await bus.start()
    try:
        yield BusPublisher(bus, SIGNER)
    finally:
        await bus.stop()


def end_of(response: httpx.Response, text: str) -> AnswerFinished:
    response_id = response.headers["x-request-id"]
    return answered(text).opening(Origin(response_id, "default"))


async def begun_stream(cluster: Cluster, response: httpx.Response, words: list[str]) -> list[Event]:
    for delta in (Delta("promote", "p1.aa"), *pieces("p1.aa", words)):
        await cluster.deltas.append(response.headers["x-request-id"], delta)
    return await events_until(response, "".join(words))


async def text_told_by(instance: Gateway, response: httpx.Response) -> str:
    told: dict[str, str] = (await instance.get(response.headers["x-request-id"])).json()
    return told["output_text"]


async def test_instances_share_what_they_know_through_the_log(broker: BusSettings, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with fleet_on(broker) as fleet, gateway(cluster, 1, KafkaBus(broker)) as second:
        async with gateway(cluster, 0, KafkaBus(broker)) as first:
            async with streaming(first) as response:
                seen = await begun_stream(cluster, response, WORDS[:2])
                rest = started(resumed(second, seen[-1].id))
                await fleet.publish(end_of(response, TEXT))
                assert ("Water boils " + (await rest).text, (await rest).done) == (TEXT, True)
            await fleet.publish(end_of(response, "a second answer"))
            assert [await text_told_by(each, response) for each in (first, second)] == [TEXT] * 2
        assert await text_told_by(second, response) == TEXT
        await _assert_nothing_for_others(second, response.headers["x-request-id"])


async def _assert_nothing_for_others(instance: Gateway, response_id: str) -> None:
    foreign = await instance.get(response_id, authorization=f"Bearer {THEIRS}")
    never = await instance.get(new_response_id(0, accepted_at_of(response_id)))
    assert (foreign.status_code, never.status_code) == (404, 404)
    assert foreign.content == never.content


async def test_the_later_of_two_claims_holds_the_partition(broker: BusSettings, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    async with gateway(cluster, 0, KafkaBus(broker)) as old:
        await ready(old, 200)
        async with gateway(cluster, 0, KafkaBus(broker)) as new:
            await ready(old, 503)
            await ready(new, 200)
            assert (await old.ask()).json()["error"]["code"] == "instance_replaced"


async def test_what_one_model_answers_is_shown_and_ended_elsewhere(
    broker: BusSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.lookup.direct_lookup.ON_ITS_WAY_S", 20.0)  # as long as a machine may pause
    cluster, never = Cluster(tmp_path), Rule(Reply("Not soon.", delay_s=60), user="Later")
    async with (
        ModelServer((never, Rule(Reply("It is sunny.")))) as models,
        direct_gateway_of(cluster, 0, models, KafkaBus(broker)) as one,
        direct_gateway_of(cluster, 1, models, KafkaBus(broker)) as other,
        sdk(one) as client,
        sdk(other) as elsewhere,
    ):
        made = await client.responses.create(model=MODEL, input="Weather?", tools=[WEATHER])
        shown = await elsewhere.responses.retrieve(made.id)
        later = await client.responses.create(model=MODEL, input="Later", tools=[WEATHER], background=True)
        await models.log.wait_started(2)
        running = await elsewhere.responses.retrieve(later.id)
        ended = await elsewhere.responses.cancel(later.id)
        await models.log.wait_ended(2)
    assert (shown.output_text, shown.usage) == ("It is sunny.", made.usage)
    assert [each.status for each in (later, running, ended)] == ["queued", "in_progress", "cancelled"]
