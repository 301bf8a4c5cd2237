"""What the broker knows about a group's partitions: what is committed, where the log begins and ends.

Reading the text beside a committed offset takes a private part of the client, whose public method drops it.
"""

import asyncio
import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11
from aiokafka.structs import OffsetAndMetadata

from libs.core.errors import ConfigurationError
from libs.runtime.ledger.metadata import decode, encode
from libs.runtime.ledger.partition import Progress


@dataclass(frozen=True, slots=True)
class PartitionOffsets:
    """A partition at one moment: the log holds `first` up to, but without, `end`.

    `committed` is None where the group has never committed; what the log does not hold cannot be finished in advance.
    """

    first: int
    end: int
    committed: Progress | None

    @property
    def begins(self) -> Progress:
        """Return where a member begins: at what is committed, else at the first record."""
        return self.committed or Progress(self.first)


async def partition_offsets(
    consumer: AIOKafkaConsumer, topic: str, numbers: Collection[int]
) -> dict[int, PartitionOffsets]:
    """Ask the broker, by partition. Raises KafkaError."""
    partitions = partitions_of(topic, numbers)
    if not partitions:
        return {}
    committed, first, ends = await asyncio.gather(
        consumer._coordinator.fetch_committed_offsets(partitions),
        consumer.beginning_offsets(partitions),
        consumer.end_offsets(partitions),
    )
    return {
        each.partition: PartitionOffsets(first[each], ends[each], _progress(committed.get(each), ends[each]))
        for each in partitions
    }


async def commit(consumer: AIOKafkaConsumer, topic: str, due: Mapping[int, Progress], room: int) -> None:
    """Commit watermarks, and beside each, in at most `room` characters, what lies beyond it. Raises KafkaError."""
    offsets = {
        TopicPartition(topic, number): OffsetAndMetadata(progress.watermark, encode(progress, room))
        for number, progress in due.items()
    }
    await consumer.commit(offsets)


def partitions_of(topic: str, numbers: Collection[int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def check_client() -> None:
    """Raise ConfigurationError if the installed client is not the one that we know inside out."""
    fetch = getattr(GroupCoordinator, "fetch_committed_offsets", None)
    takes = list(inspect.signature(fetch).parameters) if inspect.iscoroutinefunction(fetch) else []
    keeps = {"_group_instance_id", "member_id", "generation"} <= set(GroupCoordinator.__init__.__code__.co_names)
    leaves = inspect.iscoroutinefunction(getattr(GroupCoordinator, "_maybe_leave_group", None))
    fetches = {"session_id", "session_epoch", "forgotten_topics_data"} <= set(FetchRequest_v11.SCHEMA.names)
    if takes != ["self", "partitions"] or not (keeps and leaves and fetches and hasattr(FetchRequest, "build")):
        raise ConfigurationError("aiokafka: this version is not supported; install that of requirements/fleet.txt")


def _progress(committed: OffsetAndMetadata | None, end: int) -> Progress | None:
    if committed is None:
        return None
    finished = decode(committed.offset, committed.metadata or "")
    if finished and finished[-1][1] > end:  # the log was cut and goes on with other records
        finished = ()
    return Progress(committed.offset, finished)
