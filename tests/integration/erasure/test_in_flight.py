"""An erasure ends requests in flight, and removes content from records that wait for the log."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from libs.adapters.journal.recorded_erasures import PostgresErasures
from libs.adapters.postgres.sessions import Connection
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.records import RequestLogged
from libs.ports.deltas import Delta
from libs.testing.model_server import ModelServer, Reply, Rule
from libs.testing.waiting import eventually, waiting
from tests.support.cluster import ADA, BOB, Cluster, Gateway, opened, question, started, with_key
from tests.support.erasures import CANARY, checking, erase_user
from tests.support.gateway import answered

LONG = f"Because {CANARY} scatters short waves of sunlight more than long ones."
pytestmark = pytest.mark.embedded
WITHIN_S = 15


@asynccontextmanager
async def with_model(cluster: Cluster, url: str, reply: Reply) -> AsyncIterator[Gateway]:
    """Run a gateway that passes requests for `m@scripted` on to a model."""
    async with ModelServer((Rule(reply),)) as models:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        settings = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "m", "MOE_ANSWER_CACHE_SECONDS": "600"}
        async with checking(cluster, url, settings=settings) as one:
            yield one


def direct(**fields: object) -> dict[str, object]:
    return question(CANARY) | {"model": "m@scripted"} | fields


def on_disk(folder: Path) -> bool:
    return any(CANARY.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_request_of_the_fleet_is_ended_and_its_stream_closed(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        asked = started(one.client.post("/v1/chat/completions", json=question(CANARY), headers=with_key(ADA)))
        request = await opened(cluster)
        await erase_user(owner_url, "ada")
        async with waiting(WITHIN_S):
            ended = await asked
        assert (ended.status_code, ended.json()["error"]["code"]) == (404, "erased")
        cancelled = await cluster.wait_for(RequestCancelled)
        assert cancelled.envelope.response_id == request.envelope.response_id
        assert f"moe:stream:{request.envelope.response_id}" in cluster.notes.values


async def test_streams_are_ended_for_all_who_follow_them_and_others_go_on(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one, checking(cluster, owner_url, 1) as other:
        body = question(CANARY, stream=True)
        hers = started(one.client.post("/v1/chat/completions", json=body, headers=with_key(ADA)))
        response_id = (await opened(cluster)).envelope.response_id
        await cluster.deltas.append(response_id, Delta("promote", "merge"))
        resumed = started(other.get(response_id, "?stream=true", authorization=f"Bearer {ADA}"))
        his = started(one.client.post("/v1/chat/completions", json=body, headers=with_key(BOB)))
        await opened(cluster, 2)
        (request_of_bob,) = [each for each in cluster.all(RequestOpened) if each.envelope.response_id != response_id]
        await erase_user(owner_url, "ada")
        async with waiting(WITHIN_S):
            for ended in (await hers, await resumed):
                assert '"code":"erased"' in ended.text
                assert CANARY not in ended.text
        await cluster.finish(request_of_bob, answered("Hi"))
        assert "Hi" in (await his).text


async def test_a_call_of_one_model_is_ended_and_recorded_without_a_word(cluster: Cluster, owner_url: str) -> None:
    released = asyncio.Event()
    async with with_model(cluster, owner_url, replace(Reply(text=CANARY), released=released)) as one:
        asked = started(one.client.post("/v1/chat/completions", json=direct(), headers=with_key(ADA)))
        late = started(one.client.post("/v1/responses", json=_later(), headers=with_key(ADA)))
        queued = (await late).json()["id"]
        await eventually(lambda: not asked.done())
        await erase_user(owner_url, "ada")
        async with waiting(WITHIN_S):
            assert (await asked).json()["error"]["code"] == "erased"
        await cluster.wait_for(RequestLogged, 2)
        shown = await one.get(queued, authorization=f"Bearer {ADA}")
        assert (shown.status_code, shown.json()["error"]["code"]) == (404, "erased")
        assert not [each for each in cluster.all(RequestLogged) if CANARY in each.model_dump_json()]
        released.set()


@pytest.mark.parametrize("user", ["ada", "a customer"])
async def test_records_that_wait_for_the_log_lose_their_words(cluster: Cluster, owner_url: str, user: str) -> None:
    async with with_model(cluster, owner_url, Reply(text=CANARY)) as one:
        cluster.broker.available = False
        hers = await one.client.post("/v1/chat/completions", json=direct(user="a customer"), headers=with_key(ADA))
        his = await one.client.post("/v1/chat/completions", json=direct(), headers=with_key(BOB))
        assert CANARY in hers.text
        assert CANARY in his.text
        await erase_user(owner_url, user)
        await eventually(lambda: _words_on_disk(cluster) == [his.json()["id"]], within_s=WITHIN_S)
        shown = await one.get(hers.json()["id"], authorization=f"Bearer {ADA}")
        assert shown.json()["error"]["code"] == "erased"
        cluster.broker.available = True
        await cluster.wait_for(RequestLogged, 2)
        assert {each.response_id: each.answer for each in cluster.all(RequestLogged)} == {
            hers.json()["id"]: "",
            his.json()["id"]: CANARY,
        }


async def test_records_that_an_earlier_process_left_lose_their_words(
    cluster: Cluster, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure while no gateway runs: the next one removes the texts before it publishes the records."""
    follow = PostgresErasures.open_session

    @asynccontextmanager
    async def slowly(self: PostgresErasures) -> AsyncIterator[Connection]:
        await asyncio.sleep(1)
        async with follow(self) as session:
            yield session

    monkeypatch.setattr(PostgresErasures, "open_session", slowly)
    async with with_model(cluster, owner_url, Reply(text=CANARY)) as one:
        cluster.broker.available = False
        hers = await one.client.post("/v1/chat/completions", json=direct(), headers=with_key(ADA))
        his = await one.client.post("/v1/chat/completions", json=direct(), headers=with_key(BOB))
    assert sorted(_words_on_disk(cluster)) == sorted([hers.json()["id"], his.json()["id"]])
    await erase_user(owner_url, "ada")
    cluster.broker.available = True
    async with with_model(cluster, owner_url, Reply(text=CANARY)):
        await cluster.wait_for(RequestLogged, 2)
    assert {each.response_id: each.answer for each in cluster.all(RequestLogged)} == {
        hers.json()["id"]: "",
        his.json()["id"]: CANARY,
    }


