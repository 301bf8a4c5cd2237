"""No route of any gateway shows what its client deleted; the journal keeps its records, and the audit has the act."""

import json
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import pytest_asyncio

from libs.adapters.postgres.sessions import Connection
from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled
from libs.testing.model_server import ModelServer, Reply, Rule
from libs.testing.ports import own_port
from tests.support.cluster import ADA, BOB, OURS, Cluster, Gateway, opened, question, started, with_key
from tests.support.erasures import CANARY, answer, checking, reading_routes, told
from tests.support.gateway import answered

pytestmark = pytest.mark.embedded
NOT_FOUND = (404, "response_not_found")
ACTS = "SELECT actor, target FROM moe.audit_outbox WHERE action = 'response-deleted' AND tenant = 'default'"


@pytest_asyncio.fixture
async def owner(owner_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


async def delete(instance: Gateway, key: str, response_id: str) -> httpx.Response:
    return await instance.client.delete(f"/v1/responses/{response_id}", headers=with_key(key))


def deleted(response_id: str) -> dict[str, object]:
    return {"id": response_id, "object": "response.deleted", "deleted": True}


async def test_an_answer_of_the_fleet_is_shown_by_no_gateway_once_it_is_deleted(
    cluster: Cluster, owner_url: str
) -> None:
    async with checking(cluster, owner_url) as one, checking(cluster, owner_url, 1) as other:
        hers = await answer(cluster, one, ADA)
        assert CANARY in (await other.get(hers, authorization=f"Bearer {ADA}")).text
        assert (await delete(other, ADA, hers)).json() == deleted(hers)
        for instance in (one, other):
            for key in (ADA, OURS):
                assert await reading_routes(instance, key, hers) == [NOT_FOUND] * 5
            assert told(await instance.client.post(f"/v1/responses/{hers}/cancel", headers=with_key(ADA))) == NOT_FOUND


async def test_deleting_again_is_answered_alike_and_is_one_act_of_the_audit(
    cluster: Cluster, owner_url: str, owner: Connection
) -> None:
    async with checking(cluster, owner_url) as one, checking(cluster, owner_url, 1) as other:
        hers = await answer(cluster, one, ADA)
        for instance in (one, other, one):
            again = await delete(instance, ADA, hers)
            assert (again.status_code, again.json()) == (200, deleted(hers))
        assert [tuple(row) for row in await owner.fetch(ACTS)] == [("k-ada", hers)]


@pytest.mark.parametrize("ordinal", [0, 1])
async def test_a_deletion_by_any_gateway_stops_the_work(cluster: Cluster, owner_url: str, ordinal: int) -> None:
    async with checking(cluster, owner_url) as one, checking(cluster, owner_url, 1) as other:
        asked = started(one.client.post("/v1/chat/completions", json=question(CANARY), headers=with_key(ADA)))
        hers = (await opened(cluster)).envelope.response_id
        deleting = started(delete((one, other)[ordinal], ADA, hers))
        await cluster.finish(await cluster.wait_for(RequestCancelled), AnswerFinished(outcome="cancelled"))
        assert (await deleting).json() == deleted(hers)
        assert (await asked).status_code == 499


@pytest.mark.parametrize(
    ("prefix", "path", "body"),
    [
        ("msg_", "/v1/messages", {"messages": [{"role": "user", "content": CANARY}], "max_tokens": 50}),
        ("resp_", "/v1/responses", {"input": CANARY}),
    ],
)
async def test_a_response_is_deleted_by_the_name_that_its_protocol_shows(
    cluster: Cluster, owner_url: str, prefix: str, path: str, body: dict[str, object]
) -> None:
    async with checking(cluster, owner_url) as one:
        asked = started(one.client.post(path, json={"model": "moe-orchestrator", **body}, headers=with_key(ADA)))
        await cluster.finish(await opened(cluster), answered(CANARY))
        name = (await asked).json()["id"]
        assert name.startswith(prefix)
        assert (await delete(one, ADA, name)).json() == deleted(name)
        assert await reading_routes(one, ADA, name) == [NOT_FOUND] * 5


async def test_another_user_deletes_nothing(cluster: Cluster, owner_url: str, owner: Connection) -> None:
    async with checking(cluster, owner_url) as one:
        hers = await answer(cluster, one, ADA)
        assert told(await delete(one, BOB, hers)) == NOT_FOUND
        assert CANARY in (await one.get(hers, authorization=f"Bearer {ADA}")).text
        assert (await delete(one, ADA, hers)).status_code == 200
        assert told(await delete(one, BOB, hers)) == NOT_FOUND
        assert len(await owner.fetch(ACTS)) == 1


async def test_other_answers_are_still_shown(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        hers, his = await answer(cluster, one, ADA), await answer(cluster, one, BOB, 2)
        assert (await delete(one, ADA, hers)).status_code == 200
        assert CANARY in (await one.get(his, authorization=f"Bearer {BOB}")).text


async def test_what_one_model_answered_is_shown_by_no_route_once_it_is_deleted(
    cluster: Cluster, owner_url: str
) -> None:
    async with ModelServer((Rule(Reply(text=CANARY)),)) as models:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        settings = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "m"}
        async with checking(cluster, owner_url, settings=settings) as one:
            headers = {**with_key(ADA), "idempotency-key": "once"}
            body = {"model": "m@scripted", "input": CANARY}
            hers = (await one.client.post("/v1/responses", json=body, headers=headers)).json()["id"]
            assert (await delete(one, ADA, hers)).json() == deleted(hers)
            assert await reading_routes(one, ADA, hers) == [NOT_FOUND] * 5
            assert told(await one.client.post("/v1/responses", json=body, headers=headers)) == NOT_FOUND
            assert (await delete(one, ADA, hers)).json() == deleted(hers)


async def test_a_repeated_request_does_not_bring_its_deleted_answer_back(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        headers = {**with_key(ADA), "idempotency-key": "once"}
        asked = started(one.client.post("/v1/chat/completions", json=question(CANARY), headers=headers))
        await cluster.finish(await opened(cluster), answered(CANARY))
        assert (await delete(one, ADA, (await asked).json()["id"])).status_code == 200
        assert told(await one.client.post("/v1/chat/completions", json=question(CANARY), headers=headers)) == NOT_FOUND


async def test_a_deletion_that_cannot_be_recorded_is_refused(
    cluster: Cluster, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.adapters.journal.recorded_erasures.WAIT_S", 1.0)
    async with checking(cluster, owner_url) as one:
        hers = await answer(cluster, one, ADA)
    async with checking(cluster, f"postgresql://moe@127.0.0.1:{own_port()}/moe", 1) as cut_off:
        assert told(await delete(cut_off, ADA, hers)) == (503, "temporarily_unavailable")
