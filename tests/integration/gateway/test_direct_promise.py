"""The promise for a background request: log and disk have it, or it is rejected."""

import asyncio
from pathlib import Path

import httpx
from starlette.types import Message

from libs.contracts.direct import DirectOpened
from libs.http.disconnecting import BestEffortSend
from libs.testing.fake_clock import run_jumping
from libs.testing.model_server import Reply, Rule
from tests.support.direct_cluster import MODEL, WEATHER
from tests.support.direct_gateway import DirectGateway, DirectSetting, direct_gateway

SAYS = Rule(Reply("It is sunny."))


async def posted(direct: DirectGateway) -> httpx.Response:
    asked = {"model": MODEL, "input": "Weather?", "tools": [WEATHER], "background": True}
    return await direct.gateway.client.post("/v1/responses", json=asked)


async def test_what_the_log_does_not_take_is_not_accepted(tmp_path: Path) -> None:
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        direct.gateway.fleet.refusing = (DirectOpened,)
        refused = await posted(direct)
        record = await direct.logged()
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_accepted")
        assert (record.outcome, direct.models.log.in_flight, direct.proxy.admission.open) == ("failed", 0, 0)
    assert list((tmp_path / "open").iterdir()) == []


async def test_what_the_disk_does_not_take_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("no folder")
    async with direct_gateway(DirectSetting(tmp_path), SAYS) as direct:
        refused = await posted(direct)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "outbox_full")
        assert (direct.gateway.fleet.all(DirectOpened), direct.proxy.admission.open) == ([], 0)


def test_a_client_that_reads_nothing_holds_nobody_up() -> None:
    sent: list[str] = []

    async def stuck(message: Message) -> None:
        sent.append(message["type"])
        await asyncio.Event().wait()

    async def told() -> None:
        audience = BestEffortSend(stuck)
        for _ in range(3):
            await audience({"type": "http.response.body"})

    run_jumping(told())
    assert sent == ["http.response.body"]
