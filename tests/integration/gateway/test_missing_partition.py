"""An id of a partition that the log does not have is unknown at once, without a wait."""

import time
from pathlib import Path

import pytest

from libs.contracts.topics import ANSWER_FINISHED
from libs.core.ids import new_response_id
from libs.testing.waiting import waiting
from tests.support.cluster import Cluster, Gateway, gateway

AT_ONCE_S = 10.0  # looking a response up may take 60 s here


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def answers(instance: Gateway, response_id: str) -> list[tuple[int, str]]:
    client, path = instance.client, f"/v1/responses/{response_id}"
    goes_on = {"model": "moe-orchestrator", "input": "And?", "previous_response_id": response_id}
    given = [
        await client.get(path),
        await client.get(f"{path}?stream=true"),
        await client.delete(path),
        await client.post("/v1/feedback", json={"response_id": response_id, "rating": 5}),
    ]
    given.append(await client.post("/v1/responses", json=goes_on))
    return [(each.status_code, each.json()["error"]["code"]) for each in given]


@pytest.mark.parametrize("number", [ANSWER_FINISHED.partitions, 4000])
async def test_an_id_with_a_missing_partition_is_unknown_at_once(cluster: Cluster, number: int) -> None:
    async with gateway(cluster, 0) as instance, waiting(AT_ONCE_S):
        assert set(await answers(instance, new_response_id(number, time.time()))) == {(404, "response_not_found")}
