"""Reads topics and their settings from a broker."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Sized

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from libs.adapters.kafka.topic_plan import ObservedTopic
from libs.runtime.kafka.client_internals import send_to

RETENTION = "retention.ms"
SEGMENT = "segment.ms"
COMPRESSION_TYPE = "compression.type"
IN_SYNC = "min.insync.replicas"
_KNOWN_WITHIN_S = 15.0
_POLL_S = 0.05
_SET_ON_THE_TOPIC = 1  # DYNAMIC_TOPIC_CONFIG of KIP-226; every other source is a default
_Settings = dict[str, tuple[str, int]]  # value and source by name


class TopicReader:
    """Reads only. All methods raise KafkaError, OSError or TimeoutError."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def brokers(self) -> int:
        return len((await self._admin.describe_cluster())["brokers"])

    async def observed(self, names: Iterable[str]) -> dict[str, ObservedTopic]:
        """The named topics that exist.

        Retries for up to 15 s: brokers learn of a new topic one after the other, and each request reaches any of them.
        """
        wanted = set(names)
        async with asyncio.timeout(_KNOWN_WITHIN_S):
            while True:
                # A broker may create a topic that is described by name, so describe all topics.
                found = {each["topic"]: each["partitions"] for each in await self._admin.describe_topics()}
                present = {name: partitions for name, partitions in found.items() if name in wanted}
                try:
                    return _observed(present, await self._settings(present))
                except UnknownTopicOrPartitionError:
                    await asyncio.sleep(_POLL_S)

    async def is_known_everywhere(self, topics: Mapping[str, ObservedTopic]) -> bool:
        """True if every broker knows these topics with all their partitions."""
        brokers = (await self._admin.describe_cluster())["brokers"]
        requests = [send_to(self._admin, MetadataRequest(None), each["node_id"]) for each in brokers]
        for response in await asyncio.gather(*requests):
            counts = {each["topic"]: len(each["partitions"]) for each in response.to_object()["topics"]}
            if any(counts.get(name, 0) < topic.partitions for name, topic in topics.items()):
                return False
        return True

    async def own_settings(self, name: str) -> dict[str, str]:
        """Settings made on the topic itself, without defaults."""
        settings = (await self._settings([name])).get(name, {})
        return {key: value for key, (value, source) in settings.items() if source == _SET_ON_THE_TOPIC}

    async def _settings(self, names: Iterable[str]) -> dict[str, _Settings]:
        # Always request all settings: incomplete brokers close the connection when a single one is requested.
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        found: dict[str, _Settings] = {}
        for response in await self._admin.describe_configs(resources):
            for code, message, _, name, entries in response.resources:
                raise_for(code, message)
                found[name] = {entry[0]: (entry[1], entry[3]) for entry in entries}
        return found


def _observed(
    present: Mapping[str, Sequence[Mapping[str, Sized]]], settings: Mapping[str, _Settings]
) -> dict[str, ObservedTopic]:
    return {
        name: ObservedTopic(
            partitions=len(partitions),
            replication=min((len(each["replicas"]) for each in partitions), default=0),
            retention_ms=_number(settings.get(name, {}), RETENTION),
            segment_ms=_number(settings.get(name, {}), SEGMENT),
            compression=settings.get(name, {}).get(COMPRESSION_TYPE, (None, 0))[0],
            min_in_sync=_number(settings.get(name, {}), IN_SYNC),
        )
        for name, partitions in present.items()
    }


def raise_for(code: int, message: str | None) -> None:
    """Raise the KafkaError of a non-zero error code."""
    if code:
        raise for_code(code)(message or "")


def _number(settings: _Settings, name: str) -> int | None:
    value, _ = settings.get(name, ("", 0))
    return int(value) if value else None
