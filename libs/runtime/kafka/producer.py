"""Publishing to Kafka: signed records, explicit partitions, acknowledged by all in-sync replicas."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.structs import RecordMetadata

from libs.core.errors import ConfigurationError, Rejected, Retryable
from libs.runtime.kafka.acknowledged import AcknowledgedRecords
from libs.runtime.kafka.client_internals import close_sender
from libs.runtime.kafka.closing import ends_well
from libs.runtime.kafka.failures import UNREACHABLE
from libs.runtime.kafka.probe import BrokerMonitor, broker_failure
from libs.runtime.messaging.codec import Outgoing
from libs.runtime.settings import BusSettings

log = logging.getLogger(__name__)

REQUEST_TIMEOUT_MS = 10_000
SEND_TIMEOUT_S = 10.0  # an idempotent producer alone waits as long as the broker is unavailable
CLOSE_TIMEOUT_S = 1.0
CHECK_TIMEOUT_S = 1.8
MAX_REQUEST_BYTES = 4 * 1024 * 1024

Acknowledgement = asyncio.Future[RecordMetadata]


class KafkaProducer:
    """The producer of a process. No linger: clients wait for most of the records."""

    def __init__(self, settings: BusSettings, acknowledged: AcknowledgedRecords) -> None:
        self._settings = settings
        self._acknowledged = acknowledged
        self._connection = settings.connection
        self._monitor = BrokerMonitor(settings.connection)
        self._producer: AIOKafkaProducer | None = None
        self._followed: set[str] = set()  # topics whose partition count the producer refreshes itself
        self._renewing = asyncio.Lock()

    async def start(self) -> None:
        """Connect. Raises Retryable with advice when the broker is unavailable or rejects the credentials."""
        if (failure := await broker_failure(self._connection)) is not None:
            raise Retryable(failure.text, code=failure.code)
        self._producer = await self._connected()

    async def _connected(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._connection.client_options(),
            acks="all",
            enable_idempotence=self._settings.idempotent,
            linger_ms=0,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            retry_backoff_ms=50,
            max_request_size=MAX_REQUEST_BYTES,
        )
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise Retryable(f"no broker at {self._settings.bootstrap}: {error}") from error
        self._followed.clear()
        return producer

    async def stop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def send(self, records: Sequence[Outgoing]) -> list[RecordMetadata]:
        """Send all at once, then await and return every acknowledgement. Raises Retryable; Rejected for a record that
        is too large.
        """
        producer = self._running()
        acknowledgements: list[Acknowledgement] = []
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                for record in records:
                    acknowledgements.append(await self._enqueue(producer, record))  # noqa: PERF401  # kept on errors
                return [await acknowledgement for acknowledgement in acknowledgements]
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise Rejected(f"a message is larger than the broker takes: {error}", code="message_too_large") from error
        except (KafkaError, TimeoutError) as error:
            await self._renew_if_broken(producer, error)
            raise Retryable(f"the broker did not acknowledge: {error!r}") from error
        finally:
            for acknowledgement in acknowledgements:
                _abandon(acknowledgement)

    async def _enqueue(self, producer: AIOKafkaProducer, record: Outgoing) -> Acknowledgement:
        name = record.topic.name
        partition = record.partition(await self.partitions(name))
        now_ms = time.time_ns() // 1_000_000  # the client reports the timestamp of its batch's first record for all
        future: Acknowledgement = await producer.send(
            name,
            record.value,
            key=record.key,
            partition=partition,
            timestamp_ms=now_ms,
            headers=list(record.headers),
        )
        if self._settings.deliver_acknowledged:
            self._acknowledged.watch(record, now_ms, future)
        return future

    async def partitions(self, topic: str) -> int:
        """Current partition count. Raises Retryable or ConfigurationError."""
        producer = self._running()
        try:
            # From the client's own metadata: it refuses to write to a partition that is missing there.
            known = producer.client.cluster.partitions_for_topic(topic)
            if known and topic in self._followed:
                return len(known)
            if not known:
                _count(await producer.client.fetch_all_metadata(), topic)
            partitions = await producer.partitions_for(topic)
            self._followed.add(topic)
            return len(partitions)
        except KafkaError as error:
            raise Retryable(f"the broker did not describe topic {topic}: {error!r}") from error

    async def require(self, topics: Mapping[str, int]) -> None:
        """Raise ConfigurationError unless each topic has that many partitions: a consumer would wait for ever."""
        cluster = await self._running().client.fetch_all_metadata()
        for topic, needed in topics.items():
            if (found := _count(cluster, topic)) < needed:
                raise ConfigurationError(f"topic {topic} has {found} partitions, not {needed}; run `moe topics apply`")

    async def _renew_if_broken(self, producer: AIOKafkaProducer, error: Exception) -> None:
        """Replace a producer that cannot recover: a broken sequence fails every later record of its partition."""
        if isinstance(error, TimeoutError) or getattr(error, "retriable", False):
            return
        async with self._renewing:
            if self._producer is not producer:
                return
            log.warning("the producer is replaced: %r", error)
            self._producer = await self._connected()
            await _close(producer)

    async def check(self) -> str | None:
        """None when the broker answers and would authenticate this process again; else a code."""
        if self._producer is None:
            return "not_connected"
        answers, failure = await asyncio.gather(self._answers(self._producer), self._refusal())
        if failure is not None:
            return failure
        return None if answers else UNREACHABLE

    async def _answers(self, producer: AIOKafkaProducer) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError):
            return False
        return True

    async def _refusal(self) -> str | None:
        if not self._connection.is_secured:
            return None
        failure = await self._monitor.failure(CHECK_TIMEOUT_S)
        return None if failure is None else failure.code

    def _running(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise Retryable("the producer is stopped")
        return self._producer


def _count(cluster: ClusterMetadata, topic: str) -> int:
    partitions = cluster.partitions_for_topic(topic)
    if not partitions:
        raise ConfigurationError(f"topic {topic} does not exist; run `moe topics apply`")
    return len(partitions)


def _abandon(acknowledgement: Acknowledgement) -> None:
    """Drop an acknowledgement without a reader; a record in flight stays in flight."""
    if not acknowledgement.cancel() and not acknowledgement.cancelled():
        acknowledgement.exception()


async def _close(producer: AIOKafkaProducer) -> None:
    """Close. Records not acknowledged within a second are dropped: their inputs are not done and are redelivered."""
    if not await ends_well(producer.stop(), CLOSE_TIMEOUT_S):
        log.warning("the broker does not answer; unacknowledged records are given up")
        await ends_well(close_sender(producer), CLOSE_TIMEOUT_S)
        await ends_well(producer.client.close(), CLOSE_TIMEOUT_S)
