"""Cancelling from any instance, and repeatedly: the log decides how a response ended, not the last request."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestCancelled
from services.gateway.domain.request_limits import RequestLimits
from tests.support.cluster import Cluster, Gateway, TwoTenants, gateway, opened, started
from tests.support.gateway import answered

CANCELLED = AnswerFinished(outcome="cancelled")


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def cancelled_by(cluster: Cluster, instance: Gateway, response_id: str) -> httpx.Response:
    """Cancel as a client does, with a join behind it that ends cancelled requests."""
    asked = started(instance.client.post(f"/v1/responses/{response_id}/cancel"))
    await cluster.finish(await cluster.wait_for(RequestCancelled), CANCELLED)
    return await asked


@pytest.mark.parametrize("ordinal", [0, 1])
async def test_any_instance_cancels(cluster: Cluster, ordinal: int) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        response_id = (await opened(cluster)).envelope.response_id
        reply = await cancelled_by(cluster, (first, second)[ordinal], response_id)
        assert (await asked).status_code == 499
        shown = await second.get(response_id)
    assert (reply.status_code, shown.json()["status"]) == (200, "cancelled")
    assert reply.json() == shown.json()


async def test_a_deletion_without_postgres_is_refused_and_stops_nothing(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        asked = started(instance.ask())
        request = await opened(cluster)
        path = f"/v1/responses/{request.envelope.response_id}"
        refused = await instance.client.delete(path)
        await cluster.finish(request, answered("done"))
        assert (await asked).status_code == 200
        shown = await instance.client.get(path)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (503, "no_deletions")
    assert "POSTGRES_CHECKPOINT_URL" in error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert "retry-after" not in refused.headers
    assert (shown.status_code, shown.json()["output_text"]) == (200, "done")
    assert cluster.all(RequestCancelled) == []


async def test_cancelling_again_says_the_same_and_writes_nothing(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        response_id = (await opened(cluster)).envelope.response_id
        one = await cancelled_by(cluster, first, response_id)
        again = await second.client.post(f"/v1/responses/{response_id}/cancel")
        await asked
    assert one.content == again.content
    assert sum(b"cancelled by" in record.value for record in cluster.broker.records()) == len(RequestCancelled.topics)


async def test_a_cancel_after_the_end_tells_the_end(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        request = await opened(cluster)
        await cluster.finish(request, answered("done"))
        await asked
        reply = await second.client.post(f"/v1/responses/{request.envelope.response_id}/cancel")
    assert (reply.json()["status"], reply.json()["output_text"]) == ("completed", "done")
    assert cluster.all(RequestCancelled) == []


async def test_an_end_that_was_faster_than_the_cancel_is_told(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        asked = started(first.ask())
        request = await opened(cluster)
        cancelling = started(second.client.post(f"/v1/responses/{request.envelope.response_id}/cancel"))
        await cluster.wait_for(RequestCancelled)
        await cluster.finish(request, answered("faster"))
        await cluster.finish(request, CANCELLED)
        assert (await cancelling).json()["status"] == "completed"
        assert (await asked).status_code == 200


class Hasty(TwoTenants):
    """Settings of a gateway that hardly waits for the end of cancelled requests."""

    @property
    def rules(self) -> RequestLimits:
        return replace(super().rules, settle_s=0.1)


async def test_a_cancel_that_nobody_answers_yet_tells_how_the_response_stands(cluster: Cluster) -> None:
    cluster.kind = Hasty
    async with gateway(cluster, 0) as first:
        asked = started(first.ask())
        request = await opened(cluster)
        reply = await first.client.post(f"/v1/responses/{request.envelope.response_id}/cancel")
        await cluster.finish(request, CANCELLED)
        await asked
    assert (reply.status_code, reply.json()["status"]) == (200, "in_progress")
