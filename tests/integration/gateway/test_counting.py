"""Counting tokens: bounded work, by the rate of the key and in turns."""

import orjson
import pytest

from services.gateway.domain.dialects.messages.count import count_length
from services.gateway.domain.token_estimate import IMAGE_TOKENS
from services.gateway.http import counting
from tests.integration.gateway.house import House, open_house

HEADERS = {"content-type": "application/json"}


def body_of(text: str) -> bytes:
    return orjson.dumps({"model": "moe-orchestrator", "messages": [{"role": "user", "content": text}]})


async def count(house: House, body: bytes) -> int:
    reply = await house.client.post("/v1/messages/count_tokens", content=body, headers=HEADERS)
    assert reply.status_code == 200
    tokens: int = reply.json()["input_tokens"]
    return tokens


async def test_a_body_of_more_than_a_megabyte_is_estimated_by_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: object) -> bytes:
        raise AssertionError("parsed and tokenized")

    monkeypatch.setattr(counting, "count_body", never)
    body = body_of("a " * 600_000)
    async with open_house() as house:
        assert await count(house, body) == pytest.approx(len(body) / 4, rel=0.01)


async def test_a_smaller_body_is_counted_word_by_word() -> None:
    async with open_house() as house:
        assert await count(house, body_of("a " * 40_000)) == pytest.approx(40_000, rel=0.05)


def test_a_file_in_a_large_body_counts_as_an_image_whatever_its_size() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 2_000_000}}
    body = orjson.dumps({"messages": [{"role": "user", "content": [image, image]}]})
    assert orjson.loads(count_length(body))["input_tokens"] == pytest.approx(2 * IMAGE_TOKENS, rel=0.05)
