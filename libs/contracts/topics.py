"""Topics as data: name, size, retention, and partition placement."""

from dataclasses import dataclass
from enum import Enum

HOUR_MS = 3_600_000
# The broker deletes whole segments: a record may outlive its topic's retention by that much.
SEGMENT_MS = HOUR_MS
# The broker decompresses records and rejects oversized ones: no consumer meets a codec or a compression bomb.
COMPRESSION = "uncompressed"


class Placement(Enum):
    """Partition placement. The key is always the response id."""

    RESPONSE = "response"  # all records of one response in one order, among the declared partitions
    PART = "part"  # commands of one response spread over all partitions that the broker has
    REPLY = "reply"  # the partition that one gateway instance reads
    BROADCAST = "broadcast"  # one partition that every instance reads


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic. `retention_ms` bounds how long a record is kept.

    `partitions` of a topic placed by response is part of the contract, as processes of two releases must agree on it.
    """

    name: str
    placement: Placement
    partitions: int = 12
    retention_ms: int = 24 * HOUR_MS


def pipeline_topic(name: str, placement: Placement, partitions: int = 12) -> Topic:
    """Topic `moe.pipeline.<name>.v1`, retained for 24 hours."""
    return Topic(f"moe.pipeline.{name}.v1", placement, partitions)


def seed_topic(name: str) -> Topic:
    """Public topic `moe.<name>`, retained for 7 days."""
    return Topic(f"moe.{name}", Placement.RESPONSE, partitions=6, retention_ms=7 * 24 * HOUR_MS)


PROGRESS = pipeline_topic("progress", Placement.RESPONSE)
QUESTION_ASKED = pipeline_topic("question-asked", Placement.RESPONSE)
ASK_EXPERT_T1 = pipeline_topic("ask-expert-t1", Placement.PART)
ASK_EXPERT_T2 = pipeline_topic("ask-expert-t2", Placement.PART)
RUN_TOOL = pipeline_topic("run-tool", Placement.PART)
WRITE_TRACE = pipeline_topic("write-trace", Placement.RESPONSE)
MERGE_ANSWER = pipeline_topic("merge-answer", Placement.RESPONSE)
ANSWER_DRAFTED = pipeline_topic("answer-drafted", Placement.RESPONSE)
ANSWER_FINISHED = pipeline_topic("answer-finished", Placement.REPLY, partitions=64)
REQUEST_CANCELLED = pipeline_topic("request-cancelled", Placement.BROADCAST, partitions=1)
RETRY_5S = pipeline_topic("retry-5s", Placement.RESPONSE, partitions=4)
RETRY_30S = pipeline_topic("retry-30s", Placement.RESPONSE, partitions=4)
RETRY_5M = pipeline_topic("retry-5m", Placement.RESPONSE, partitions=4)
RETRY_TOPICS = (RETRY_5S, RETRY_30S, RETRY_5M)
DEAD_LETTERS = pipeline_topic("dead-letters", Placement.RESPONSE, partitions=4)
REQUESTS = seed_topic("requests")
INGEST = seed_topic("ingest")
FEEDBACK = seed_topic("feedback")
AUDIT = seed_topic("audit")
