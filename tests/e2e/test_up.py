"""`moe up` with its embedded stores and model, as a new user meets it."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from openai import OpenAI

from libs.testing.ports import own_port
from libs.testing.processes import moe
from libs.testing.waiting import eventually, waiting
from tests.support.up_fleet import UpFleet, up

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

DAYS = "How many days from 2024-01-15 to 2024-03-10?"
STORY = "Tell me a very long story about a lighthouse and all the ships that it saw."
FIRST_DAY, CROWD = date(2024, 1, 15), 100
BROADCAST = "What is the broadcast address of 172.20.128.0/19?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[UpFleet]:
    """One fleet for every test that leaves it running; SIGTERM ends it and nothing is left."""
    async with up(tmp_path_factory.mktemp("up")) as running:
        yield running
        ports = running.look()
        running.running.terminate()
        assert await running.ended() == 0
        await running.nothing_left(ports)
        assert not (running.data_dir / "endpoints.json").exists()


async def test_url_and_key_are_the_output_and_all_else_is_not(fleet: UpFleet) -> None:
    told = dict(line.split(maxsplit=1) for line in fleet.output.replace("API key", "Key").splitlines())
    assert told["URL"] == f"{fleet.url}/v1"
    assert told["Key"] == fleet.key
    assert told["Model"].startswith("embedded and small")
    assert fleet.data_dir.joinpath("bootstrap.key").stat().st_mode & 0o777 == 0o600
    assert '"level"' not in fleet.errors, "nothing is worth a log line yet"


async def test_curl_is_streamed_an_answer_of_the_embedded_model_which_replay_explains(fleet: UpFleet) -> None:
    body = {
        "model": "moe-orchestrator",
        "stream": True,
        "messages": [{"role": "user", "content": "What is a lighthouse?"}],
    }
    command = ["curl", "-sN", f"{fleet.url}/v1/chat/completions", "-H", f"Authorization: Bearer {fleet.key}"]
    command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=180, check=True)
    lines = [line.removeprefix("data: ") for line in ran.stdout.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    pieces = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert sum(bool(piece) for piece in pieces) > 1, "it comes in pieces"
    history = (await replayed(fleet, chunks[0]["id"])).splitlines()
    for step in (
        "question-asked",
        "plan-drafted",
        "ask-expert-t1",
        "candidate-opened",
        "part-completed",
        "answer-finished",
    ):
        assert any(step in line for line in history), history
    assert any("SmolLM2" in line for line in history)


async def test_the_openai_sdk_streams_an_exact_answer_without_the_model(fleet: UpFleet) -> None:
    def ask() -> tuple[str, int]:
        with OpenAI(base_url=f"{fleet.url}/v1", api_key=fleet.key, max_retries=0) as client:
            chunks = client.chat.completions.create(
                model="moe-orchestrator",
                messages=[{"role": "user", "content": BROADCAST}],
                stream=True,
                stream_options={"include_usage": True},
            )
            texts, tokens = [], -1
            for chunk in chunks:
                texts += [choice.delta.content or "" for choice in chunk.choices]
                tokens = chunk.usage.total_tokens if chunk.usage else tokens
            return "".join(texts), tokens

    text, tokens = await asyncio.to_thread(ask)
    assert "172.20.159.255" in text
    assert tokens == 0


async def test_an_exact_question_is_answered_without_the_model_and_replay_says_so(fleet: UpFleet) -> None:
    told = (await fleet.post(DAYS)).json()
    assert "55 days" in told["choices"][0]["message"]["content"]
    records = [json.loads(line) for line in (await replayed(fleet, told["id"], "--json")).splitlines()]
    assert "date_diff" in "".join(record["summary"] for record in records)
    assert [call for record in records for call in record["calls"]] == []


async def test_a_crowd_meets_the_limits_as_they_are_shipped(fleet: UpFleet) -> None:
    """More users at once than the adaptive limit admits at first: some wait, and none is rejected."""
    days = [FIRST_DAY + timedelta(days=number) for number in range(1, CROWD + 1)]
    async with httpx.AsyncClient(trust_env=False, timeout=180.0) as http:
        questions = (f"How many days from {FIRST_DAY} to {day}?" for day in days)
        responses = await asyncio.gather(*(fleet.post_with(http, question) for question in questions))
        metrics = (await http.get(fleet.metrics_url)).text
    assert [response.text for response in responses if response.status_code != 200] == []
    answers = [response.json()["choices"][0]["message"]["content"] for response in responses]
    for number, answer in enumerate(answers, 1):
        assert re.search(rf"\b{number} days?\b", answer), (number, answer)
    values = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    assert 8 <= float(values["moe_concurrency_limit"]) <= 512
    assert float(values['moe_request_wait_seconds_count{queue="fleet"}']) > 0
    assert [name for name in values if name.startswith("moe_requests_refused_total{")] == []


async def test_texts_are_embedded_without_a_server_for_it(fleet: UpFleet) -> None:
    def nearest() -> int:
        with OpenAI(base_url=f"{fleet.url}/v1", api_key=fleet.key) as client:
            texts = ["How old is the tower?", "The age of the lighthouse", "A recipe for pancakes"]
            made = client.embeddings.create(model="all-minilm-l6-v2", input=texts)
        assert made.usage.prompt_tokens > len(texts)
        first, *others = (each.embedding for each in made.data)
        near = [sum(a * b for a, b in zip(first, other, strict=True)) for other in others]
        return near.index(max(near))

    assert await asyncio.to_thread(nearest) == 0


async def test_doctor_finds_a_running_fleet_well(fleet: UpFleet) -> None:
    ran = await moe(fleet.place, "doctor", "--json")
    found = json.loads(ran.output)
    assert (ran.code, found["ok"]) == (0, True), ran.output
    fine = {finding["area"] for finding in found["findings"] if finding["state"] == "ok"}
    assert fine == {"settings", "fleet", "broker", "topics", "valkey", "postgres", "models"}
    assert any("is small" in finding["text"] for finding in found["findings"])


async def test_a_second_fleet_on_the_same_data_is_refused_in_one_line(fleet: UpFleet) -> None:
    other = {"MOE_PORT": "0", "MOE_MCP_PORT": "0", "MOE_METRICS_PORT": str(own_port())}
    ran = await moe(type(fleet.place)({**fleet.environment, **other}, fleet.folder), "up")
    assert ran.code == 1
    assert ran.errors == (
        f"Error: {fleet.data_dir} is in use by process {fleet.running.pid}: "
        "stop that fleet, or set another MOE_DATA_DIR\n"
    )


async def test_a_taken_port_is_refused_in_one_line(fleet: UpFleet, tmp_path: Path) -> None:
    variables = {**fleet.environment, "MOE_DATA_DIR": str(tmp_path), "MOE_METRICS_PORT": str(own_port())}
    ran = await moe(type(fleet.place)(variables, tmp_path), "up")
    assert ran.code == 2
    assert ran.errors == f"Error: MOE_PORT: cannot listen on 127.0.0.1:{fleet.port}: Address already in use\n"


async def test_ctrl_c_ends_open_answers_with_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    async with up(tmp_path / "up") as fleet, asyncio.TaskGroup() as group:
        ports = fleet.look()
        asking = [group.create_task(fleet.post(STORY, stream=number % 2 == 0)) for number in range(6)]
        await fleet.busy()
        fleet.interrupt()
        assert await fleet.ended() == 0
        await fleet.nothing_left(ports)
        assert fleet.errors.splitlines()[-1] == "stopped"
    for answer in (task.result().text for task in asking):
        assert is_whole(answer) or ("is stopping" in answer and "[chatcmpl-" in answer), answer[-300:]


async def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    async with up(tmp_path / "up") as fleet, asyncio.TaskGroup() as group:
        ports = fleet.look()
        group.create_task(cut_off(fleet))
        await fleet.busy()
        fleet.interrupt()
        await eventually(lambda: "stopping" in fleet.errors, within_s=60.0)
        fleet.interrupt()
        assert await fleet.ended() == 130
        await fleet.nothing_left(ports)


async def test_ctrl_c_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    async with up(tmp_path / "up", until=lambda starting: "is ready after" in starting.errors) as fleet:
        ports = fleet.look()
        fleet.interrupt()
        assert await fleet.ended() == 0
        await fleet.nothing_left(ports)
        assert fleet.output == ""
        assert "Traceback" not in fleet.errors


async def test_a_fleet_outlives_its_broker_and_leaves_nothing_when_it_is_killed(tmp_path: Path) -> None:
    async with up(tmp_path / "up") as fleet:
        fleet.store("tansu").kill()
        await eventually(lambda: fleet.output.count("URL") == 2, within_s=180.0)
        assert "55 days" in (await fleet.post(DAYS)).text
        ports = fleet.look()
        fleet.running.kill()
        await fleet.nothing_left(ports)


@pytest.mark.parametrize(("name", "value"), [("MOE_PORT", "x"), ("JUDGE_TIMEOUT", "-1"), ("MOE_SIGNING_KEY", "short")])
async def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    ran = await moe(UpFleet(tmp_path, {name: value}).place, "up")
    assert ran.code == 2
    assert ran.errors.startswith(f"Error: {name}: ")
    assert ran.errors.count("\n") == 1


async def replayed(fleet: UpFleet, response_id: str, *options: str) -> str:
    """Output of replay once the journal has the end, which is written after the client has it."""
    async with waiting(60):
        while True:
            ran = await moe(fleet.place, "replay", "--response-id", response_id, "--show", *options)
            if "request-logged" in ran.output:
                return ran.output


async def cut_off(fleet: UpFleet) -> None:
    """Send a request whose connection ends without an answer."""
    with pytest.raises(httpx.TransportError):
        await fleet.post(STORY)


def is_whole(answer: str) -> bool:
    return answer.rstrip().endswith("[DONE]") or '"finish_reason":"stop"' in answer
