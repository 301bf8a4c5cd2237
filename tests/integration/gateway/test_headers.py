"""Every response, also an error, carries its id and its timing."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NoReturn

import httpx
import pytest

from libs.contracts.question import QuestionAsked
from libs.http.cross_origin import CrossOrigin
from libs.testing.fake_deltas import FakeDeltas
from tests.support.gateway import Fleet, GatewayHarness, answered, answering, open_gateway

_TIMING = re.compile(r"[a-z]+;dur=[0-9]+\.[0-9]{2}(, [a-z]+;dur=[0-9]+\.[0-9]{2})*")


def steps_of(response: httpx.Response) -> list[str]:
    told = response.headers["server-timing"]
    assert _TIMING.fullmatch(told)
    return [step.partition(";")[0] for step in told.split(", ")]


def assert_named(response: httpx.Response) -> str:
    named = str(response.headers["x-request-id"])
    assert named == response.headers["request-id"]
    assert float(response.headers["x-moe-overhead-ms"]) >= 0
    return named


async def test_an_answer_names_its_response_its_experts_and_its_steps() -> None:
    async def react(fleet: Fleet, question: QuestionAsked) -> None:
        sources = ("calculate", "phi4:14b@local::math", "bad\nname@x::law")
        await fleet.finish(question, answered("Hi").model_copy(update={"sources": sources}))

    async with open_gateway(react) as gateway:
        response = await gateway.ask()
    assert assert_named(response) == response.headers["x-moe-response-id"] == response.json()["id"]
    assert response.headers["x-moe-experts"] == "phi4:14b@local::math,bad?name@x::law"
    assert steps_of(response) == ["auth", "read", "accept", "fleet", "total"]


async def test_a_stream_names_its_response_before_it_knows_its_experts() -> None:
    async with open_gateway(answering("Hi")) as gateway:
        response = await gateway.ask(stream=True)
    assert assert_named(response) == response.headers["x-moe-response-id"]
    assert "x-moe-experts" not in response.headers
    assert steps_of(response) == ["auth", "read", "accept", "total"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/v1/models", 405), ("POST", "/v1/chat/completions", 415)],
)
async def test_an_error_has_an_id_that_is_no_response(
    gateway: GatewayHarness, method: str, path: str, status: int
) -> None:
    first, second = [await gateway.client.request(method, path) for _ in range(2)]
    assert first.status_code == status
    assert assert_named(first) != assert_named(second)
    assert "x-moe-response-id" not in first.headers


async def test_a_rejection_without_a_key_has_an_id_too(gateway: GatewayHarness) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as unauthenticated:
        response = await unauthenticated.get("/v1/models")
    assert response.status_code == 401
    assert_named(response)


@pytest.fixture(name="gateway")
async def _gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("Hi")) as gateway:
        yield gateway


async def test_a_bug_is_told_with_an_id_and_without_its_trace() -> None:
    class Broken(FakeDeltas):
        def follow(self, response_id: str) -> NoReturn:
            raise ZeroDivisionError("secret place")

    async with open_gateway(answering("Hi"), reader=Broken()) as gateway:
        response = await gateway.ask(stream=True)
    assert response.status_code == 500
    assert_named(response)
    assert "secret" not in response.text


async def test_browsers_get_nowhere_unless_a_page_is_named(gateway: GatewayHarness) -> None:
    asked = {"origin": "https://chat.example.org", "access-control-request-method": "POST"}
    assert (await gateway.client.options("/v1/models", headers={**asked, "authorization": ""})).status_code == 401
    response = await gateway.client.get("/v1/models", headers=asked)
    assert "access-control-allow-origin" not in response.headers


async def test_a_named_page_may_ask_without_a_key_and_read_our_headers() -> None:
    cross_origin = CrossOrigin(("https://chat.example.org",))
    asked = {"origin": "https://chat.example.org", "access-control-request-method": "POST", "authorization": ""}
    async with open_gateway(answering("Hi"), alter=lambda front: replace(front, cross_origin=cross_origin)) as gateway:
        wanted = {**asked, "access-control-request-headers": "authorization,x-stainless-os"}
        preflight = await gateway.client.options("/v1/chat/completions", headers=wanted)
        other = await gateway.client.options("/v1/models", headers={**asked, "origin": "https://evil.example.org"})
        answer = await gateway.client.get("/v1/models", headers={"origin": "https://chat.example.org"})
        refused = await gateway.client.get("/v1/models", headers={**asked})
    assert (preflight.status_code, other.status_code, refused.status_code) == (200, 400, 401)
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "https://chat.example.org"
    assert "x-moe-response-id" in answer.headers["access-control-expose-headers"]
    assert refused.headers["access-control-allow-origin"] == "https://chat.example.org"
    assert "access-control-allow-credentials" not in preflight.headers
