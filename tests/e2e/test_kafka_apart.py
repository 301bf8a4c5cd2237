"""Every service is a separate process on a real Apache Kafka."""

import json

import pytest

from libs.testing.model_server import ModelServer
from libs.testing.processes import moe
from libs.testing.waiting import waiting
from moe.registry import SERVICES
from tests.support.fleet_processes import FleetHarness

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

QUESTION = "How large should connection pools be, see #{}?"


async def test_three_experts_are_merged_into_one_answer(harness: FleetHarness, models: ModelServer) -> None:
    models.log.forget()
    answer = await harness.answer(QUESTION.format("a1"))
    assert answer.text.startswith("The joint answer to #a1")
    stages = sorted(call.stage for call in models.calls)
    assert stages == ["expert", "expert", "expert", "judge", "planner"]


async def test_an_answer_is_streamed_while_it_is_written(harness: FleetHarness) -> None:
    stream = await harness.stream(QUESTION.format("words1"))
    assert stream.text.startswith("The joint answer to #words1")
    assert sum(bool(delta.get("content")) for delta in stream.deltas) > 1
    assert stream.reasoning
    assert (stream.finish_reasons, stream.errors, stream.done) == (["stop"], [], True)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is the broadcast address of 172.20.128.0/19?", "172.20.159.255"),
        ("How many days from 2024-01-15 to 2024-03-10?", "55"),
    ],
)
async def test_exact_questions_are_answered_without_a_model(
    harness: FleetHarness, models: ModelServer, question: str, value: str
) -> None:
    models.log.forget()
    assert value in (await harness.answer(question)).text
    assert models.calls == ()


async def test_medical_answers_pass_the_critic(harness: FleetHarness, models: ModelServer) -> None:
    models.log.forget()
    stream = await harness.stream(QUESTION.format("med1"))
    assert [call.stage for call in models.calls] == ["planner", "expert", "critic"]
    assert "doctor" in stream.text.splitlines()[-1]
    assert len([delta for delta in stream.deltas if delta.get("content")]) == 1
    assert stream.done


@pytest.mark.parametrize("service", SERVICES)
async def test_each_process_answers_its_own_probes(harness: FleetHarness, service: str) -> None:
    process = harness.processes[service]
    health, ready = [await harness.http.get(f"{process.url}/{name}") for name in ("health", "ready")]
    metrics = await harness.http.get(process.metrics_url)
    assert health.json()["status"] == "alive"
    assert ready.json() == {"status": "ready", "failing": {}, "degraded": {}}
    assert "moe_messages_handled_total" in metrics.text


async def test_the_topics_are_as_they_should_be(harness: FleetHarness) -> None:
    checked = await moe(harness.place, "topics", "check")
    assert (checked.code, checked.output) == (0, "the topics match their declarations\n")


async def test_replay_shows_a_request_from_its_opening_to_its_end(harness: FleetHarness) -> None:
    answer = await harness.answer(QUESTION.format("r1"))
    shown = await _replayed(harness, answer.response_id, until="knowledge-offered.v1")
    schemas = [str(json.loads(line)["schema"]) for line in shown.splitlines()]
    assert schemas[0] == "request-opened.v1"
    assert schemas.count("ask-expert-t1.v1") == schemas.count("part-completed.v1") == 3
    assert schemas.count("answer-finished.v1") == 2  # for the gateway and for the join
    text = (await moe(harness.place, "replay", "--response-id", answer.response_id, "--show")).output
    assert text.startswith(answer.response_id)
    assert text.splitlines()[-1].startswith("5 model calls")


async def _replayed(harness: FleetHarness, response_id: str, until: str) -> str:
    """A response's history as JSON lines, once the journal has a record of the schema `until`."""
    async with waiting(60):
        while True:
            replayed = await moe(harness.place, "replay", "--response-id", response_id, "--show", "--json")
            if until in replayed.output:
                return replayed.output
