"""An unsupported field is a 400 that names it as its client does, in every protocol."""

from collections.abc import AsyncIterator

import pytest

from tests.support.gateway import GatewayHarness, answering, open_gateway

MODEL = {"model": "moe-orchestrator"}
TURNS = [{"role": "user", "content": "Why?"}]
MESSAGES = {**MODEL, "max_tokens": 50, "messages": TURNS}
PREFILLED = [*TURNS, {"role": "assistant", "content": "Because"}]
RESULT = {"role": "user", "content": [{"type": "tool_result", "content": "Rain"}]}
JSON = {"format": {"type": "json_schema", "schema": {}}}


@pytest.fixture
async def gateway() -> AsyncIterator[GatewayHarness]:
    async with open_gateway(answering("Because.")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/v1/messages", {**MESSAGES, "stop_sequences": ["a"]}, "`stop_sequences`"),
        ("/v1/messages", {**MESSAGES, "output_config": JSON}, "`output_config.format`"),
        ("/v1/messages", {**MESSAGES, "system": "Be brief.", "messages": PREFILLED}, "messages: The last message"),
        (
            "/v1/messages",
            {**MESSAGES, "messages": [{"role": "user", "content": [{"type": "tool_result"}]}]},
            "[0].tool",
        ),
        ("/v1/messages/count_tokens", {**MODEL, "messages": [{"role": "robot", "content": "a"}]}, "messages[0].role"),
        ("/v1/responses", {**MODEL, "input": "Why?", "text": {"format": {"type": "json_object"}}}, "`text.format`"),
        ("/v1/responses", {**MODEL, "input": "Why?", "max_output_tokens": 0}, "`max_output_tokens`"),
        ("/v1/completions", {**MODEL, "prompt": "Why?", "stop": ["a"]}, "`stop`"),
        ("/api/chat", {**MODEL, "messages": TURNS, "options": {"stop": ["a"]}}, "`options.stop`"),
        ("/api/chat", {**MODEL, "messages": TURNS, "options": {"num_predict": 0}}, "`options.num_predict`"),
        ("/api/generate", {**MODEL, "prompt": "Why?", "format": "json"}, "`format`"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_refusal_names_the_field(
    gateway: GatewayHarness, path: str, body: dict[str, object], named: str
) -> None:
    reply = await gateway.client.post(path, json=body)
    error = reply.json()["error"]
    assert reply.status_code == 400
    assert named in (error if isinstance(error, str) else error["message"])
