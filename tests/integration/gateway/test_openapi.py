"""The document is served, and responses conform to it."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # untyped there

from services.gateway.api.routes import ENDPOINTS
from tests.support.gateway import GatewayHarness, answering, open_gateway

QUESTION = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Why?"}]}


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("Because.")) as opened:
        yield opened


async def test_document_and_page_are_served_to_who_has_a_key(gateway: GatewayHarness) -> None:
    document, page = [await gateway.client.get(path) for path in ("/openapi.json", "/docs")]
    assert document.json()["openapi"] == "3.1.0"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    async with httpx.AsyncClient(base_url=gateway.url) as unauthenticated:
        assert [(await unauthenticated.get(path)).status_code for path in ("/openapi.json", "/docs")] == [401, 401]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", QUESTION),
        ("/v1/messages", {**QUESTION, "max_tokens": 50}),
        ("/v1/completions", {"model": "moe-orchestrator", "prompt": "Why?"}),
        ("/api/chat", {**QUESTION, "stream": False}),
        ("/api/generate", {"model": "moe-orchestrator", "prompt": "Why?", "stream": False}),
        ("/api/chat", {"model": "moe-orchestrator", "keep_alive": 0}),
        ("/api/generate", {"model": "moe-orchestrator"}),
        ("/v1/messages/count_tokens", QUESTION),
        ("/api/show", {"model": "moe-orchestrator"}),
        ("/v1/memory/ingest", {"session_summary": "We chose Kafka."}),
    ],
)
@pytest.mark.parametrize("good", [True, False])
async def test_answers_and_errors_have_the_shapes_that_are_told(
    gateway: GatewayHarness, path: str, body: dict[str, object], *, good: bool
) -> None:
    document = (await gateway.client.get("/openapi.json")).json()
    reply = await gateway.client.post(path, json=body if good else {})
    operation = document["paths"][path]["post"]
    told = operation["responses"][str(reply.status_code)]
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    assert (reply.status_code < 400) is good
    media = reply.headers["content-type"].partition(";")[0]
    schema = {**told["content"][media]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(json.loads(reply.content))
    required = [name for name, each in document["components"]["headers"].items() if each.get("required")]
    assert set(required) <= set(reply.headers)
    undocumented = {name for name in reply.headers if name.startswith(("x-", "request-id"))} - set(told["headers"])
    assert undocumented == set()


async def test_every_get_answers_with_a_status_that_is_told(gateway: GatewayHarness) -> None:
    document = (await gateway.client.get("/openapi.json")).json()
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and "{" not in endpoint.path:
            reply = await gateway.client.get(endpoint.path)
            assert str(reply.status_code) in document["paths"][endpoint.path]["get"]["responses"], endpoint.path
