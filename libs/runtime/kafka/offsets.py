"""The offsets of a group's partitions at the broker: committed progress, start and end of the log."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from libs.runtime.kafka.client_internals import committed_offsets
from libs.runtime.ledger.metadata import decode, encode
from libs.runtime.ledger.partition import Progress

EarlierOffsets = Callable[[Collection[TopicPartition]], Awaitable[Mapping[TopicPartition, OffsetAndMetadata]]]


@dataclass(frozen=True, slots=True)
class PartitionOffsets:
    """A partition at one moment: the log holds `first` (inclusive) to `end` (exclusive).

    `committed` is None if no group has ever committed. Its finished intervals are dropped if they reach beyond `end`.
    `is_carried_over`: another group has committed it, which an earlier version used.
    """

    first: int
    end: int
    committed: Progress | None
    is_carried_over: bool = False

    @property
    def begins(self) -> Progress:
        """The start of a member: the committed progress, else the first record."""
        return self.committed or Progress(self.first)


async def partition_offsets(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition], earlier: EarlierOffsets
) -> dict[TopicPartition, PartitionOffsets]:
    """Fetch the offsets from the broker; where the group has committed nothing, those of earlier groups.

    Raises KafkaError.
    """
    if not partitions:
        return {}
    committed, first, ends = await asyncio.gather(
        committed_offsets(consumer, partitions),
        consumer.beginning_offsets(partitions),
        consumer.end_offsets(partitions),
    )
    new = [each for each in partitions if each not in committed]
    carried_over = await earlier(new) if new else {}
    known = {**carried_over, **committed}
    return {
        each: PartitionOffsets(first[each], ends[each], _progress(known.get(each), ends[each]), each in carried_over)
        for each in partitions
    }


async def commit(consumer: AIOKafkaConsumer, due: Mapping[TopicPartition, Progress], max_chars: int) -> None:
    """Commit watermarks, and the finished intervals beyond each in at most `max_chars`. Raises KafkaError."""
    offsets = {
        partition: OffsetAndMetadata(progress.watermark, encode(progress, max_chars))
        for partition, progress in due.items()
    }
    await consumer.commit(offsets)


def partitions_of(topic: str, numbers: Collection[int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def _progress(committed: OffsetAndMetadata | None, end: int) -> Progress | None:
    if committed is None:
        return None
    finished = decode(committed.offset, committed.metadata or "")
    if finished and finished[-1][1] > end:  # the log was truncated and continues with other records
        finished = ()
    return Progress(committed.offset, finished)
