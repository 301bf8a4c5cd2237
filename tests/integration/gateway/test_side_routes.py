"""Other routes: ingested sessions, provider status, and routes that are not built yet."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from libs.contracts.records import KnowledgeOffered
from libs.core.key_roots import RootKeys
from libs.core.subjects import subject_of
from libs.ports.identity import Grants
from libs.runtime.settings.inference_servers import InferenceServer
from libs.runtime.settings.static_keys import StaticKeys, owner_of
from libs.testing.model_server import ModelServer
from services.gateway.domain.body.ingest import MAX_BODY_BYTES
from services.gateway.nodes import Nodes
from services.gateway.pipeline.app_context import AppContext
from tests.support.gateway import KEY, GatewayHarness, open_gateway

PLAIN, NODE = "key-of-ada-0123456789", "key-of-bob-0123456789"
KEYS = StaticKeys.of(
    {
        KEY: owner_of("default"),
        PLAIN: replace(owner_of("default"), user="ada", admin=False, grants=Grants()),
        NODE: replace(
            owner_of("default"), user="bob", admin=False, grants=Grants(frozenset({("model_endpoint", "*@there")}))
        ),
    }
)
PSEUDONYMS = RootKeys("the key of pseudonyms")
MEMORY = {"session_summary": "We chose Kafka.", "key_decisions": ["Ship"], "domain": "architecture", "confidence": 0.9}


def _with_keys(front: AppContext) -> AppContext:
    return replace(front, authenticator=KEYS, pseudonym_keys=PSEUDONYMS)


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(alter=_with_keys) as opened:
        yield opened


def as_(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def test_a_session_is_on_the_log_when_it_is_said_to_be_queued(gateway: GatewayHarness) -> None:
    reply = await gateway.client.post("/v1/memory/ingest", json=MEMORY)
    assert (reply.status_code, reply.json()) == (
        202,
        {"status": "queued", "domain": "architecture", "length": len("We chose Kafka.\n\n- Ship")},
    )
    (offer,) = gateway.fleet.all(KnowledgeOffered)
    assert (offer.answer, offer.domain, offer.confidence) == ("We chose Kafka.\n\n- Ship", "architecture", "high")
    assert (offer.envelope.tenant, offer.account.user) == ("default", "default")


async def test_a_user_named_by_a_client_is_a_subject_of_its_session(gateway: GatewayHarness) -> None:
    """Erasing that user erases the session, as on every other route."""
    headers = {"x-openwebui-user-email": "ada@example.org"}
    reply = await gateway.client.post("/v1/memory/ingest", json={**MEMORY, "user": "ada"}, headers=headers)
    assert reply.status_code == 202
    (offer,) = gateway.fleet.all(KnowledgeOffered)
    assert offer.envelope.subject == subject_of(PSEUDONYMS.all, "default", ("default", "ada@example.org", "ada"))


async def test_the_longest_session_that_the_schema_allows_is_taken_however_it_is_spelled(
    gateway: GatewayHarness,
) -> None:
    longest = {"session_summary": "\N{BRAIN}" * 40_000, "key_decisions": ["\N{BRAIN}" * 2000] * 200}
    body = json.dumps(longest, ensure_ascii=True)
    headers = {"content-type": "application/json"}
    assert (await gateway.client.post("/v1/memory/ingest", content=body, headers=headers)).status_code == 202
    too_long = " " * MAX_BODY_BYTES + body
    assert (await gateway.client.post("/v1/memory/ingest", content=too_long, headers=headers)).status_code == 413


async def test_only_who_was_granted_it_may_have_sessions_remembered(gateway: GatewayHarness) -> None:
    reply = await gateway.client.post("/v1/memory/ingest", json=MEMORY, headers=as_(PLAIN))
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "permission_denied")
    assert gateway.fleet.published == []


async def test_a_session_that_the_log_does_not_take_is_a_503(gateway: GatewayHarness) -> None:
    gateway.fleet.refusing = (KnowledgeOffered,)
    assert (await gateway.client.post("/v1/memory/ingest", json=MEMORY)).status_code == 503


@pytest.mark.parametrize("body", [{}, {"session_summary": ""}, {"session_summary": "  "}, {**MEMORY, "confidence": 2}])
async def test_what_cannot_be_remembered_is_a_400(gateway: GatewayHarness, body: dict[str, object]) -> None:
    assert (await gateway.client.post("/v1/memory/ingest", json=body)).status_code == 400
    assert gateway.fleet.published == []


async def test_model_servers_are_shown_to_those_who_may_use_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "services.gateway.nodes.LISTING_TIMEOUT_S", 30.0
    )  # one is available, and the other reports at once that it is not
    monkeypatch.setattr("libs.adapters.models.listing._TIMEOUT_S", 30.0)
    async with ModelServer() as models:
        servers = [InferenceServer("here", models.url), InferenceServer("there", "http://127.0.0.1:1/v1")]
        async with open_gateway(
            alter=lambda front: replace(front, authenticator=KEYS, nodes=Nodes(servers))
        ) as gateway:
            replies = {key: await status(gateway, key) for key in (KEY, NODE, PLAIN)}
    assert [(node["id"], node["reachable"], node["error"]) for node in replies[KEY]] == [
        ("here", True, None),
        ("there", False, "unreachable"),
    ]
    assert [node["url"] for node in replies[KEY]] == [models.url, "http://127.0.0.1:1/v1"]
    assert [node["id"] for node in replies[NODE]] == ["there"]
    assert "127.0.0.1" not in str(replies[NODE])
    assert replies[PLAIN] == []


async def status(gateway: GatewayHarness, key: str) -> list[dict[str, object]]:
    reply: httpx.Response = await gateway.client.get("/v1/provider-status", headers=as_(key))
    found: list[dict[str, object]] = reply.json()["data"]
    return found


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/graph/stats", "graph_unavailable"),
        ("/graph/search?q=x", "graph_unavailable"),
        ("/v1/admin/ontology-gaps", "graph_unavailable"),
        ("/v1/admin/planner-patterns", "learning_unavailable"),
    ],
)
async def test_what_is_not_there_says_so(gateway: GatewayHarness, path: str, code: str) -> None:
    reply = await gateway.client.get(path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, code)
    assert reply.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("path", ["/v1/admin/ontology-gaps", "/v1/admin/planner-patterns"])
async def test_admin_lists_are_for_admins(gateway: GatewayHarness, path: str) -> None:
    assert (await gateway.client.get(path, headers=as_(PLAIN))).status_code == 403
