"""Publishes poison records on a topic of a real broker, and records their positions."""

from aiokafka import AIOKafkaProducer

from libs.contracts.catalogue import TOPICS
from libs.contracts.dead_letter import DeadLettered
from libs.core.clock import SystemClock
from libs.runtime.messaging.signing import Signer
from libs.testing.poison import Dose, poisons
from tests.chaos.evidence import Position

LARGEST_BYTES = 4 << 20
_CLOCK = SystemClock()
TOPIC_NAMES = tuple(topic.name for topic in TOPICS)


async def poison(bootstrap: str, topic_name: str, signer: Signer) -> set[Position]:
    """Put one record of each class on a topic; return their positions."""
    topic = next(topic for topic in TOPICS if topic.name == topic_name)
    injected: set[Position] = set()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=LARGEST_BYTES) as producer:
        partitions = len(await producer.partitions_for(topic.name))
        for each in poisons(topic, Dose(signer, _CLOCK.now())):
            record = each.outgoing
            lies = await producer.send_and_wait(
                topic.name,
                record.value,
                key=record.key,
                partition=record.partition(partitions),
                headers=list(record.headers),
            )
            injected.add((topic.name, int(lies.partition), int(lies.offset)))
    return injected


def position_of_letter(letter: DeadLettered) -> Position:
    return (letter.record.topic, letter.record.partition, letter.record.offset)
