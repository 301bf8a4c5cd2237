"""Ollama's own client, over HTTP."""

import ollama
import pytest

from libs.contracts.progress import RequestOpened
from libs.contracts.question import QuestionAsked
from libs.ports.deltas import Delta
from tests.support.gateway import KEY, Fleet, GatewayHarness, answered, answering, open_gateway, pieces

MODEL = "moe-orchestrator"
HELLO = [{"role": "user", "content": "Hi"}]


def client_of(gateway: GatewayHarness) -> ollama.AsyncClient:
    return ollama.AsyncClient(gateway.url, headers={"authorization": f"Bearer {KEY}"}, timeout=20)


async def working(fleet: Fleet, question: QuestionAsked) -> None:
    await fleet.deliver_end(
        question, Delta("progress", text="Planning"), Delta("promote", "s"), *pieces("s", ["Hel", "lo"])
    )
    await fleet.finish(question, answered("Hello you"))


async def test_a_chat_streams_lines() -> None:
    async with open_gateway(working) as gateway, client_of(gateway) as client:
        parts = [part async for part in await client.chat(MODEL, HELLO, stream=True)]
        (opened,) = gateway.fleet.all(RequestOpened)
    assert "".join(part.message.content or "" for part in parts) == "Hello you"
    assert (parts[-1].done, parts[-1].done_reason, parts[-1].eval_count) == (True, "stop", 12)
    assert 0 < (parts[-1].total_duration or 0) < 60 * 10**9
    assert opened.protocol == "ollama-chat"


async def test_thinking_is_shown_to_who_asks() -> None:
    async with open_gateway(working) as gateway, client_of(gateway) as client:
        parts = [part async for part in await client.chat(MODEL, HELLO, stream=True, think=True)]
    assert "".join(part.message.thinking or "" for part in parts) == "Planning\n"


async def test_a_whole_chat_and_a_whole_completion() -> None:
    async with open_gateway(answering("Hello")) as gateway, client_of(gateway) as client:
        chat = await client.chat(f"{MODEL}:latest", HELLO)
        generated = await client.generate(MODEL, "Hi", options={"num_predict": 7})
        (_, opened) = gateway.fleet.all(RequestOpened)
    assert (chat.message.content, generated.response) == ("Hello", "Hello")
    assert opened.question.max_tokens == 7


async def test_models_are_listed_and_shown() -> None:
    async with open_gateway() as gateway, client_of(gateway) as client:
        listed = await client.list()
        shown = await client.show(f"{MODEL}:latest")
        loaded = await client.ps()
        version = (await gateway.client.get("/api/version")).json()
    assert MODEL in [model.model for model in listed.models]
    assert (shown.capabilities, list(loaded.models)) == (["completion", "tools"], [])
    assert version["version"].count(".") == 2


async def test_a_model_is_loaded_at_once_and_nobody_is_asked() -> None:
    async with open_gateway() as gateway, client_of(gateway) as client:
        generated = await client.generate(MODEL)
        streamed = [part async for part in await client.chat(MODEL, [], stream=True, keep_alive=0)]
        assert gateway.fleet.all(RequestOpened) == []
    assert (generated.response, generated.done, generated.done_reason) == ("", True, "load")
    assert [(part.message.content, part.done_reason) for part in streamed] == [("", "unload")]


async def test_a_loaded_model_is_told_under_an_id_like_every_answer() -> None:
    async with open_gateway() as gateway:
        response = await gateway.client.post("/api/generate", json={"model": MODEL})
    assert response.headers["x-moe-response-id"] == response.headers["request-id"]


@pytest.mark.parametrize("model", ["llama9", "llama9@nowhere"])
async def test_only_what_may_be_asked_is_loaded(model: str) -> None:
    async with open_gateway() as gateway, client_of(gateway) as client:
        with pytest.raises(ollama.ResponseError) as caught:
            await client.generate(model)
    assert caught.value.status_code == 404


@pytest.mark.parametrize("path", ["/api/tags", "/api/version", "/api/ps"])
async def test_a_key_is_needed_here_too(path: str) -> None:
    async with open_gateway() as gateway:
        response = await gateway.client.get(path, headers={"authorization": "Bearer wrong"})
    assert response.status_code == 401
    assert list(response.json()) == ["error"]
    assert isinstance(response.json()["error"], str)


async def test_an_unknown_model_is_an_error_of_the_client() -> None:
    async with open_gateway() as gateway, client_of(gateway) as client:
        with pytest.raises(ollama.ResponseError) as caught:
            await client.chat("llama9", HELLO)
    assert caught.value.status_code == 404
