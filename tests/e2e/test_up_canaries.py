"""An erased user of every dialect leaves no text in any route, store, command, file or log output."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from libs.adapters.valkey.deltas.wire import unpack
from libs.core.ids import is_response_id, response_id_in
from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.processes import moe
from libs.testing.waiting import eventually
from tests.support.up_fleet import UpFleet

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

WITHIN_S = 120.0
CANARY = "#xylophone4711"  # the scripted models repeat it in their output
EMBEDDER = "all-minilm-l6-v2@embedded"
ONE_MODEL, FLEET = "scripted:7b@scripted", "moe-orchestrator"
ERASED = (404, "erased")
_EVENT_ID = re.compile(r"^id: (\S+)$", re.MULTILINE)


@dataclass
class Person:
    """Requests of a person over HTTP, for itself or as a client's user. `ids` are its responses, `events` the id of an
    event of each stream of the fleet."""

    fleet: UpFleet
    http: httpx.AsyncClient
    user: str
    ids: list[str] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)

    async def use_everything(self) -> None:
        """Send requests in every dialect, streaming and not, to the pipeline and as direct requests."""
        for model in (FLEET, ONE_MODEL):
            for stream in (True, False):  # the first answer is cached, and only streamed ones are written to Valkey
                await self._ask_in_every_dialect(model, stream=stream)
            await self._ask_later(model)
        await self.post("/v1/memory/ingest", {"session_summary": f"Remember {CANARY}.", "domain": "general"})
        asked: dict[str, object] = {"model": EMBEDDER, "input": [CANARY, f"More of {CANARY}."]}
        await self.post("/v1/embeddings", asked | ({"user": self.user} if self.user else {}))
        await self.post("/api/embed", {"model": EMBEDDER, "input": CANARY})
        await self._call_tools()

    async def _call_tools(self) -> None:
        """Call tools as programs and as MCP clients do, without error and with one."""
        tools = f"http://127.0.0.1:{self.fleet.mcp_port}"
        for text in (CANARY, CANARY * 200_000):
            call = {"name": "text_analyze", "arguments": {"text": text}}
            asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
            sent: dict[str, Mapping[str, object]] = {"/invoke": {"tool": "text_analyze", "args": {"text": text}}}
            for path, body in (sent | {"/mcp": asked}).items():
                headers = {"authorization": f"Bearer {self.fleet.key}", "accept": "application/json, text/event-stream"}
                answer = await self.http.post(f"{tools}{path}", json=body, headers=headers)
                assert answer.status_code not in (401, 403, 404, 503), answer.text

    async def post(self, path: str, body: Mapping[str, object], **headers: str) -> httpx.Response:
        """Send a request; note its response."""
        key = {"authorization": f"Bearer {self.fleet.key}"}
        response = await self.http.post(f"{self.fleet.url}{path}", json=body, headers=key | headers)
        assert response.status_code < 300, (path, response.text)
        response_id = response_id_in(response.headers.get("x-request-id", ""))
        if is_response_id(response_id) and "embed" not in path:  # embeddings are not stored
            self.ids.append(response_id)
            if body.get("model") == FLEET and (event := _EVENT_ID.search(response.text)) is not None:
                self.events[response_id] = event[1]
        return response

    async def _ask_in_every_dialect(self, model: str, *, stream: bool) -> None:
        messages = [{"role": "user", "content": f"Tell me about {CANARY} for {self.user or 'me'}."}]
        named = {"user": self.user} if self.user else {}
        chat = {"model": model, "messages": messages, "stream": stream}
        once = {"idempotency-key": f"{model}/{stream}/{self.user or 'me'}"}
        given = await self.post("/v1/chat/completions", chat | named, **once)
        assert CANARY in given.text
        metadata = {"metadata": {"user_id": self.user}} if self.user else {}
        await self.post("/v1/messages", chat | {"max_tokens": 500} | metadata)
        safety = {"safety_identifier": self.user} if self.user else {}
        response = await self.post("/v1/responses", {"model": model, "input": CANARY, "stream": stream} | safety)
        if not stream:
            goes_on = {"model": model, "input": f"And {CANARY}?", "previous_response_id": response.json()["id"]}
            await self.post("/v1/responses", goes_on | safety)
        await self.post("/v1/completions", {"model": model, "prompt": CANARY, "stream": stream} | named)
        header = {"x-openwebui-user-id": self.user} if self.user else {}
        await self.post("/api/chat", chat, **header)
        await self.post("/api/generate", {"model": model, "prompt": CANARY, "stream": stream}, **header)
        rated = {"response_id": self.ids[-1], "rating": 4, "correction": f"It is {CANARY}."}
        await self.post("/v1/feedback", rated)

    async def _ask_later(self, model: str) -> None:
        named = {"user": self.user} if self.user else {}
        queued = await self.post("/v1/responses", {"model": model, "input": CANARY, "background": True} | named)
        shown = f"/v1/responses/{queued.json()['id']}"

        async def completed() -> bool:
            return bool((await self.get(shown)).json()["status"] == "completed")

        await eventually(completed, within_s=WITHIN_S, look_every_s=0.05)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        key = {"authorization": f"Bearer {self.fleet.key}"}
        return await self.http.get(f"{self.fleet.url}{path}", headers=key | headers)

    async def shown(self) -> set[tuple[int, str]]:
        """Every response of the person as shown now, whole and as a stream."""
        found: set[tuple[int, str]] = set()
        for response_id in self.ids:
            seen = {"last-event-id": self.events[response_id]} if response_id in self.events else {}
            for query, headers in (("", {}), ("?stream=true", {}), ("?stream=true", seen)):
                response = await self.get(f"/v1/responses/{response_id}{query}", **headers)
                assert CANARY not in response.text
                found.add((response.status_code, response.json()["error"]["code"]))
        return found


async def erase(fleet: UpFleet, user: str) -> None:
    erased = await moe(fleet.place, "erase", "--tenant", "default", "--user", user, "--json")
    assert erased.code == 0, erased.errors


async def in_valkey(url: str) -> list[bytes]:
    """Keys of Valkey whose values hold the canary; the pieces of a stream are read as one text."""
    async with Redis.from_url(url) as client:
        return [key async for key in client.scan_iter() if CANARY.encode() in await _value(client, key)]


async def _value(client: Redis, key: bytes) -> bytes:
    if await client.type(key) != b"stream":
        return await client.dump(key) or b""
    fields = [fields or {} for _, fields in await client.xrange(key) or []]
    entries = [unpack(data) for each in fields for data in each.values() if isinstance(data, bytes)]
    return "".join(entry.delta.text for entry in entries if entry is not None).encode()


async def in_postgres(url: str) -> list[str]:
    """Tables of which a row holds the canary as text, after everything was written to disk."""
    owner = await asyncpg.connect(url)
    try:
        await owner.execute("CHECKPOINT")
        names = await owner.fetch("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables")
        query = "SELECT count(*) FROM {} AS t WHERE t::text LIKE '%' || $1 || '%'"
        return [row["name"] for row in names if await owner.fetchval(query.format(row["name"]), CANARY)]
    finally:
        await owner.close()


def in_files(folder: Path) -> list[str]:
    found: list[str] = []
    for path in folder.rglob("*"):
        try:
            if path.is_file() and CANARY.encode() in path.read_bytes():
                found.append(str(path))
        except FileNotFoundError:  # a store has renamed it meanwhile
            continue
    return found


async def said_by_commands(fleet: UpFleet, response_ids: list[str]) -> str:
    export = fleet.folder / "export.jsonl"
    asked = [("audit", "export", "--tenant", "default", "--out", str(export)), ("dlq", "list", "--json")]
    asked += [("replay", "--response-id", response_id, "--show") for response_id in response_ids]
    printed = [await moe(fleet.place, *arguments) for arguments in asked]
    return "".join(each.output + each.errors for each in printed) + export.read_text()


async def test_no_word_is_left_of_a_client_s_user_and_then_of_the_owner_of_the_key(tmp_path: Path) -> None:
    async with ModelServer(pipeline_script()) as models, httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as http:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        variables = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "scripted:7b"}
        fleet = UpFleet(tmp_path / "up", variables | {"MOE_ANSWER_CACHE_SECONDS": "1800"})
        fleet.start()
        try:
            await fleet.ready()
            customer, owner = Person(fleet, http, "a customer"), Person(fleet, http, "")
            for person in (customer, owner):
                await person.use_everything()
            stores = json.loads((fleet.data_dir / "endpoints.json").read_text())
            assert await in_valkey(stores["redis"])  # the scan finds present text
            assert len(customer.events) >= 3  # the fleet's streams in three protocols
            await erase(fleet, customer.user)
            assert await customer.shown() == {ERASED}
            assert CANARY in (await owner.get(f"/v1/responses/{owner.ids[0]}")).text
            await erase(fleet, "default")
            assert await owner.shown() == {ERASED}
            assert await in_valkey(stores["redis"]) == []
            assert await in_postgres(stores["postgres"]) == []
            assert CANARY not in await said_by_commands(fleet, [customer.ids[0], owner.ids[0], owner.ids[-1]])
            assert in_files(fleet.folder) == []
            repeated = {"model": FLEET, "messages": [{"role": "user", "content": "Other words."}]}
            headers = {"authorization": f"Bearer {fleet.key}", "idempotency-key": f"{FLEET}/False/me"}
            again = await http.post(f"{fleet.url}/v1/chat/completions", json=repeated, headers=headers)
            assert (again.status_code, again.json()["error"]["code"]) == ERASED
        finally:
            fleet.end()
