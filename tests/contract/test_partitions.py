"""How many partitions the topics have that are placed by response: processes of two releases have to agree on it."""

from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import Placement

RELEASED = {
    "moe.audit": 6,
    "moe.feedback": 6,
    "moe.ingest": 6,
    "moe.requests": 6,
    "moe.pipeline.answer-drafted.v1": 12,
    "moe.pipeline.dead-letters.v1": 4,
    "moe.pipeline.merge-answer.v1": 12,
    "moe.pipeline.progress.v1": 12,
    "moe.pipeline.question-asked.v1": 12,
    "moe.pipeline.retry-30s.v1": 4,
    "moe.pipeline.retry-5m.v1": 4,
    "moe.pipeline.retry-5s.v1": 4,
    "moe.pipeline.write-trace.v1": 12,
}


def test_a_topic_that_is_placed_by_response_keeps_its_number_of_partitions() -> None:
    declared = {topic.name: topic.partitions for topic in TOPICS if topic.placement is Placement.RESPONSE}
    assert {name: declared.get(name) for name in RELEASED} == RELEASED
