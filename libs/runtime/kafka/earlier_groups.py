"""The consumer groups of an earlier version: one for each topic of a service, `{service}.{topic}`.

Their offsets, and the finished intervals in the metadata, become those of the service's group where it has none.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from itertools import groupby

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from libs.runtime.settings.kafka_connection import KafkaConnection

log = logging.getLogger(__name__)

_ATTEMPTS, _PAUSE_S = 50, 0.2  # ten seconds

CommittedOffsets = Mapping[TopicPartition, OffsetAndMetadata]


async def earlier_offsets(
    connection: KafkaConnection, service: str, partitions: Collection[TopicPartition]
) -> CommittedOffsets:
    """Offsets that the earlier groups of a service have committed. Raises KafkaError."""
    admin = AIOKafkaAdminClient(**connection.client_options())
    await admin.start()
    try:
        return await offsets_of_groups(admin, service, sorted(partitions))
    finally:
        await admin.close()


async def no_earlier_offsets(_service: str, _partitions: Collection[TopicPartition]) -> CommittedOffsets:
    """Nothing, for a log that does not outlive its broker."""
    return {}


async def offsets_of_groups(
    admin: AIOKafkaAdminClient, service: str, partitions: Collection[TopicPartition]
) -> CommittedOffsets:
    by_topic = {topic: list(of_topic) for topic, of_topic in groupby(partitions, key=lambda place: place.topic)}
    groups = (_of_group(admin, f"{service}.{topic}", of_topic) for topic, of_topic in by_topic.items())
    return {place: offset for found in await asyncio.gather(*groups) for place, offset in found.items()}


async def _of_group(admin: AIOKafkaAdminClient, group: str, partitions: list[TopicPartition]) -> CommittedOffsets:
    try:
        found = await _read(admin, group, partitions)
    except GroupAuthorizationFailedError:  # so this process did not use it before either
        log.info("the offsets of the group %s may not be read; its topic begins at the first record", group)
        return {}
    offsets = {place: offset for place, offset in found.items() if offset.offset >= 0}
    if offsets:
        log.info("%s had committed offsets for %d partitions; they are carried over", group, len(offsets))
    return offsets


async def _read(admin: AIOKafkaAdminClient, group: str, partitions: list[TopicPartition]) -> CommittedOffsets:
    """Repeat while the group has no coordinator: each group has its own, and a young cluster is still choosing it."""
    attempts = 0
    while True:
        try:
            found: CommittedOffsets = await admin.list_consumer_group_offsets(group, partitions=partitions)
        except KafkaError as error:
            attempts += 1
            if not error.retriable or attempts == _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE_S)
        else:
            return found
