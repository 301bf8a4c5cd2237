"""Rejoining a group when its topic gets partitions."""

import logging

from aiokafka import AIOKafkaConsumer
from aiokafka.cluster import ClusterMetadata

from libs.contracts.catalogue import TOPICS
from libs.runtime.kafka.client_internals import coordinator_of

log = logging.getLogger(__name__)
_DECLARED = {topic.name: topic.partitions for topic in TOPICS}


class GrowthListener:
    """Called with each update of a consumer's metadata. `held` are the partitions assigned at the start.

    The client rejoins only if it knows that it leads the group. A static member that was killed and restarted gets its
    partitions without a new generation, and does not know whether it leads: new partitions would have no consumer.

    A topic with more partitions than declared may have got them while the member was down: it rejoins once.
    """

    def __init__(self, consumer: AIOKafkaConsumer, topic: str, held: set[int]) -> None:
        self._coordinator = coordinator_of(consumer)
        self._topic = topic
        self._known = max(_DECLARED.get(topic, 0), max(held, default=-1) + 1)

    def __call__(self, cluster: ClusterMetadata) -> None:
        found = len(cluster.partitions_for_topic(self._topic) or ())
        if found > self._known:
            log.info("%s has %d partitions now, joining again", self._topic, found)
            self._known = found
            self._coordinator.request_rejoin()
