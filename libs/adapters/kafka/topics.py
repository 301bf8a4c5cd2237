"""Creates and changes topics on Apache Kafka, or on a broker with a subset of its protocol."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, TopicAlreadyExistsError

from libs.adapters.kafka.topic_plan import MIN_IN_SYNC, SAFE_COPIES, Change, ChangeKind, changes, default_replication
from libs.adapters.kafka.topic_reader import (
    COMPRESSION_TYPE,
    IN_SYNC,
    RETENTION,
    SEGMENT,
    TopicReader,
    raise_for,
)
from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import COMPRESSION, SEGMENT_MS, Topic
from libs.core.errors import Retryable
from libs.runtime.kafka.probe import broker_failure
from libs.runtime.settings.kafka_connection import KafkaConnection

_REQUEST_TIMEOUT_MS = 15_000
_SHOWN_WITHIN_S = 15.0
_POLL_S = 0.05
_SETTINGS: dict[ChangeKind, str] = {
    "retention": RETENTION,
    "segment": SEGMENT,
    "compression": COMPRESSION_TYPE,
    "in-sync": IN_SYNC,
}

Result = Literal["done", "unsupported", "by-hand"]


class BrokerUnavailable(Retryable):
    """The broker is unreachable or rejects the request."""

    code = "broker_unavailable"


class Broker(Protocol):
    @property
    def connection(self) -> KafkaConnection: ...


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of a change. `unsupported`: the broker lacks this request; `by-hand`: not attempted."""

    change: Change
    result: Result


async def ensure_topics(broker: Broker) -> tuple[Applied, ...]:
    """Create missing topics and change differing ones. Idempotent. Raises BrokerUnavailable."""
    async with topic_client(broker.connection) as client:
        return await client.apply(await client.plan(TOPICS, None))


class TopicClient:
    """Reads and changes topics. All methods raise BrokerUnavailable."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin
        self._reader = TopicReader(admin)

    async def plan(self, wanted: Sequence[Topic], replication: int | None) -> tuple[Change, ...]:
        """Plan the changes for `apply`. Without `replication`: one copy per broker, at most three."""
        with _translated():
            brokers = await self._reader.brokers()
            observed = await self._reader.observed({topic.name for topic in wanted})
        return changes(wanted, observed, replication or default_replication(brokers))

    async def apply(self, planned: Sequence[Change]) -> tuple[Applied, ...]:
        """Apply the changes, new topics first; return one result each. Idempotent.

        Returns when every broker shows the changes, which is a moment after their controller agreed.
        """
        with _translated():
            await self._create([change for change in planned if change.kind == "create"])
            applied = tuple([Applied(change, await self._applied(change, planned)) for change in planned])
            await self._shown([each.change for each in applied if each.result == "done"])
        return applied

    async def _shown(self, done: Sequence[Change]) -> None:
        awaited = {(change.kind, change.topic) for change in done}
        topics = list(dict.fromkeys(change.topic for change in done))
        async with asyncio.timeout(_SHOWN_WITHIN_S):
            while True:
                observed = await self._reader.observed({topic.name for topic in topics})
                left = {(change.kind, change.topic) for change in changes(topics, observed, replication=1)}
                if not awaited & left and await self._reader.is_known_everywhere(observed):
                    return
                await asyncio.sleep(_POLL_S)

    async def _create(self, planned: Sequence[Change]) -> None:
        if not planned:
            return
        response = await self._admin.create_topics([_new_topic(change) for change in planned], _REQUEST_TIMEOUT_MS)
        for _, code, message in response.topic_errors:
            if code != TopicAlreadyExistsError.errno:  # another process created it first
                raise_for(code, message)

    async def _applied(self, change: Change, planned: Sequence[Change]) -> Result:
        if change.by_hand:
            return "by-hand"
        try:
            if change.kind == "partitions":
                await self._admin.create_partitions({change.topic.name: NewPartitions(change.want)})
            if change.kind in _SETTINGS:
                await self._set(change.topic.name, _settings_for(change.topic, planned))
        except IncompatibleBrokerVersion:
            return "unsupported"
        return "done"

    async def _set(self, name: str, settings: Mapping[str, str]) -> None:
        # The request replaces all settings of the topic, so send the existing ones along.
        own = await self._reader.own_settings(name)
        resource = ConfigResource(ConfigResourceType.TOPIC, name, {**own, **settings})
        for response in await self._admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                raise_for(code, message)


@asynccontextmanager
async def topic_client(connection: KafkaConnection) -> AsyncIterator[TopicClient]:
    """Connect while the block runs. Raises BrokerUnavailable with a remedy."""
    if (failure := await broker_failure(connection)) is not None:
        raise BrokerUnavailable(f"broker: {failure.text}")
    admin = AIOKafkaAdminClient(**connection.client_options(), request_timeout_ms=_REQUEST_TIMEOUT_MS)
    try:
        with _translated():
            await admin.start()
        yield TopicClient(admin)
    finally:
        await admin.close()


def _settings_for(topic: Topic, planned: Sequence[Change]) -> dict[str, str]:
    """All planned settings of a topic: a later request might not see the changes of an earlier one yet."""
    return {_SETTINGS[each.kind]: _value(each) for each in planned if each.topic == topic and each.kind in _SETTINGS}


def _value(change: Change) -> str:
    return COMPRESSION if change.kind == "compression" else str(change.want)


def _new_topic(change: Change) -> NewTopic:
    copies = {IN_SYNC: str(MIN_IN_SYNC)} if change.want >= SAFE_COPIES else {}
    lasting = {RETENTION: str(change.topic.retention_ms), SEGMENT: str(SEGMENT_MS)}
    settings = lasting | {COMPRESSION_TYPE: COMPRESSION} | copies
    return NewTopic(change.topic.name, change.topic.partitions, change.want, topic_configs=settings)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"broker: {' '.join(str(error).split()) or type(error).__name__}") from error
