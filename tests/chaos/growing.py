"""Adds partitions to a topic, as an operator does to run more replicas of a stage."""

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from libs.contracts.topics import (
    ANSWER_FINISHED,
    ASK_EXPERT_T1,
    MERGE_ANSWER,
    PROGRESS,
    QUESTION_ASKED,
    REQUESTS,
    RUN_TOOL,
)

# Commands of parts, other commands, facts that a join collects, records that gateways look up, and replies.
GROWN = tuple(
    topic.name for topic in (PROGRESS, ASK_EXPERT_T1, REQUESTS, QUESTION_ASKED, MERGE_ANSWER, RUN_TOOL, ANSWER_FINISHED)
)


async def grow(bootstrap: str, topic: str) -> int:
    """Add half as many partitions as there are; return how many there are then."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        ((_, partitions),) = [(each["topic"], each["partitions"]) for each in await admin.describe_topics([topic])]
        wanted = len(partitions) + len(partitions) // 2
        response = await admin.create_partitions({topic: NewPartitions(wanted)})
        assert [code for _, code, _ in response.topic_errors] == [0], response
    finally:
        await admin.close()
    return wanted
