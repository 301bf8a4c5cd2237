"""Publishing to Kafka: signed records, explicit partitions, acknowledged by all in-sync replicas."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.core.errors import ConfigurationError, Retryable
from libs.runtime.codec import Outgoing
from libs.runtime.settings import BusSettings

REQUEST_TIMEOUT_MS = 10_000


class KafkaProducer:
    """One producer of a process. No linger: somebody waits for most of what we send."""

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect. Raises Retryable when the broker is away."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap,
            acks="all",
            enable_idempotence=self._settings.idempotent,
            linger_ms=0,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            retry_backoff_ms=50,
            max_request_size=4 * 1024 * 1024,
        )
        try:
            await producer.start()
        except KafkaError as error:
            raise Retryable(f"no broker at {self._settings.bootstrap}: {error}") from error
        self._producer = producer

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Send all at once, then await every acknowledgement. Raises Retryable."""
        try:
            sent = [await self._enqueue(record) for record in records]
            await asyncio.gather(*sent)
        except KafkaError as error:
            raise Retryable(f"the broker did not acknowledge: {error}") from error

    async def _enqueue(self, record: Outgoing) -> "asyncio.Future[object]":
        if self._producer is None:
            raise Retryable("the producer is stopped")
        name = record.topic.name
        partition = record.partition(self._partitions.get(name) or await self._count_partitions(name))
        future: asyncio.Future[object] = await self._producer.send(
            name, record.value, key=record.key, partition=partition, headers=list(record.headers)
        )
        return future

    async def _count_partitions(self, topic: str) -> int:
        if self._producer is None:
            raise Retryable("the producer is stopped")
        partitions = await self._producer.partitions_for(topic)
        if not partitions:
            raise ConfigurationError(f"topic {topic} does not exist; run `moe topics apply`")
        self._partitions[topic] = len(partitions)
        return len(partitions)

    async def check(self) -> str | None:
        """Return None when the broker answers a metadata request."""
        if self._producer is None:
            return "not connected"
        try:
            async with asyncio.timeout(2):
                await self._producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError) as error:
            return f"no answer from {self._settings.bootstrap}: {type(error).__name__}"
        return None
