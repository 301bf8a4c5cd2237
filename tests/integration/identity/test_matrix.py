"""Every route for every kind of key, over real HTTP, with keys from a real Postgres."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.contracts.progress import RequestOpened
from libs.core.api_keys import new_api_key
from libs.ports.directory import NewKey
from libs.ports.identity import GRANT_KINDS
from libs.testing.databases import migrated_database
from libs.testing.keys import SIGNING_KEY, every_root
from libs.testing.waiting import eventually
from services.gateway.api.routes import ENDPOINTS
from tests.support.cluster import Cluster, Gateway, gateway, question, started
from tests.support.gateway import answered
from tests.support.identity.permission_matrix import REFUSED, call_of, expected, meets, undeclared
from tests.support.identity.registry import Registry

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODELS = {
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:1/v1","api_type":"openai"}]',  # no server
    "JUDGE_MODEL": "some-judge",
    "EMBEDDING_MODEL": "some-embedder@local",
}
EVERYBODY = (*REFUSED, "low scope", "stranger", "member", "admin")


@dataclass
class Scene:
    """A gateway, a key of every kind, and a response of the member."""

    instance: Gateway
    keys: dict[str, str]
    response_id: str

    async def asked(self, who: str, method: str, path: str, body: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys[who]}"} if self.keys[who] else {"authorization": ""}
        return await self.instance.client.request(method, path, json=body, headers=headers)

    async def response_for(self, method: str) -> str:
        """The member's response; a new one for a call that deletes it."""
        return await _made(self.instance, self.keys["member"]) if method == "DELETE" else self.response_id


