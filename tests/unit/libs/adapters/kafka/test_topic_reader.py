"""Brokers of one cluster learn of a new topic one after the other, and each request reaches any of them."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from aiokafka.errors import NoError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from libs.adapters.kafka.topic_plan import ObservedTopic
from libs.adapters.kafka.topic_reader import TopicReader

NAME = "moe.pipeline.work.v1"
PARTITIONS = [{"replicas": [1, 2, 3]}, {"replicas": [1, 2, 3]}]
OBSERVED = ObservedTopic(partitions=2, replication=3, retention_ms=1000, min_in_sync=2)


class Cluster:
    """Answers of two brokers to the admin client; the settings return each of `codes` in turn."""

    def __init__(self, codes: Sequence[int] = (), known: Sequence[int] = (2, 2)) -> None:
        self.codes = list(codes)
        self.known = known  # partitions that each broker knows of

    async def describe_topics(self) -> list[dict[str, object]]:
        return [{"topic": NAME, "partitions": PARTITIONS}, {"topic": "others", "partitions": PARTITIONS}]

    async def describe_cluster(self) -> dict[str, object]:
        return {"brokers": [{"node_id": number} for number in range(len(self.known))]}

    async def describe_configs(self, _resources: object) -> list[object]:
        entries = [("retention.ms", "1000", False, 1), ("min.insync.replicas", "2", False, 1)]
        return [SimpleNamespace(resources=[(self.codes.pop(0), "", 2, NAME, entries)])]

    async def _send_request(self, _request: object, node_id: int) -> SimpleNamespace:
        topics = [{"topic": NAME, "partitions": PARTITIONS[: self.known[node_id]]}]
        return SimpleNamespace(to_object=lambda: {"topics": topics})


async def test_a_topic_that_one_broker_does_not_know_yet_is_read_again() -> None:
    cluster = Cluster([UnknownTopicOrPartitionError.errno, NoError.errno])
    assert await TopicReader(cluster).observed([NAME]) == {NAME: OBSERVED}
    assert cluster.codes == []


async def test_every_other_refusal_is_raised() -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await TopicReader(Cluster([TopicAuthorizationFailedError.errno])).observed([NAME])


@pytest.mark.parametrize(("known", "everywhere"), [((2, 2), True), ((2, 1), False), ((0, 2), False)])
async def test_a_topic_is_known_when_each_broker_has_all_its_partitions(
    known: tuple[int, int], *, everywhere: bool
) -> None:
    assert await TopicReader(Cluster(known=known)).is_known_everywhere({NAME: OBSERVED}) is everywhere
