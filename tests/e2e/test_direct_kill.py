"""A killed gateway: the records of its answers are published, and its accepted requests get their end."""

from functools import partial
from pathlib import Path

import httpx
import pytest

from libs.contracts.records import RequestLogged
from libs.contracts.topics import REQUESTS
from libs.core.ids import response_id_in
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.keys import SIGNING_KEY
from libs.testing.log_reader import messages_on
from libs.testing.waiting import eventually
from tests.support.gateway_process import Ways, two_ways
from tests.support.raw_client import connected

pytestmark = pytest.mark.slow


async def logged(ways: Ways, response_id: str) -> list[str]:
    found = await messages_on(KafkaConnection(ways.kafka), REQUESTS, response_id, Signer(SIGNING_KEY.encode()))
    return [message.envelope.event_id for message in found if isinstance(message, RequestLogged)]


async def test_a_killed_gateway_owes_no_records(tmp_path: Path) -> None:
    async with two_ways(tmp_path) as ways:
        client = await connected(ways.gateway.port)
        told = [await client.ask(ways.through.request("whole")) for _ in range(20)]
        await ways.gateway.kill()
        response_ids = [one.data.partition(b"x-request-id: ")[2].partition(b"\r\n")[0].decode() for one in told]
        await ways.gateway.start()
        for response_id in response_ids:
            records = await eventually(partial(logged, ways, response_id), look_every_s=0.05)
            assert len(set(records)) == 1


async def test_a_killed_gateway_tells_how_ended_what_it_had_accepted(tmp_path: Path) -> None:
    body = {"model": "idle@fast", "input": "Why?", "background": True}
    async with two_ways(tmp_path) as ways, client_of(ways) as client:
        queued = (await client.post("/v1/responses", json=body)).json()
        running = (await client.get(f"/v1/responses/{queued['id']}")).json()
        await ways.gateway.kill()
        await ways.gateway.start()
        ended = (await client.get(f"/v1/responses/{queued['id']}")).json()
        records = await eventually(lambda: logged(ways, response_id_in(queued["id"])), look_every_s=0.05)
        later = (await client.get(f"/v1/responses/{queued['id']}")).json()
    assert (queued["status"], running["status"]) == ("queued", "in_progress")
    assert (ended["status"], ended["error"]["type"]) == ("failed", "gateway_restarted")
    assert (len(set(records)), later) == (1, ended)


def client_of(ways: Ways) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=ways.gateway.url, headers={"authorization": f"Bearer {ways.key}"}, timeout=60)
