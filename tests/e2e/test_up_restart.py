"""`moe up` on its broker in memory dies, or stops, while requests are open: started again, it ends each of them."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from libs.adapters.journal.reader import PostgresJournalReader
from libs.adapters.write_ahead.content import Kind
from libs.contracts.topics import ANSWER_FINISHED
from libs.testing.model_server import ModelServer, PipelineOptions, Reply, Rule, pipeline_script
from libs.testing.model_server.pipeline import expert_text, judge_text, plan_text
from libs.testing.processes import moe
from libs.testing.waiting import eventually
from tests.support.fleet_processes import body_of, journal_of
from tests.support.up_fleet import UpFleet

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

HANGS = 600.0  # longer than any client waits: the call ends with its caller
WITHIN_S = 60.0
REQUEST_TIMEOUT_S = 120
SHORT_S = 12  # it is enough to be killed in, also on a machine that does other things
PLANNING, EXPERTS, MERGING, ANSWERED, FRESH = "#planning", "#experts", "#merging", "#answered", "#fresh"
TWICE = "#twice"  # hangs once more after the first restart, at an expert then
STAGES = (PLANNING, EXPERTS, MERGING, ANSWERED)


def script() -> tuple[Rule, ...]:
    """Script in which the first call of one stage never ends, for each token another stage."""
    plan = Reply(text=lambda prompt: plan_text(prompt, PipelineOptions()), delay_s=HANGS)
    expert = Reply(text=expert_text, delay_s=HANGS)
    return (
        Rule(plan, stage="planner", user=PLANNING, times=1),
        Rule(plan, stage="planner", user=TWICE, times=1),
        Rule(expert, stage="expert", system="reasoning expert", user=TWICE, times=1),
        Rule(expert, stage="expert", system="reasoning expert", user=EXPERTS, times=1),
        Rule(Reply(text=judge_text, delay_s=HANGS), stage="judge", user=MERGING, times=1),
        *pipeline_script(),
    )


@dataclass
class Restarting:
    """A fleet that is started more than once on one data directory, and what its clients hold."""

    fleet: UpFleet
    models: ModelServer
    http: httpx.AsyncClient
    clients: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def ask(self, token: str) -> str:
        """Open a stream and return its response id at the first byte; the connection stays open."""
        body = body_of(f"What should I plan for {token}?") | {"stream": True}
        headers = {"authorization": f"Bearer {self.fleet.key}"}
        streaming = self.http.stream("POST", f"{self.fleet.url}/v1/chat/completions", json=body, headers=headers)
        response = await self.clients.enter_async_context(streaming)
        assert response.status_code == 200, await response.aread()
        return response.headers["x-request-id"]

    async def post(self, path: str, body: dict[str, object]) -> int:
        headers = {"authorization": f"Bearer {self.fleet.key}"}
        return (await self.http.post(f"{self.fleet.url}{path}", json=body, headers=headers)).status_code

    @asynccontextmanager
    async def deaf_journal(self) -> AsyncIterator[None]:
        """Let the journal write nothing until the fleet is dead."""
        owner = await asyncpg.connect(self.endpoints["postgres"])
        try:
            await owner.execute("BEGIN")
            await owner.execute("LOCK TABLE moe.journal IN EXCLUSIVE MODE")
            yield
        finally:
            owner.terminate()

    async def shown(self, response_id: str) -> dict[str, object]:
        headers = {"authorization": f"Bearer {self.fleet.key}"}
        response = await self.http.get(f"{self.fleet.url}/v1/responses/{response_id}", headers=headers)
        assert response.status_code in (200, 503), response.text
        found: dict[str, object] = response.json()
        return found

    async def ended(self, response_id: str) -> dict[str, object]:
        """Response as GET shows it when it is over."""

        async def over() -> dict[str, object] | None:
            shown = await self.shown(response_id)
            return None if shown.get("status") in (None, "queued", "in_progress") else shown

        return await eventually(over, within_s=WITHIN_S, look_every_s=0.1)

    async def journaled(self, response_id: str, **wanted: int) -> Counter[str]:
        """Number of journaled records of a response by schema, once the wanted ones are there."""

        async def every_record() -> Counter[str] | None:
            rows = await self.reader.history(response_id)
            found = Counter((row.entry.claims.schema or "").removesuffix(".v1") for row in rows)
            return found if all(found[name.replace("_", "-")] >= count for name, count in wanted.items()) else None

        return await eventually(every_record, within_s=WITHIN_S, look_every_s=0.1)

    async def contributed(self, count: int) -> dict[str, list[object]]:
        """Journaled contributions by schema, once enough are there and none is pending."""
        said = {"feedback-given.v1": "rating", "knowledge-offered.v1": "answer"}

        async def enough() -> list[tuple[str, dict[str, object]]] | None:
            rows = await self.reader.of_schemas(tuple(said))
            if len(rows) < count or await self.kept("contributed"):
                return None
            return [(row.entry.claims.schema or "", json.loads(row.entry.payload)) for row in rows]

        found = await eventually(enough, within_s=WITHIN_S, look_every_s=0.1)
        return {schema: [body[field] for each, body in found if each == schema] for schema, field in said.items()}

    async def kept(self, kind: Kind) -> int:
        """Number of requests, ends or contributions that wait for the journal."""
        owner = await asyncpg.connect(self.endpoints["postgres"])
        try:
            count: int = await owner.fetchval("SELECT count(*) FROM moe.write_ahead WHERE kind = $1", kind)
            return count
        finally:
            await owner.close()

    async def ends(self, response_id: str) -> list[bytes]:
        """Bodies of all journaled ends for gateways, once the last one is there."""
        await self.journaled(response_id, request_logged=1, answer_finished=2)
        rows = await self.reader.history(response_id)
        return [row.entry.payload for row in rows if row.entry.position.topic == ANSWER_FINISHED.name]

    @property
    def endpoints(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.fleet.data_dir / "endpoints.json").read_text())
        return found

    @property
    def reader(self) -> PostgresJournalReader:
        return PostgresJournalReader(self.endpoints["postgres"], journal_of(self.fleet.data_dir))

    def calls(self, token: str) -> Counter[str]:
        """Number of completed calls by stage, for the questions with a token."""
        whole = (call for call in self.models.log.calls if call.token == token and not call.disconnected)
        return Counter(f"{call.stage} {call.category}".strip() for call in whole)

    async def end_by(self, number: signal.Signals) -> None:
        """Let the signal end the process, and wait until nothing of it is left."""
        ports = self.fleet.look()
        self.fleet.running.send_signal(number)
        await self.fleet.ended()
        await self.fleet.nothing_left(ports)
        await self.clients.aclose()

    async def start_again(self) -> None:
        self.fleet.start()
        await self.fleet.ready()


@asynccontextmanager
async def restarting(folder: Path, timeout_s: int = REQUEST_TIMEOUT_S) -> AsyncIterator[Restarting]:
    async with ModelServer(script()) as models, httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as http:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        variables = {
            "INFERENCE_SERVERS": json.dumps([server]),
            "JUDGE_MODEL": "scripted:7b",
            "MOE_REQUEST_TIMEOUT": str(timeout_s),
        }
        fleet = UpFleet(folder, variables)
        fleet.start()
        try:
            await fleet.ready()
            yield Restarting(fleet, models, http)
        finally:
            fleet.end()


async def at_their_stages(harness: Restarting) -> dict[str, str]:
    """Response ids by token, each request at the stage that its token names, and the journal as far."""
    ids = {token: await harness.ask(token) for token in STAGES}
    await harness.journaled(ids[PLANNING], request_opened=1, question_asked=1)
    await harness.journaled(ids[EXPERTS], part_completed=2, plan_drafted=1)
    await harness.journaled(ids[MERGING], part_completed=3, merge_answer=1)
    await harness.journaled(ids[ANSWERED], request_logged=1, answer_finished=2)
    return ids


GENTLE = [pytest.param(number, marks=pytest.mark.whole) for number in (signal.SIGTERM, signal.SIGINT)]


@pytest.mark.parametrize("number", [signal.SIGKILL, *GENTLE])
async def test_every_open_request_reaches_its_one_end_and_no_recorded_part_is_computed_again(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with restarting(tmp_path / "up") as harness:
        ids = await at_their_stages(harness)
        answered = await harness.shown(ids[ANSWERED])
        await harness.end_by(number)
        await harness.start_again()
        assert " answered before, 3 continued, 0 expired" in harness.fleet.errors
        ended = {token: await harness.ended(response_id) for token, response_id in ids.items()}
        assert {shown["status"] for shown in ended.values()} == {"completed"}
        assert ended[ANSWERED] == answered
        for response_id in ids.values():
            assert len(await harness.ends(response_id)) == 1
        await harness.journaled(ids[PLANNING], question_asked=2)
        for response_id in ids.values():
            ran = await moe(harness.fleet.place, "replay", "--response-id", response_id, "--verify")
            assert ran.code == 0, ran.output
        once = {"planner": 1, "expert general": 1, "expert technical_support": 1, "expert reasoning": 1, "judge": 1}
        assert {token: harness.calls(token) for token in STAGES} == dict.fromkeys(STAGES, once)


async def test_a_request_is_kept_from_its_first_byte_on_though_no_journal_has_seen_it(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up") as harness:
        response_id = await harness.ask(FRESH)
        harness.fleet.running.kill()
        await harness.fleet.ended()
        await harness.clients.aclose()
        await harness.start_again()
        assert "restored 1 requests" in harness.fleet.errors
        assert (await harness.ended(response_id))["status"] == "completed"
        assert len(set(await harness.ends(response_id))) == 1


async def test_what_was_contributed_is_kept_though_no_journal_has_heard_it(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up") as harness:
        told = (await harness.fleet.post(f"What should I plan for {ANSWERED}?")).json()
        rating, memory = {"response_id": told["id"], "rating": 1}, {"session_summary": "We moved to Rust."}
        await harness.journaled(told["id"], knowledge_offered=1)

        async def is_restored() -> bool:
            return await harness.kept("opened") == 0

        # A stored request is restored, and its knowledge offered a second time.
        await eventually(is_restored, within_s=WITHIN_S, look_every_s=0.1)
        async with harness.deaf_journal():
            assert await harness.post("/v1/feedback", {**rating}) == 200
            assert await harness.post("/v1/memory/ingest", {**memory}) == 202
            harness.fleet.running.kill()
            await harness.fleet.ended()
        await harness.start_again()
        assert "said 2 ratings and sessions to remember again" in harness.fleet.errors
        offered = [told["choices"][0]["message"]["content"], "We moved to Rust."]
        assert await harness.contributed(3) == {"feedback-given.v1": [1], "knowledge-offered.v1": offered}
        await harness.end_by(signal.SIGKILL)
        await harness.start_again()
        assert "to remember again" not in harness.fleet.errors


async def test_an_answer_that_was_told_is_the_answer_though_the_process_dies_with_it(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up") as harness:
        told = (await harness.fleet.post(f"What should I plan for {ANSWERED}?")).json()
        harness.fleet.running.kill()
        await harness.fleet.ended()
        await harness.start_again()
        shown = await harness.ended(told["id"])
        assert told["choices"][0]["message"]["content"] in json.dumps(shown)
        assert len(set(await harness.ends(told["id"]))) == 1
        assert harness.calls(ANSWERED)["judge"] == 1


async def test_a_request_whose_time_ran_out_meanwhile_expires(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up", SHORT_S) as harness:
        response_id = await harness.ask(PLANNING)
        accepted = time.monotonic()
        await harness.journaled(response_id, request_opened=1)
        await harness.end_by(signal.SIGKILL)
        await asyncio.sleep(max(0.0, accepted + SHORT_S + 0.5 - time.monotonic()))
        await harness.start_again()
        assert "restored 1 requests: 0 answered before, 0 continued, 1 expired" in harness.fleet.errors
        shown = await harness.ended(response_id)
        assert shown["status"] == "failed"
        assert '"deadline_exceeded"' in json.dumps(shown["error"])


async def test_a_request_outlives_one_restart_after_the_other(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up") as harness:
        response_id = await harness.ask(TWICE)
        await harness.journaled(response_id, question_asked=1)
        await harness.end_by(signal.SIGKILL)
        await harness.start_again()
        await harness.journaled(response_id, request_restored=1, part_completed=2)
        await harness.end_by(signal.SIGKILL)
        await harness.start_again()
        assert (await harness.ended(response_id))["status"] == "completed"
        assert len(await harness.ends(response_id)) == 1
        assert (await harness.journaled(response_id))["request-restored"] == 2
        parts = {stage: count for stage, count in harness.calls(TWICE).items() if stage.startswith("expert")}
        assert set(parts.values()) == {1}
        ran = await moe(harness.fleet.place, "replay", "--response-id", response_id, "--verify")
        assert ran.code == 0, ran.output


async def test_open_requests_outlive_the_broker_alone(tmp_path: Path) -> None:
    async with restarting(tmp_path / "up") as harness:
        response_id = await harness.ask(EXPERTS)
        await harness.journaled(response_id, part_completed=2, plan_drafted=1)
        harness.fleet.store("tansu").kill()
        await eventually(lambda: harness.fleet.output.count("URL") == 2, within_s=WITHIN_S)
        await harness.clients.aclose()
        assert (await harness.ended(response_id))["status"] == "completed"
        assert len(await harness.ends(response_id)) == 1
        assert set(harness.calls(EXPERTS).values()) == {1}
