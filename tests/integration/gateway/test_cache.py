"""The same question of the same tenant gets the same answer, at once, as a separate request."""

from pathlib import Path

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.topics import ANSWER_FINISHED
from tests.support.cluster import (
    ADA,
    BOB,
    OURS,
    THEIRS,
    Cluster,
    Gateway,
    gateway,
    question,
    started,
    with_key,
)
from tests.support.gateway import answered

TEXT = "Because short waves of sunlight are scattered more than long ones are."


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def post(instance: Gateway, text: str, key: str = OURS, **fields: object) -> httpx.Response:
    return await instance.client.post("/v1/chat/completions", json=question(text, **fields), headers=with_key(key))


async def answered_by_the_fleet(
    cluster: Cluster, instance: Gateway, text: str, key: str = OURS, **fields: object
) -> httpx.Response:
    before = {each.envelope.response_id for each in cluster.all(QuestionAsked)}
    work = started(post(instance, text, key, **fields))
    await cluster.wait_for(QuestionAsked, len(before) + 1)
    (request,) = [
        each for each in cluster.all(RequestOpened) if each.envelope.response_id not in before | known(cluster)
    ]
    await cluster.finish(request, answered(TEXT))
    return await work


def known(cluster: Cluster) -> set[str]:
    return {end.envelope.response_id for end in cluster.all(AnswerFinished) if end.known}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_known_answer_is_given_on_any_instance_as_a_response_of_its_own(
    cluster: Cluster, *, stream: bool
) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        miss = await answered_by_the_fleet(cluster, first, "Why is the sky blue?")
        hit = await post(second, "Why is  the sky blue", ADA, stream=stream)
        end = await cluster.wait_for(AnswerFinished, 2)
        shown = await second.get(hit.headers["x-moe-response-id"])
    assert (miss.headers["x-moe-cache"], hit.headers["x-moe-cache"]) == ("miss", "hit")
    assert miss.headers["x-moe-response-id"] != hit.headers["x-moe-response-id"]
    assert TEXT in hit.text
    assert (shown.json()["status"], shown.json()["output_text"]) == ("completed", TEXT)
    assert len(cluster.all(QuestionAsked)) == 1
    (end,) = [each for each in cluster.all(AnswerFinished) if each.known]
    assert (end.text, end.usage.prompt_tokens + end.usage.completion_tokens) == (TEXT, 0)
    (request,) = [each for each in cluster.all(RequestOpened) if each.envelope.response_id in known(cluster)]
    assert request.account.user == "ada"


async def test_a_hit_says_that_it_took_no_tokens(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        await answered_by_the_fleet(cluster, instance, "Why?")
        hit = await post(instance, "Why?")
    assert hit.json()["usage"]["total_tokens"] == 0


async def test_two_tenants_with_one_question_never_share_an_answer(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        for key in (OURS, THEIRS):
            reply = await answered_by_the_fleet(cluster, instance, "Why is the sky blue?", key)
            assert reply.headers["x-moe-cache"] == "miss"
        assert (await post(instance, "Why is the sky blue?", THEIRS)).headers["x-moe-cache"] == "hit"
    assert len(cluster.all(QuestionAsked)) == 2


@pytest.mark.parametrize(("field", "value"), [("no_cache", True), ("model", "moe-orchestrator-concise")])
async def test_who_wants_a_new_answer_gets_one_and_it_is_not_kept(cluster: Cluster, field: str, value: object) -> None:
    async with gateway(cluster, 0) as instance:
        for _ in range(2):
            reply = await answered_by_the_fleet(cluster, instance, "Why?", OURS, **{field: value})
            assert reply.headers["x-moe-cache"] == "bypass"


async def test_a_bad_rating_takes_the_answer_away_everywhere_at_once(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        await answered_by_the_fleet(cluster, first, "Why?", BOB)
        hit = await post(second, "Why?", ADA)
        await cluster.wait_for(AnswerFinished, 2)
        for rating, then in ((4, "hit"), (2, "miss")):
            body = {"response_id": hit.json()["id"], "rating": rating}
            assert (await second.client.post("/v1/feedback", json=body, headers=with_key(ADA))).status_code == 200
            if then == "hit":
                assert (await post(first, "Why?", BOB)).headers["x-moe-cache"] == "hit"
                await cluster.wait_for(AnswerFinished, 3)
        again = await answered_by_the_fleet(cluster, first, "Why?", BOB)
    assert again.headers["x-moe-cache"] == "miss"


async def test_without_a_store_every_question_is_new(cluster: Cluster) -> None:
    cluster.notes.away = True
    async with gateway(cluster, 0) as instance:
        for _ in range(2):
            assert (await answered_by_the_fleet(cluster, instance, "Why?")).headers["x-moe-cache"] == "miss"


async def test_the_end_of_a_hit_stands_where_every_end_stands(cluster: Cluster) -> None:
    async with gateway(cluster, 5) as instance:
        await answered_by_the_fleet(cluster, instance, "Why?")
        await post(instance, "Why?")
        await cluster.wait_for(AnswerFinished, 2)
    ids = known(cluster)
    ends = [record for record in cluster.broker.records() if (record.key or b"").decode() in ids]
    assert sorted(record.topic for record in ends if dict(record.headers)["schema"] == b"answer-finished.v1") == sorted(
        topic.name for topic in AnswerFinished.topics
    )
    assert {record.partition for record in ends if record.topic == ANSWER_FINISHED.name} == {5}
