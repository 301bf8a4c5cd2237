"""A large embeddings request blocks no other: it acquires its slot before it is read, and is read off the loop."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
import pytest
from starlette.requests import Request
from starlette.types import Message

from libs.http.context import store_caller
from libs.ports.quota import QuotaRequest, Reservation
from libs.ports.unlimited_quota import UnlimitedQuota
from libs.runtime.settings.static_keys import owner_of
from services.gateway.api.embeddings import Embeddings
from services.gateway.pipeline.app_context import AppContext
from tests.integration.gateway.test_embeddings import MODEL, Server, embedding_gateway


@dataclass
class Loop:
    """A client whose body has come and a metering, which notes whether the loop has turned between the two."""

    body: bytes
    fronts: list[AppContext] = field(default_factory=list)
    turned: bool = False
    had_turned: bool | None = None

    async def receive(self) -> Message:
        asyncio.get_running_loop().call_soon(setattr, self, "turned", True)
        return {"type": "http.request", "body": self.body}

    async def reserve(self, request: QuotaRequest) -> Reservation:
        self.had_turned = self.turned
        return await UnlimitedQuota().reserve(request)

    def alter(self, front: AppContext) -> AppContext:
        self.fronts.append(replace(front, quota=self))
        return self.fronts[0]

    def request(self) -> Request:
        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "headers": headers}
        store_caller(scope, owner_of("default"))
        return Request(scope, self.receive)


@pytest.mark.parametrize(("words", "turns"), [(10, False), (10_000, True)])
async def test_others_go_on_while_a_large_body_is_read(tmp_path: Path, words: int, *, turns: bool) -> None:
    loop = Loop(orjson.dumps({"model": MODEL, "input": ["word " * words]}))
    async with embedding_gateway(tmp_path, Server(), alter=loop.alter):
        response = await Embeddings(loop.fronts[0]).openai(loop.request())
    assert (response.status_code, loop.had_turned) == (200, turns)


async def test_who_finds_no_place_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    async with embedding_gateway(tmp_path, Server(), most=1) as direct:
        with direct.proxy.admission.slot("default"):
            refused = await direct.gateway.client.post("/v1/embeddings", content=b"no JSON")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
