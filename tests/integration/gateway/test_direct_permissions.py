"""Parameters that a client may set for a model server, over real HTTP: documented, bounded, and its tenant's salt."""

from pathlib import Path

import pytest

from libs.core.cache_salt import cache_salt
from libs.ports.llm import TokenUsage
from libs.testing.model_server import Reply, Rule, error_reply
from services.gateway.domain.direct.upstream import Upstream
from tests.support.direct_gateway import JUDGE, DirectSetting, direct_gateway

TELLS_SALT = Rule(Reply(lambda prompt: prompt.cache_salt or "none"))
TELLS_LIMIT = Rule(Reply(lambda prompt: str(prompt.max_tokens)))
SAYS = Rule(Reply("It is sunny.", usage=TokenUsage(11, 3)))


@pytest.mark.parametrize(("key", "salt"), [("root", cache_salt("root", "default")), ("", "none")])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/api/chat"])
async def test_a_client_neither_sets_nor_avoids_its_salt(tmp_path: Path, path: str, key: str, salt: str) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": "m@scripted", "messages": messages, "input": messages, "max_tokens": 9, "stream": False}
    async with direct_gateway(DirectSetting(tmp_path, upstream=Upstream(salt_key=key)), TELLS_SALT) as direct:
        response = await direct.gateway.client.post(path, json={**body, "cache_salt": "of another tenant"})
        assert response.status_code == 200
        assert salt in response.text
        assert "of another tenant" not in response.text


@pytest.mark.parametrize(
    ("field", "most", "told"),
    [("max_tokens", None, "100"), ("max_tokens", 7, "7"), ("max_completion_tokens", 2**31 - 1, "1000")],
)
async def test_every_answer_is_bounded(tmp_path: Path, field: str, most: int | None, told: str) -> None:
    upstream = Upstream(most_tokens=1000, default_tokens=100)
    async with direct_gateway(DirectSetting(tmp_path, upstream=upstream), TELLS_LIMIT) as direct:
        reply = (await direct.ask("Hi", **{field: most})).json()
        assert reply["choices"][0]["message"]["content"] == told


@pytest.mark.parametrize("n", [0, -1, 9, 2**31])
async def test_the_number_of_answers_is_bounded(tmp_path: Path, n: int) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        response = await direct.ask(n=n)
        assert (response.status_code, response.json()["error"]["param"]) == (400, "n")
        assert not direct.models.calls


async def test_a_server_whose_window_is_smaller_than_the_default_is_asked_without_it(tmp_path: Path) -> None:
    refused = error_reply(400, "This model's maximum context length is 4096 tokens", code="context_length_exceeded")
    rules = (Rule(refused, times=1), TELLS_LIMIT)
    async with direct_gateway(DirectSetting(tmp_path), *rules) as direct:
        told = [(await direct.ask()).json()["choices"][0]["message"]["content"] for _ in range(2)]
        assert told == ["None", "None"]
        assert [call.status for call in direct.models.calls] == [400, 200, 200]
        bounded = (await direct.ask(max_tokens=7)).json()["choices"][0]["message"]["content"]
        assert (bounded, direct.models.calls[-1].model) == ("7", JUDGE.model)
