"""Every stored entry with a person's content is on the list of that person, where an erasure finds it."""

import json
from pathlib import Path

import pytest

from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.core.subjects import pseudonym
from libs.testing.model_server import ModelServer, Reply, Rule
from tests.support.cluster import ADA, Cluster, gateway, opened, question, started, with_key
from tests.support.gateway import answered

TEXT = "Because short waves of sunlight are scattered more than long ones are."
OF_ADA = TenantEncryption("").list_of("default", pseudonym("", "default", "ada"))


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def kinds(names: set[str]) -> set[str]:
    """Kinds of entries, `repeat:reply` apart from `repeat`, without the rest of their keys."""
    return {":".join((kind, *({"reply"} & {*rest}))) for _, kind, *rest in (name.split(":") for name in names)}


def unlisted(cluster: Cluster) -> set[str]:
    """Kinds of entries that are on no list: they contain no personal data."""
    listed = set().union(*cluster.notes.lists.values())
    return {kind.partition(":")[0] for kind in kinds(cluster.notes.values.keys() - listed)}


async def test_what_the_fleet_answered_is_listed(cluster: Cluster) -> None:
    headers = {**with_key(ADA), "idempotency-key": "once"}
    async with gateway(cluster, 0) as instance:
        asked = started(instance.client.post("/v1/chat/completions", json=question("Why?"), headers=headers))
        await cluster.finish(await opened(cluster), answered(TEXT))
        rating = {"response_id": (await asked).json()["id"], "rating": 5}
        assert (await instance.client.post("/v1/feedback", json=rating, headers=headers)).status_code == 200
    assert set(cluster.notes.lists) == {OF_ADA}
    assert kinds(cluster.notes.lists[OF_ADA]) == {"answer", "repeat", "feedback"}
    assert unlisted(cluster) <= {"given", "repeat"}


async def test_what_one_model_answered_is_listed(cluster: Cluster) -> None:
    async with ModelServer((Rule(Reply(text=TEXT)),)) as models:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        told = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "m"}
        async with gateway(cluster, 0, None, **told) as instance:
            headers = {**with_key(ADA), "idempotency-key": "once"}
            body = {"model": "m@scripted", "input": "Why?"}
            assert (await instance.client.post("/v1/responses", json=body, headers=headers)).status_code == 200
    assert set(cluster.notes.lists) == {OF_ADA}
    assert kinds(cluster.notes.lists[OF_ADA]) == {"conversation", "repeat", "repeat:reply"}
    assert unlisted(cluster) <= {"repeat"}


async def test_what_a_client_says_for_a_user_is_listed_for_the_key_s_owner_and_for_that_user(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        body = question("Why?", user="a customer of Ada's")
        asked = started(instance.client.post("/v1/chat/completions", json=body, headers=with_key(ADA)))
        await cluster.finish(await opened(cluster), answered(TEXT))
        await asked
    customer = pseudonym("", "default", "a customer of Ada's")
    assert (
        cluster.notes.lists[OF_ADA] == cluster.notes.lists[TenantEncryption("").list_of("default", customer)] != set()
    )
    assert len(cluster.notes.lists) == 2