@asynccontextmanager
async def scene(registry: Registry, folder: Path) -> AsyncIterator[Scene]:
    """Run a gateway that has read the keys."""
    keys = await _keys(registry)
    cluster = Cluster(folder)
    fleet = started(_answers(cluster))
    try:
        told = {"POSTGRES_CHECKPOINT_URL": registry.url, **every_root(SIGNING_KEY), **MODELS}
        async with gateway(cluster, 0, None, **told) as instance:
            made = await _made(instance, keys["member"])
            yield Scene(instance, keys, made)
    finally:
        fleet.cancel()
        await asyncio.gather(fleet, return_exceptions=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    registry = Registry(await migrated_database(server_url))
    async with scene(registry, tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_route_lets_in_whom_it_should(who: str, place: Scene) -> None:
    wrong = []
    for endpoint in ENDPOINTS:
        call = call_of(endpoint, await place.response_for(endpoint.method))
        response = await place.asked(who, call.method, call.path, call.body)
        wanted = expected(who, endpoint)
        if not meets(response.status_code, wanted):
            wrong.append(f"{call.method} {endpoint.path}: {response.status_code}, not {wanted}: {response.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_of_every_route_it_is_said_what_a_key_without_grants_may_do_there() -> None:
    assert not undeclared(), "declare it in tests/support/identity/permission_matrix.py"


async def test_a_refusal_names_what_is_missing(place: Scene) -> None:
    response = await place.asked("low scope", "POST", "/v1/chat/completions", question("Why?"))
    error = response.json()["error"]
    assert error["code"] == "permission_denied"
    assert "`moe_mode`" in error["message"]
    assert "`default`" in error["message"]


async def test_models_that_are_not_granted_are_not_listed(place: Scene) -> None:
    nothing = await place.asked("low scope", "GET", "/v1/models", None)
    much = await place.asked("member", "GET", "/v1/models", None)
    assert nothing.json()["data"] == []
    assert "moe-orchestrator" in [model["id"] for model in much.json()["data"]]


async def test_the_same_refusal_for_every_key_that_does_not_open(place: Scene) -> None:
    told = {(await place.asked(who, "GET", "/v1/models", None)).text for who in REFUSED}
    assert len(told) == 1


@pytest.mark.parametrize("header", ["x-api-key", "anthropic-api-key", "authorization"])
async def test_a_key_may_come_in_any_of_three_headers(header: str, place: Scene) -> None:
    key = place.keys["member"]
    sent = {header: f"Bearer {key}" if header == "authorization" else key}
    async with httpx.AsyncClient(base_url=place.instance.client.base_url) as client:
        assert (await client.get("/v1/models", headers=sent)).status_code == 200


async def test_several_keys_are_rejected(place: Scene) -> None:
    member, admin = place.keys["member"], place.keys["admin"]
    async with httpx.AsyncClient(base_url=place.instance.client.base_url) as client:
        for sent in (
            [("authorization", f"Bearer {member}"), ("authorization", f"Bearer {admin}")],
            [("authorization", f"Bearer {member}"), ("x-api-key", admin)],
        ):
            rejected = await client.get("/v1/models", headers=sent)
            assert (rejected.status_code, rejected.json()["error"]["code"]) == (400, "ambiguous_key")


async def test_unknown_paths_need_a_key_too(place: Scene) -> None:
    assert (await place.asked("nobody", "GET", "/v1/nothing", None)).status_code == 401
    assert (await place.asked("member", "GET", "/v1/nothing", None)).status_code == 404


async def test_probes_need_none(place: Scene) -> None:
    assert (await place.asked("nobody", "GET", "/health", None)).status_code == 200
    assert (await place.asked("nobody", "GET", "/metrics", None)).status_code == 401  # it has a port of its own

    async def status() -> int | None:
        found = (await place.asked("nobody", "GET", "/ready", None)).status_code
        return None if found == 503 else found

    assert await eventually(status, within_s=30, look_every_s=0.05) == 200


async def test_a_revoked_key_is_refused_by_every_gateway(server_url: str, tmp_path: Path) -> None:
    registry = Registry(await migrated_database(server_url))
    await registry.people.create_user("bob")
    key = await registry.keys.create(NewKey("bob"))
    cluster = Cluster(tmp_path)
    told = {"POSTGRES_CHECKPOINT_URL": registry.url, **every_root(SIGNING_KEY)}
    async with gateway(cluster, 0, None, **told) as one, gateway(cluster, 1, None, **told) as other:
        await asyncio.gather(*(_answers_with(each, key, 200) for each in (one, other)))
        await registry.keys.revoke(key.split("-")[2])
        await asyncio.gather(*(_answers_with(each, key, 401) for each in (one, other)))


async def test_while_keys_are_unavailable_the_gateway_says_when_to_retry(tmp_path: Path) -> None:
    nowhere = {"POSTGRES_CHECKPOINT_URL": "postgresql://127.0.0.1:1/moe", **every_root(SIGNING_KEY)}
    async with gateway(Cluster(tmp_path), 0, None, **nowhere) as instance:
        refused = await instance.client.get("/v1/models", headers={"authorization": f"Bearer {new_api_key()}"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert (await instance.client.get("/v1/models")).status_code == 200  # the bootstrap key
        ready = await instance.client.get("/ready")
    assert ready.status_code == 503
    assert "directory" in ready.json()["failing"]


async def _keys(registry: Registry) -> dict[str, str]:
    for name in ("member", "admin", "newcomer", "gone"):
        await registry.people.create_user(name)
    for kind in GRANT_KINDS:
        await registry.grant_user("member", kind, "*")
        await registry.grant_user("admin", kind, "*")
    other = Registry(registry.url, "other")
    await other.people.create_tenant()
    await other.people.create_user("stranger")
    for kind in GRANT_KINDS:
        await other.grant_user("stranger", kind, "*")
    made = {
        "low scope": await registry.keys.create(NewKey("newcomer")),
        "member": await registry.keys.create(NewKey("member")),
        "admin": await registry.keys.create(NewKey("admin", admin=True)),
        "stranger": await other.keys.create(NewKey("stranger", admin=True)),
        "expired": await registry.keys.create(NewKey("admin", admin=True, lifetime_s=0.001)),
        "revoked": await registry.keys.create(NewKey("admin", admin=True)),
        "disabled": await registry.keys.create(NewKey("gone", admin=True)),
    }
    await registry.keys.revoke(made["revoked"].split("-")[2])
    await registry.people.set_enabled("gone", allowed=False)
    mistyped = made["admin"][:-1] + ("a" if made["admin"][-1] != "a" else "b")
    return made | {"nobody": "", "malformed": "moe-sk-nonsense", "mistyped": mistyped, "unknown": new_api_key()}


async def _answers(cluster: Cluster) -> None:
    """Answer every question, as the fleet would."""
    answered_ids: set[str] = set()
    while True:
        for opened in cluster.all(RequestOpened):
            if opened.envelope.response_id not in answered_ids:
                answered_ids.add(opened.envelope.response_id)
                await cluster.finish(opened, answered("Because."))
        await asyncio.sleep(0.01)


async def _made(instance: Gateway, key: str) -> str:
    """Id of a response that the owner of the key has made, as soon as the gateway knows keys and budgets."""
    await _answers_with(instance, key, 200)
    headers = {"authorization": f"Bearer {key}"}

    async def answer() -> httpx.Response | None:
        response = await instance.client.post("/v1/chat/completions", json=question("Why?"), headers=headers)
        return None if response.status_code == 503 else response

    response = await eventually(answer, within_s=30, look_every_s=0.05)
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


async def _answers_with(instance: Gateway, key: str, status: int) -> None:
    async def answers() -> bool:
        return await _status(instance, key) == status

    await eventually(answers, within_s=30, look_every_s=0.05)


async def _status(instance: Gateway, key: str) -> int:
    return (await instance.client.get("/v1/models", headers={"authorization": f"Bearer {key}"})).status_code
