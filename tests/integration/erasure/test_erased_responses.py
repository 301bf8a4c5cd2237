"""No route shows erased content, wherever it is still stored: on topics, in a gateway's memory, in Valkey."""

import json

import pytest

from libs.testing.model_server import ModelServer, Reply, Rule
from libs.testing.ports import own_port
from tests.support.cluster import ADA, BOB, OURS, Cluster, Gateway, opened, question, started, with_key
from tests.support.erasures import CANARY, answer, checking, erase_user, reading_routes, told
from tests.support.gateway import answered

pytestmark = pytest.mark.embedded
ERASED = (404, "erased")


async def every_route(instance: Gateway, key: str, response_id: str) -> list[tuple[int, str]]:
    deleted = await instance.client.delete(f"/v1/responses/{response_id}", headers=with_key(key))
    return [told(deleted), *await reading_routes(instance, key, response_id)]


@pytest.mark.parametrize("person", ["ada", "a customer"])
async def test_an_answer_on_the_log_is_shown_by_no_route_after_its_owner_or_its_user_was_erased(
    cluster: Cluster, owner_url: str, person: str
) -> None:
    async with checking(cluster, owner_url) as one, checking(cluster, owner_url, 1) as other:
        hers = await answer(cluster, one, ADA, user="a customer")
        for instance in (one, other):
            shown = await instance.get(hers, authorization=f"Bearer {ADA}")
            assert CANARY in shown.text
        await erase_user(owner_url, person)
        for instance in (one, other):
            for key in (ADA, OURS):
                assert await every_route(instance, key, hers) == [ERASED] * 6


async def test_a_previous_response_of_any_text_is_unknown(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        for text in ("x", "resp_x", "resp_01A21069-D4A6-8000-996A-B9552CB18BB8", "\0"):
            body = {"model": "moe-orchestrator", "input": "And?", "previous_response_id": text}
            assert told(await one.client.post("/v1/responses", json=body, headers=with_key(ADA)))[0] == 404


async def test_others_answers_are_still_shown(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        his = await answer(cluster, one, BOB)
        await erase_user(owner_url, "ada")
        assert CANARY in (await one.get(his, authorization=f"Bearer {BOB}")).text
        assert (await one.get(his, authorization=f"Bearer {ADA}")).json()["error"]["code"] == "response_not_found"


async def test_what_one_model_answered_is_shown_by_no_route(cluster: Cluster, owner_url: str) -> None:
    async with ModelServer((Rule(Reply(text=CANARY)),)) as models:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        settings = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "m"}
        async with checking(cluster, owner_url, settings=settings) as one:
            headers = {**with_key(ADA), "idempotency-key": "once"}
            body = {"model": "m@scripted", "input": CANARY}
            given = await one.client.post("/v1/responses", json=body, headers=headers)
            hers = given.json()["id"]
            assert CANARY in (await one.get(hers, authorization=f"Bearer {ADA}")).text
            await erase_user(owner_url, "ada")
            assert await every_route(one, ADA, hers) == [ERASED] * 6
            assert told(await one.client.post("/v1/responses", json=body, headers=headers)) == ERASED


async def test_a_repeated_request_does_not_bring_its_erased_answer_back(cluster: Cluster, owner_url: str) -> None:
    async with checking(cluster, owner_url) as one:
        headers = {**with_key(ADA), "idempotency-key": "once"}
        asked = started(one.client.post("/v1/chat/completions", json=question(CANARY), headers=headers))
        await cluster.finish(await opened(cluster), answered(CANARY))
        assert CANARY in (await asked).text
        await erase_user(owner_url, "ada")
        assert told(await one.client.post("/v1/chat/completions", json=question(CANARY), headers=headers)) == ERASED


async def test_nothing_is_shown_that_cannot_be_checked(
    cluster: Cluster, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.adapters.journal.recorded_erasures.WAIT_S", 1.0)
    async with checking(cluster, owner_url) as one:
        hers = await answer(cluster, one, ADA)
    async with checking(cluster, f"postgresql://moe@127.0.0.1:{own_port()}/moe", 1) as cut_off:
        assert set(await every_route(cut_off, ADA, hers)) == {(503, "temporarily_unavailable")}
