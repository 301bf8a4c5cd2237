"""Counting tokens: bounded work, by the rate of the key and fair between tenants."""

import orjson
import pytest

from services.gateway.api import token_counts
from services.gateway.dialects.messages.count import count_length
from services.gateway.dialects.responses.count import count_length as count_input_length
from services.gateway.domain.question.estimate import IMAGE_TOKENS
from tests.support.gateway import GatewayHarness, open_gateway

HEADERS = {"content-type": "application/json"}


def body_of(text: str) -> bytes:
    return orjson.dumps({"model": "moe-orchestrator", "messages": [{"role": "user", "content": text}]})


async def count(gateway: GatewayHarness, body: bytes) -> int:
    reply = await gateway.client.post("/v1/messages/count_tokens", content=body, headers=HEADERS)
    assert reply.status_code == 200
    tokens: int = reply.json()["input_tokens"]
    return tokens


async def test_a_body_of_more_than_a_megabyte_is_estimated_by_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: object) -> bytes:
        raise AssertionError("parsed and tokenized")

    monkeypatch.setattr(token_counts, "count_body", never)
    body = body_of("a " * 600_000)
    async with open_gateway() as gateway:
        assert await count(gateway, body) == pytest.approx(len(body) / 4, rel=0.01)


async def test_a_smaller_body_is_counted_word_by_word() -> None:
    async with open_gateway() as gateway:
        assert await count(gateway, body_of("a " * 40_000)) == pytest.approx(40_000, rel=0.05)


async def test_tokens_of_an_input_are_counted_as_those_of_a_message() -> None:
    async with open_gateway() as gateway:
        reply = await gateway.client.post(
            "/v1/responses/input_tokens", json={"model": "moe-orchestrator", "input": "a " * 40_000}
        )
        counted = await count(gateway, body_of("a " * 40_000))
    assert reply.json() == {"object": "response.input_tokens", "input_tokens": counted}


@pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
async def test_a_kept_conversation_is_not_counted(field: str) -> None:
    async with open_gateway() as gateway:
        body = {"model": "moe-orchestrator", "input": "Why?", field: "resp_1"}
        error = (await gateway.client.post("/v1/responses/input_tokens", json=body)).json()["error"]
    assert (error["param"], error["code"]) == (field, "unsupported_parameter")


def test_files_in_a_large_input_count_as_images_whatever_their_size() -> None:
    files = [
        {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 2_000_000},
        {"type": "input_file", "file_data": "data:application/pdf;base64," + "A" * 2_000_000},
    ]
    body = orjson.dumps({"input": [{"role": "user", "content": files}]})
    assert orjson.loads(count_input_length(body))["input_tokens"] == pytest.approx(2 * IMAGE_TOKENS, rel=0.05)


def test_a_file_in_a_large_body_counts_as_an_image_whatever_its_size() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 2_000_000}}
    body = orjson.dumps({"messages": [{"role": "user", "content": [image, image]}]})
    assert orjson.loads(count_length(body))["input_tokens"] == pytest.approx(2 * IMAGE_TOKENS, rel=0.05)
