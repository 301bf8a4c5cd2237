"""The owner of a reply partition is the last claim in the log, whatever other instances assume."""

from pathlib import Path

import httpx
import pytest

from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.testing.waiting import eventually, waiting
from tests.support.cluster import Cluster, Gateway, gateway, opened, started
from tests.support.gateway import answered


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def ready(instance: Gateway, status: int) -> dict[str, dict[str, str]]:
    async def found() -> httpx.Response | None:
        response = await instance.client.get("/ready")
        return response if response.status_code == status else None

    told: dict[str, dict[str, str]] = (await eventually(found, within_s=30)).json()
    return told


async def test_a_gateway_claims_its_partition_before_it_is_ready(cluster: Cluster) -> None:
    async with gateway(cluster, 3) as instance:
        await ready(instance, 200)
        (claim,) = cluster.all(ReplyPartitionTaken)
    (record,) = [record for record in cluster.broker.records() if record.topic == ReplyPartitionTaken.topics[0].name]
    assert (record.partition, record.key) == (3, claim.envelope.response_id.encode())


async def test_a_later_claim_fences_the_holder_which_admits_nobody_lets_open_ones_end_and_stops(
    cluster: Cluster,
) -> None:
    async with gateway(cluster, 3) as old:
        await ready(old, 200)
        asked = started(old.ask())
        request = await opened(cluster)
        async with gateway(cluster, 3) as new:
            told = await ready(old, 503)
            refused = await old.ask()
            assert not old.fleet.failed.is_set()
            await cluster.finish(request, answered("still told"))
            assert (await asked).json()["choices"][0]["message"]["content"] == "still told"
            async with waiting(30):
                await old.fleet.failed.wait()
            await ready(new, 200)
    assert told["failing"]["reply-partition"] == "claimed_by_another_instance"
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "instance_replaced")
    assert refused.headers["retry-after"] == "1"


async def test_a_claim_from_before_ones_own_is_of_the_past(cluster: Cluster) -> None:
    async with gateway(cluster, 3) as old:
        await ready(old, 200)
    async with gateway(cluster, 3) as new:
        await ready(new, 200)
        asked = started(new.ask())
        await cluster.finish(await opened(cluster), answered("by the new one"))
        assert (await asked).status_code == 200
        assert not new.fleet.failed.is_set()


async def test_gateways_on_partitions_of_their_own_do_not_disturb_each_other(cluster: Cluster) -> None:
    async with gateway(cluster, 1) as one:
        await ready(one, 200)
        before = dict(cluster.broker.committed)
        async with gateway(cluster, 2) as other:
            await ready(other, 200)
            await ready(one, 200)
        assert not one.fleet.failed.is_set()
        assert cluster.broker.committed == before, "no gateway is in a group: no rebalance"
