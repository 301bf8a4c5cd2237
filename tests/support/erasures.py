"""Shared by the tests of erasures: gateways with the journal's database, and operators who erase in it."""

from contextlib import AbstractAsyncContextManager

import httpx

from libs.adapters.journal.erasure import ErasureRequest, erase
from libs.core.subjects import pseudonym
from libs.testing.keys import SIGNING_KEY, every_root
from tests.support.cluster import Cluster, Gateway, gateway, opened, question, started, with_key
from tests.support.gateway import answered

CANARY = "xylophone-4711"


def checking(
    cluster: Cluster, url: str, ordinal: int = 0, *, settings: dict[str, str] | None = None
) -> AbstractAsyncContextManager[Gateway]:
    """Run a gateway that checks erasures."""
    given = {"POSTGRES_CHECKPOINT_URL": url, **every_root(SIGNING_KEY)}
    return gateway(cluster, ordinal, None, **given, **(settings or {}))


async def erase_user(url: str, user: str) -> None:
    """Erase a user in the database only, as the command does if Valkey is unreachable."""
    person = pseudonym(SIGNING_KEY, "default", user)
    await erase(url, SIGNING_KEY, ErasureRequest("default", (person,), "tests"), dry_run=False)


def told(response: httpx.Response) -> tuple[int, str]:
    assert CANARY not in response.text
    return response.status_code, response.json()["error"]["code"]


async def answer(cluster: Cluster, instance: Gateway, key: str, nth: int = 1, **fields: object) -> str:
    """Have the fleet answer the nth question of the cluster; return the response's id."""
    body = question(CANARY, **fields)
    asked = started(instance.client.post("/v1/chat/completions", json=body, headers=with_key(key)))
    await cluster.finish(await opened(cluster, nth), answered(CANARY))
    given = await asked
    assert CANARY in given.text, given.text
    return str(given.json()["id"])


async def reading_routes(instance: Gateway, key: str, response_id: str) -> list[tuple[int, str]]:
    client, headers, path = instance.client, with_key(key), f"/v1/responses/{response_id}"
    goes_on = {"model": "moe-orchestrator", "input": "And?", "previous_response_id": response_id}
    return [
        told(await client.get(path, headers=headers)),
        told(await client.get(f"{path}?stream=true", headers=headers)),
        told(await client.get(f"{path}?stream=true", headers={**headers, "last-event-id": "0"})),
        told(await client.post("/v1/responses", json=goes_on, headers=headers)),
        told(await client.post("/v1/feedback", json={"response_id": response_id, "rating": 5}, headers=headers)),
    ]
