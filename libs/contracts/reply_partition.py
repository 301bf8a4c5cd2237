"""Ownership of reply partitions: one gateway instance each, fenced by the log."""

from typing import ClassVar

from libs.contracts.message import Message
from libs.contracts.origin import Origin
from libs.contracts.topics import ANSWER_FINISHED, Topic
from libs.core.ids import SYSTEM_TENANT, new_response_id


class ReplyPartitionTaken(Message):
    """An instance has taken the reply partition that its response id names; a later claim there fences it off.

    The offset of the claim is its epoch. `taken_at` is Unix time in seconds.
    """

    topics: ClassVar[tuple[Topic, ...]] = (ANSWER_FINISHED,)
    instance: str
    taken_at: float

    @property
    def part_id(self) -> str:
        return self.instance

    @classmethod
    def by(cls, instance: str, partition: int, now_s: float) -> "ReplyPartitionTaken":
        origin = Origin(new_response_id(partition, now_s), SYSTEM_TENANT, deadline_at=now_s)
        return cls(instance=instance, taken_at=now_s).opening(origin)

    def summary(self) -> str:
        return f"taken by {self.instance}"
