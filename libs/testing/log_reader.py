"""Records on a real broker's log."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.topics import Topic
from libs.runtime.kafka.subscriber import record_of
from libs.runtime.messaging.codec import decode, verified_envelope
from libs.runtime.messaging.signing import Signer
from libs.runtime.settings.kafka_connection import KafkaConnection

_FETCH_MS = 200


async def messages_on(broker: KafkaConnection, topic: Topic, response_id: str, signer: Signer) -> list[Message]:
    """Messages of a response on a topic as of now, each partition in its order."""
    records = await records_on(broker, [topic])
    return [
        decode(record, verified_envelope(record, signer)) for record in records if record.key == response_id.encode()
    ]


async def records_on(broker: KafkaConnection, topics: Sequence[Topic]) -> list[Record]:
    """Every record of some topics as of now, each partition in its order."""
    consumer = AIOKafkaConsumer(**broker.client_options(), auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer._client.set_topics([topic.name for topic in topics])
        partitions = [
            TopicPartition(topic.name, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic.name) or ()
        ]
        return [record_of(record) for record in await _whole(consumer, partitions)]
    finally:
        await consumer.stop()


async def _whole(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> list[object]:
    consumer.assign(partitions)
    ends = {partition: end for partition, end in (await consumer.end_offsets(partitions)).items() if end > 0}
    records = []
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for batch in (await consumer.getmany(timeout_ms=_FETCH_MS)).values():
            records += batch
    return records