async def test_a_cached_answer_that_waits_for_the_log_loses_its_words(cluster: Cluster, owner_url: str) -> None:
    async with with_model(cluster, owner_url, Reply(text=CANARY)) as one:
        first = started(one.client.post("/v1/chat/completions", json=question(CANARY), headers=with_key(BOB)))
        await cluster.finish(await opened(cluster), answered(LONG))
        assert (await first).status_code == 200
        await eventually(
            lambda: any(name.startswith("moe:answer:") for name in cluster.notes.values), within_s=WITHIN_S
        )
        cluster.broker.available = False
        hers = await one.client.post("/v1/chat/completions", json=question(CANARY), headers=with_key(ADA))
        assert (hers.headers["x-moe-cache"], CANARY in hers.text) == ("hit", True)
        assert on_disk(cluster.folder / "known")
        await erase_user(owner_url, "ada")
        await eventually(lambda: not on_disk(cluster.folder / "known"), within_s=WITHIN_S)
        cluster.broker.available = True
        told = await one.get(hers.json()["id"], authorization=f"Bearer {ADA}")
        assert told.json()["error"]["code"] == "erased"


def _later() -> dict[str, object]:
    return {"model": "m@scripted", "input": CANARY, "background": True}


def _words_on_disk(cluster: Cluster) -> list[str]:
    """Responses whose records on disk contain the canary."""
    entries = [
        entry
        for path in cluster.folder.rglob("*.spool")
        for entry in path.read_bytes().split(b'{"response_id":"')[1:]
        if CANARY.encode() in entry
    ]
    return [entry.partition(b'"')[0].decode() for entry in entries]
