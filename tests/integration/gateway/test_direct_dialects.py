"""A model's answer in the words of other protocols than its own."""

import json
from pathlib import Path

from libs.ports.llm import TokenUsage
from libs.testing.model_server import Reply, Rule
from libs.testing.model_server.script import ToolUse
from tests.support.direct_gateway import JUDGE, DirectGateway, DirectSetting, direct_gateway

TOOL = {"name": "weather", "description": "Tells it.", "input_schema": {"type": "object", "properties": {}}}
CALLS = Rule(Reply(tool_calls=(ToolUse("weather", '{"city":"Bonn"}'), ToolUse("weather", '{"city":"Kiel"}'))))
Event = tuple[str, dict[str, object]]


def body(**fields: object) -> dict[str, object]:
    said = {"model": "moe-orchestrator", "max_tokens": 100, "messages": [{"role": "user", "content": "Weather?"}]}
    return {**said, "tools": [TOOL], **fields}


async def events(direct: DirectGateway, **fields: object) -> list[Event]:
    response = await direct.gateway.client.post("/v1/messages", json=body(stream=True, **fields))
    assert response.status_code == 200, response.text
    found = []
    for block in response.text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        found.append((lines["event"], json.loads(lines["data"])))
    return found


async def test_calls_become_blocks(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        told = await events(direct)
        kinds = [name for name, _ in told if name != "ping"]
        assert kinds[0] == "message_start"
        assert kinds[-2:] == ["message_delta", "message_stop"]
        assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 2
        assert direct.models.calls[0].model == JUDGE.model


async def test_a_whole_answer_has_blocks_as_well(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        told = (await direct.gateway.client.post("/v1/messages", json=body())).json()
        inputs = [block["input"] for block in told["content"] if block["type"] == "tool_use"]
        assert (inputs, told["stop_reason"]) == ([{"city": "Bonn"}, {"city": "Kiel"}], "tool_use")


async def test_thinking_and_text_come_in_this_order(tmp_path: Path) -> None:
    said = Rule(Reply("Sunny.", reasoning="Looking out.", usage=TokenUsage(5, 4)))
    async with direct_gateway(DirectSetting(tmp_path), said) as direct:
        told = await events(direct, thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2000)
        kinds = [data["delta"]["type"] for name, data in told if name == "content_block_delta"]  # type: ignore[index]
        assert [kind for kind in dict.fromkeys(kinds) if kind != "signature_delta"] == ["thinking_delta", "text_delta"]


async def test_an_error_is_one_of_the_protocol(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply(status=400, raw=b"{}"))) as direct:
        response = await direct.gateway.client.post("/v1/messages", json=body())
        assert (response.status_code, response.json()["type"]) == (400, "error")


async def test_anthropics_headers_reach_the_server_as_they_came(tmp_path: Path) -> None:
    sent = {
        "anthropic-beta": "context-1m-2025-08-07,interleaved-thinking-2025-05-14",
        "anthropic-version": "2023-06-01",
    }
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        await direct.gateway.client.post("/v1/messages", json=body(), headers={**sent, "x-other": "stays here"})
        came = direct.models.calls[0].headers
        assert {name: came[name] for name in sent} == sent
        assert "x-other" not in came
