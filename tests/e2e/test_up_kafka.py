"""`MOE_EMBEDDED_KAFKA=kafka moe up`: one machine, no containers, and a log that survives whatever ends the fleet."""

import json
from pathlib import Path

import httpx
import pytest

from libs.testing.native_kafka import SHARED_JARS
from libs.testing.processes import moe
from libs.testing.waiting import waiting
from tests.support.up_fleet import UpFleet, running

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

DAYS = "How many days from 2024-01-15 to 2024-03-10?"
STORY = "Tell me a very long story about a lighthouse and all the ships that it saw."
END = "answer-finished"
Records = list[dict[str, object]]


def durable(folder: Path) -> UpFleet:
    """Fleet on Apache Kafka that finds the jars where the tests keep them."""
    fleet = UpFleet(folder, {"MOE_EMBEDDED_KAFKA": "kafka"})
    fleet.data_dir.mkdir(exist_ok=True)
    jars = fleet.data_dir / "kafka-libs"
    if SHARED_JARS.exists() and not jars.exists():
        jars.symlink_to(SHARED_JARS)
    return fleet


async def test_an_accepted_question_and_an_old_answer_survive_kill_9_of_the_whole_fleet(tmp_path: Path) -> None:
    fleet = durable(tmp_path)
    async with running(fleet):
        old = (await fleet.post(DAYS)).json()["id"]
        before = await recorded(fleet, old)
        accepted = await accepted_then_killed(fleet)
    async with running(fleet):
        assert "55 days" in (await fleet.post(DAYS)).text
        assert await recorded(fleet, old) == before
        story = await recorded(fleet, accepted)
        assert [record["summary"] for record in story if is_end(record) and record["copy_of"] is None]
        fleet.running.terminate()
        assert await fleet.ended() == 0


@pytest.mark.whole  # chaos kills in a landing too
async def test_a_broker_that_dies_comes_back_and_the_fleet_goes_on(tmp_path: Path) -> None:
    fleet = durable(tmp_path)
    async with running(fleet):
        fleet.store("kafka.Kafka").kill()
        async with waiting(180):
            while "55 days" not in (await fleet.post(DAYS)).text:
                pass  # rejected with "try again" while the broker is unavailable
        assert fleet.output.count("URL") == 1, "the fleet did not start over"


async def accepted_then_killed(fleet: UpFleet) -> str:
    """Send a request, kill the fleet as soon as the stream begins, and return the response id."""
    body = {"model": "moe-orchestrator", "stream": True, "messages": [{"role": "user", "content": STORY}]}
    headers = {"authorization": f"Bearer {fleet.key}"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=180) as http,
        http.stream("POST", f"{fleet.url}/v1/chat/completions", json=body, headers=headers) as response,
    ):
        first = await anext(response.aiter_lines())
        ports = fleet.look()
        fleet.running.kill()
        await fleet.nothing_left(ports)
    return first.removeprefix("id: ").partition("/")[0]


async def recorded(fleet: UpFleet, response_id: str) -> Records:
    """Journal's records of a response once its end is among them."""
    async with waiting(180):
        while True:
            ran = await moe(fleet.place, "replay", "--response-id", response_id, "--show", "--json")
            records: Records = [json.loads(line) for line in ran.output.splitlines()]
            if any(map(is_end, records)) and "moe.requests" in {record["topic"] for record in records}:
                return records


def is_end(record: dict[str, object]) -> bool:
    return END in str(record["schema"])
