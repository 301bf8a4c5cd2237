"""A direct answer is on no log as it was sent: a repetition gets it, and the model is called once."""

import asyncio
from pathlib import Path

import httpx
import pytest

from libs.contracts.records import RequestLogged
from libs.testing.fake_key_values import FakeKeyValues
from libs.testing.model_server import Reply, Rule, error_reply
from libs.testing.model_server.script import ToolUse
from services.gateway.domain.idempotency import IdempotencyRecord
from tests.support.cluster import started
from tests.support.direct_gateway import WEATHER, DirectGateway, DirectSetting, direct_gateway

CALLS = Rule(Reply(tool_calls=(ToolUse("weather", '{"city":"Bonn"}'),)))
SLOW = Rule(Reply("It is sunny.", delay_s=0.5))


async def ask(direct: DirectGateway, text: str = "Weather?", *, once: str = "k-1", **fields: object) -> httpx.Response:
    messages = [{"role": "user", "content": text}]
    body = {"model": "moe-orchestrator", "messages": messages, "tools": [WEATHER], **fields}
    return await direct.gateway.client.post("/v1/chat/completions", json=body, headers={"idempotency-key": once})


@pytest.mark.parametrize("stream", [False, True])
async def test_a_repetition_gets_the_same_bytes_and_no_model_is_asked(tmp_path: Path, *, stream: bool) -> None:
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        one, other = await ask(direct, stream=stream), await ask(direct, stream=stream)
        assert (other.status_code, other.content) == (200, one.content)
        assert other.headers["x-request-id"] == one.headers["x-request-id"]
        assert other.headers["content-type"] == one.headers["content-type"]
        assert (other.headers["idempotent-replayed"], "idempotent-replayed" in one.headers) == ("true", False)
        assert len(direct.models.calls) == 1
        assert len(await direct.gateway.fleet.wait_for(RequestLogged)) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_repetition_waits_for_the_answer_that_is_on_its_way(tmp_path: Path, *, stream: bool) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SLOW) as direct:
        replies = await asyncio.gather(*(ask(direct, stream=stream) for _ in range(3)))
        assert len({reply.content for reply in replies}) == 1
        assert len(direct.models.calls) == 1


async def test_another_body_is_refused(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), CALLS) as direct:
        await ask(direct)
        assert (await ask(direct, "Weather tomorrow?")).status_code == 409
        assert len(direct.models.calls) == 1


async def test_a_model_that_failed_is_asked_again(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(error_reply(400, "no"), times=1), CALLS) as direct:
        assert (await ask(direct)).status_code >= 400
        assert (await ask(direct)).status_code == 200
        assert len(direct.models.calls) == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_who_hangs_up_finds_the_answer_when_it_comes_back(tmp_path: Path, *, stream: bool) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SLOW) as direct:
        work = started(ask(direct, stream=stream))
        await direct.models.log.wait_started(1)
        work.cancel()
        await asyncio.wait([work])
        again = await ask(direct, stream=stream)
        assert ("sunny" in again.text, again.headers["idempotent-replayed"]) == (True, "true")
        assert [call.disconnected for call in direct.models.calls] == [False]


async def test_who_leaves_in_the_middle_of_a_stream_finds_it_whole(tmp_path: Path) -> None:
    pieces = Rule(Reply("It is sunny in Bonn today.", piece_delay_s=0.05))
    async with direct_gateway(DirectSetting(tmp_path), pieces) as direct:
        body = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Weather?"}], "tools": [WEATHER]}
        headers = {"idempotency-key": "k-1"}
        way = direct.gateway.client.stream(
            "POST", "/v1/chat/completions", json={**body, "stream": True}, headers=headers
        )
        async with way as response:
            await anext(response.aiter_lines())
        again = await ask(direct, stream=True)
        assert (again.text.count("data: [DONE]"), len(direct.models.calls)) == (1, 1)


async def test_yesterdays_answer_is_not_given_to_another_body(tmp_path: Path) -> None:
    notes, tomorrow = FakeKeyValues(), Rule(Reply("It will rain.", delay_s=0.3))
    async with direct_gateway(
        DirectSetting(tmp_path), Rule(Reply("It is sunny."), times=1), tomorrow, notes=notes
    ) as direct:
        await ask(direct)
        claims = [name for name, (value, _) in notes.values.items() if IdempotencyRecord.read(value) is not None]
        await notes.delete(*claims)  # it ends before the answer, which was noted later
        replies = await asyncio.gather(*(ask(direct, "Weather tomorrow?") for _ in range(2)))
        assert (len(claims), ["rain" in reply.text for reply in replies]) == (1, [True, True])
