"""The official SDK as a client."""

from collections.abc import AsyncIterator

import openai
import pytest

from libs.contracts.question import QuestionAsked
from libs.ports.deltas import Delta
from tests.support.gateway import (
    KEY,
    Fleet,
    GatewayHarness,
    answered,
    answering,
    failed,
    open_gateway,
    pieces,
)

MODEL = "moe-orchestrator"


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("Hello from the fleet")) as opened:
        yield opened


def sdk(gateway: GatewayHarness, key: str = KEY) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=key)


async def test_a_whole_answer(gateway: GatewayHarness) -> None:
    async with sdk(gateway) as client:
        completion = await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])
    assert completion.choices[0].message.content == "Hello from the fleet"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 42
    assert completion._request_id == completion.id


async def test_a_streamed_answer_with_usage() -> None:
    async def telling(fleet: Fleet, question: QuestionAsked) -> None:
        await fleet.deliver_end(question, Delta("progress", text="Planning"), Delta("promote", "p1.a"))
        await fleet.deliver_end(question, *pieces("p1.a", ["Hello ", "from ", "the fleet"]))
        await fleet.finish(question, answered("Hello from the fleet"))

    async with open_gateway(telling) as gateway, sdk(gateway) as client:
        stream = await client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello from the fleet"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 42
    assert len({chunk.id for chunk in chunks}) == 1


async def test_the_stream_helper_puts_the_answer_together(gateway: GatewayHarness) -> None:
    async with (
        sdk(gateway) as client,
        client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": "Hi"}]) as stream,
    ):
        completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == "Hello from the fleet"


async def test_the_models(gateway: GatewayHarness) -> None:
    async with sdk(gateway) as client:
        assert MODEL in {model.id async for model in client.models.list()}
        assert (await client.models.retrieve(MODEL)).owned_by == "sovereign-fleet"


async def test_errors_become_the_sdks_own_classes(gateway: GatewayHarness) -> None:
    async with sdk(gateway, "wrong-key") as unauthenticated:
        with pytest.raises(openai.AuthenticationError):
            await unauthenticated.models.list()
    async with sdk(gateway) as client:
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="gpt-x", messages=[{"role": "user", "content": "Hi"}])
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}], n=2)
    assert caught.value.param == "n"


async def failing(fleet: Fleet, question: QuestionAsked) -> None:
    await fleet.finish(question, failed("model_unavailable", "The model server local does not answer."))


async def test_a_failure_in_a_stream_raises() -> None:
    async with open_gateway(failing) as gateway, sdk(gateway) as client:
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        with pytest.raises(openai.APIError, match="does not answer"):
            [chunk async for chunk in stream]


async def test_a_failed_request_is_not_repeated_by_the_sdk() -> None:
    async with open_gateway(failing) as gateway, sdk(gateway) as client:
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])
        assert len(gateway.fleet.all(QuestionAsked)) == 1
