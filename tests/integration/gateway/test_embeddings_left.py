"""A client that disconnects ends its embedding, and is charged for it; tenants share the embedder fairly."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import Response

from libs.core.tenancy import tenant_scope
from libs.testing.waiting import eventually, waiting
from tests.integration.gateway.test_embeddings import MODEL, Server, embedding_gateway

if TYPE_CHECKING:  # onnxruntime takes 20 MB, which the processes that run other files do without
    from tests.support.recording_embedder import Noting

TEXT = "word " * 400


@dataclass
class Silent(Server):
    """An embedding server that never answers, and records when its client has disconnected."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def embed(self, request: Request) -> Response:
        await request.body()
        self.reached.set()
        await eventually(request.is_disconnected, look_every_s=0.005)
        self.left.set()
        return Response()


@pytest.mark.parametrize("path", ["/v1/embeddings", "/api/embed"])
async def test_an_embedding_whose_client_left_ends_upstream_and_is_charged(tmp_path: Path, path: str) -> None:
    server = Silent()
    async with embedding_gateway(tmp_path, server) as direct:
        body = {"model": MODEL, "input": [TEXT]}
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(direct.gateway.client.post(path, json=body))
            async with waiting(30):
                await server.reached.wait()
            asking.cancel()
        async with waiting(30):
            await server.left.wait()
        logged = await direct.logged()
    assert (logged.outcome, logged.usage.prompt_tokens) == ("cancelled", len(TEXT) // 4)
    assert direct.proxy.admission.open == 0


@pytest.mark.parametrize(
    ("server", "timeout_s", "charged"),
    [
        (Silent(), 0.5, len(TEXT) // 4),
        (Server(missing=True), 10, len(TEXT) // 4),
        (Server(status=500), 10, 0),
        (Server(status=400), 10, 0),
    ],
    ids=["answers too late", "answers with too few", "fails", "refuses"],
)
async def test_work_of_a_server_is_charged_without_its_answer(
    tmp_path: Path, server: Server, timeout_s: float, charged: int
) -> None:
    async with embedding_gateway(tmp_path, server, timeout_s=timeout_s) as direct:
        await direct.gateway.client.post("/v1/embeddings", json={"model": MODEL, "input": [TEXT]})
        logged = await direct.logged()
    assert (logged.outcome, logged.usage.prompt_tokens) == ("failed", charged)


async def of_tenant(model: "Noting", tenant: str, texts: Sequence[str]) -> None:
    with tenant_scope(tenant):
        await model.embed(texts)


async def test_a_batch_of_one_tenant_lets_another_one_in_after_each_text() -> None:
    from tests.support.recording_embedder import Noting

    async with Noting() as model, asyncio.TaskGroup() as group:
        group.create_task(of_tenant(model, "greedy", [f"g{number}" for number in range(200)]))
        group.create_task(of_tenant(model, "modest", ["m0", "m1", "m2"]))
    assert model.embedded.index("m2") < 10


async def test_a_batch_whose_client_left_ends_before_its_next_text() -> None:
    from tests.support.recording_embedder import Noting

    async with Noting() as model:
        work = asyncio.get_running_loop().create_task(of_tenant(model, "left", [str(number) for number in range(2000)]))
        await eventually(lambda: len(model.embedded) >= 5, look_every_s=0)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        stopped_at = len(model.embedded)
        await of_tenant(model, "next", ["last"])
    assert len(model.embedded) <= stopped_at + 2
    assert model.embedded[-1] == "last"
