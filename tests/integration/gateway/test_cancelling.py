"""Cancelling from anywhere, and again: the log says how a response ended, not who asked last."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled
from services.gateway.pipeline.app_context import RequestLimits
from tests.integration.gateway.cluster import Cluster, Gateway, TwoTenants, gateway, opened, started
from tests.integration.gateway.gateway import answered

CANCELLED = AnswerFinished(outcome="cancelled")


@pytest.fixture
def town(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def cancelled_by(town: Cluster, instance: Gateway, response_id: str, method: str = "POST") -> httpx.Response:
    """Cancel as a client does, with a join behind it that ends what is cancelled."""
    path = f"/v1/responses/{response_id}{'' if method == 'DELETE' else '/cancel'}"
    asked = started(instance.client.request(method, path))
    await town.finish(await town.wait_for(RequestCancelled), CANCELLED)
    return await asked


@pytest.mark.parametrize("method", ["DELETE", "POST"])
@pytest.mark.parametrize("ordinal", [0, 1])
async def test_any_instance_cancels(town: Cluster, ordinal: int, method: str) -> None:
    async with gateway(town, 0) as first, gateway(town, 1) as second:
        asked = started(first.ask())
        response_id = (await opened(town)).envelope.response_id
        reply = await cancelled_by(town, (first, second)[ordinal], response_id, method)
        assert (await asked).status_code == 499
        shown = await second.get(response_id)
    assert (reply.status_code, shown.json()["status"]) == (200, "cancelled")
    deleted = {"id": response_id, "object": "response.deleted", "deleted": True}
    assert reply.json() == (deleted if method == "DELETE" else shown.json())


async def test_cancelling_again_says_the_same_and_writes_nothing(town: Cluster) -> None:
    async with gateway(town, 0) as first, gateway(town, 1) as second:
        asked = started(first.ask())
        response_id = (await opened(town)).envelope.response_id
        one = await cancelled_by(town, first, response_id)
        again = await second.client.post(f"/v1/responses/{response_id}/cancel")
        await asked
    assert one.content == again.content
    assert sum(b"cancelled by" in record.value for record in town.broker.records()) == len(RequestCancelled.topics)


async def test_a_cancel_after_the_end_tells_the_end(town: Cluster) -> None:
    async with gateway(town, 0) as first, gateway(town, 1) as second:
        asked = started(first.ask())
        request = await opened(town)
        await town.finish(request, answered("done"))
        await asked
        reply = await second.client.post(f"/v1/responses/{request.envelope.response_id}/cancel")
    assert (reply.json()["status"], reply.json()["output_text"]) == ("completed", "done")
    assert town.all(RequestCancelled) == []


async def test_an_end_that_was_faster_than_the_cancel_is_told(town: Cluster) -> None:
    async with gateway(town, 0) as first, gateway(town, 1) as second:
        asked = started(first.ask())
        request = await opened(town)
        cancelling = started(second.client.post(f"/v1/responses/{request.envelope.response_id}/cancel"))
        await town.wait_for(RequestCancelled)
        await town.finish(request, answered("faster"))
        await town.finish(request, CANCELLED)
        assert (await cancelling).json()["status"] == "completed"
        assert (await asked).status_code == 200


class Hasty(TwoTenants):
    """The settings of a gateway that hardly waits for the end of what is cancelled."""

    @property
    def rules(self) -> RequestLimits:
        return replace(super().rules, settle_s=0.1)


async def test_a_cancel_that_nobody_answers_yet_tells_how_the_response_stands(town: Cluster) -> None:
    town.kind = Hasty
    async with gateway(town, 0) as first:
        asked = started(first.ask())
        request = await opened(town)
        reply = await first.client.post(f"/v1/responses/{request.envelope.response_id}/cancel")
        await town.finish(request, CANCELLED)
        await asked
    assert (reply.status_code, reply.json()["status"]) == (200, "in_progress")
