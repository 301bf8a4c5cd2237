"""Anthropic's SDK as a client, over HTTP."""

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from libs.contracts.progress import RequestOpened
from libs.contracts.question import QuestionAsked
from libs.ports.deltas import Delta
from services.gateway.domain.streaming.reply import public_id
from tests.support.gateway import (
    KEY,
    Fleet,
    GatewayHarness,
    answered,
    answering,
    failed,
    open_gateway,
    pending_replies_for,
    pieces,
)

if TYPE_CHECKING:  # loading it takes 40 MB and a second, which the processes that run other files do without
    from anthropic import AsyncAnthropic

MODEL = "moe-orchestrator"
HELLO: Any = [{"role": "user", "content": "Hi"}]
THINKING: Any = {"type": "enabled", "budget_tokens": 1024}


def sdk(gateway: GatewayHarness, key: str = KEY) -> "AsyncAnthropic":
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(base_url=gateway.url, api_key=key, max_retries=0, timeout=20)


async def working(fleet: Fleet, question: QuestionAsked) -> None:
    await fleet.deliver_end(
        question, Delta("progress", text="Planning"), Delta("promote", "s"), *pieces("s", ["Hel", "lo"])
    )
    await fleet.finish(question, answered("Hello you"))


async def test_a_whole_message() -> None:
    async with open_gateway(answering("Hello from the fleet")) as gateway, sdk(gateway) as client:
        message = await client.messages.create(model=MODEL, max_tokens=50, messages=HELLO, system="Be brief.")
        (opened,) = gateway.fleet.all(RequestOpened)
    assert [block.text for block in message.content if block.type == "text"] == ["Hello from the fleet"]
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("end_turn", 30, 12)
    assert (opened.protocol, opened.question.instructions, opened.question.max_tokens) == ("messages", "Be brief.", 50)
    assert message.id == message._request_id
    assert message.id == public_id(opened.envelope.response_id, "messages")


@pytest.mark.parametrize("thinking", [True, False])
async def test_a_stream_shows_thinking_to_who_asks(*, thinking: bool) -> None:
    wish: Any = {"thinking": THINKING} if thinking else {}
    async with (
        open_gateway(working) as gateway,
        sdk(gateway) as client,
        client.messages.stream(model=MODEL, max_tokens=50, messages=HELLO, **wish) as stream,
    ):
        message = await stream.get_final_message()
    thoughts = [block.thinking for block in message.content if block.type == "thinking"]
    assert thoughts == (["Planning\n"] if thinking else [])
    assert [block.text for block in message.content if block.type == "text"] == ["Hello you"]


async def test_the_message_begins_before_anybody_has_answered() -> None:
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO, "stream": True}
    async with open_gateway() as gateway, gateway.client.stream("POST", "/v1/messages", json=body) as response:
        assert await anext(response.aiter_lines()) == "event: message_start"


async def test_a_failure_in_a_stream_raises() -> None:
    from anthropic import APIStatusError

    async def failing(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.finish(question, failed("model_unavailable", "The server local does not answer."))

    async with open_gateway(failing) as gateway, sdk(gateway) as client:
        with pytest.raises(APIStatusError, match="does not answer"):
            async with client.messages.stream(model=MODEL, max_tokens=5, messages=HELLO) as stream:
                await stream.get_final_message()


async def test_a_wrong_key_is_an_authentication_error() -> None:
    from anthropic import AuthenticationError

    async with open_gateway() as gateway, sdk(gateway, "wrong-key") as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.messages.create(model=MODEL, max_tokens=5, messages=HELLO)
    body: Any = caught.value.body
    assert (body["type"], body["error"]["type"]) == ("error", "authentication_error")


async def test_an_unknown_model_is_not_found() -> None:
    from anthropic import NotFoundError

    async with open_gateway() as gateway, sdk(gateway) as client:
        with pytest.raises(NotFoundError):
            await client.messages.create(model="no-such-model", max_tokens=5, messages=HELLO)


async def test_a_full_gateway_is_overloaded() -> None:
    from anthropic import OverloadedError

    async with open_gateway(pending_replies=pending_replies_for(0)) as gateway, sdk(gateway) as client:
        with pytest.raises(OverloadedError) as caught:
            await client.messages.create(model=MODEL, max_tokens=5, messages=HELLO)
    assert (caught.value.status_code, caught.value.response.headers["retry-after"]) == (529, "1")


async def test_tokens_are_counted() -> None:
    async with open_gateway() as gateway, sdk(gateway) as client:
        count = await client.messages.count_tokens(model=MODEL, messages=HELLO, system="You help. " * 4000)
    assert 8_000 < count.input_tokens < 16_000


async def test_models_come_in_pages() -> None:
    async with open_gateway() as gateway, sdk(gateway) as client:
        ids = [model.id async for model in await client.models.list(limit=2)]
        one = await client.models.retrieve(MODEL)
        listed = (await gateway.client.get("/v1/models")).json()
    assert ids == [model["id"] for model in listed["data"]]
    assert (one.id, one.type, one.created_at.year) == (MODEL, "model", 2026)


async def test_beta_headers_and_fields_are_no_complaint() -> None:
    headers = {"anthropic-beta": "context-management-2025-06-27", "anthropic-version": "2023-06-01"}
    body = {"model": MODEL, "max_tokens": 5, "messages": HELLO, "context_management": {"edits": []}}
    async with open_gateway(answering("Yes")) as gateway:
        response = await gateway.client.post("/v1/messages?beta=true", json=body, headers=headers)
    assert (response.status_code, response.json()["content"][0]["text"]) == (200, "Yes")


async def test_a_missing_field_is_named() -> None:
    async with open_gateway() as gateway:
        response: httpx.Response = await gateway.client.post("/v1/messages", json={"model": MODEL, "messages": HELLO})
    assert (response.status_code, json.loads(response.content)["error"]["type"]) == (400, "invalid_request_error")
    assert "max_tokens" in response.text
