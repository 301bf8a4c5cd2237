"""Creates and changes topics on a broker: Apache Kafka, or one that speaks a part of its protocol."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, TopicAlreadyExistsError, for_code

from libs.adapters.topic_plan import Change, ObservedTopic, changes, default_replication
from libs.contracts.catalogue import TOPICS
from libs.contracts.topics import Topic
from libs.core.errors import Retryable

_REQUEST_TIMEOUT_MS = 15_000
_RETENTION = "retention.ms"
_SET_ON_THE_TOPIC = 1  # DYNAMIC_TOPIC_CONFIG of KIP-226; everything else is a default from somewhere
_SAFE_COPIES = 3  # from here on an acknowledged record is on two brokers at least, and one may be away

Result = Literal["done", "unsupported", "by-hand"]


class BrokerUnavailable(Retryable):
    """The broker cannot be reached, or refuses what was asked of it."""

    code = "broker_unavailable"


class Broker(Protocol):
    """Whoever knows the broker's address."""

    @property
    def bootstrap(self) -> str:
        """Return `host:port[,host:port]`."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a change. `unsupported`: this broker has no such request; `by-hand`: nothing was tried."""

    change: Change
    result: Result


async def ensure_topics(broker: Broker) -> tuple[Applied, ...]:
    """Create what is missing and change what differs. May be repeated. Raises BrokerUnavailable."""
    async with topic_client(broker.bootstrap) as client:
        return await client.apply(await client.plan(TOPICS, None))


class TopicClient:
    """Reads and changes topics. Everything raises BrokerUnavailable."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def plan(self, wanted: Sequence[Topic], replication: int | None) -> tuple[Change, ...]:
        """Return what `apply` would have to do; without `replication`, as many copies as brokers, three at most."""
        with _translated():
            brokers = (await self._admin.describe_cluster())["brokers"]
            observed = await self._observed({topic.name for topic in wanted})
        return changes(wanted, observed, replication or default_replication(len(brokers)))

    async def apply(self, planned: Sequence[Change]) -> tuple[Applied, ...]:
        """Make the changes, new topics first, and say for each what became of it. May be repeated."""
        with _translated():
            await self._create([change for change in planned if change.kind == "create"])
            return tuple([Applied(change, await self._applied(change)) for change in planned])

    async def settings_of(self, name: str) -> dict[str, str]:
        """Return the settings that were made on one topic, without the defaults."""
        with _translated():
            return await self._own_settings(name)

    async def _observed(self, names: set[str]) -> dict[str, ObservedTopic]:
        # Asked by name, a broker may create the topic that it is asked about; so ask for all.
        found = {each["topic"]: each["partitions"] for each in await self._admin.describe_topics()}
        present = {name: partitions for name, partitions in found.items() if name in names}
        retention = await self._retention(present)
        return {
            name: ObservedTopic(len(partitions), min(len(each["replicas"]) for each in partitions), retention.get(name))
            for name, partitions in present.items()
        }

    async def _retention(self, names: Iterable[str]) -> dict[str, int]:
        configs = await self._configs(names)
        return {name: int(values[_RETENTION][0]) for name, values in configs.items() if _RETENTION in values}

    async def _configs(self, names: Iterable[str]) -> dict[str, dict[str, tuple[str, int]]]:
        """Return value and source of every setting of each topic."""
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        found: dict[str, dict[str, tuple[str, int]]] = {}
        for response in await self._admin.describe_configs(resources):
            for code, message, _, name, entries in response.resources:
                _raise_for(code, message)
                found[name] = {entry[0]: (entry[1], entry[3]) for entry in entries}
        return found

    async def _own_settings(self, name: str) -> dict[str, str]:
        current = (await self._configs([name])).get(name, {})
        return {key: value for key, (value, source) in current.items() if source == _SET_ON_THE_TOPIC}

    async def _create(self, planned: Sequence[Change]) -> None:
        if not planned:
            return
        response = await self._admin.create_topics([_new_topic(change) for change in planned], _REQUEST_TIMEOUT_MS)
        for _, code, message in response.topic_errors:
            if code != TopicAlreadyExistsError.errno:  # another process was faster
                _raise_for(code, message)

    async def _applied(self, change: Change) -> Result:
        if change.by_hand:
            return "by-hand"
        try:
            if change.kind == "partitions":
                await self._admin.create_partitions({change.topic.name: NewPartitions(change.want)})
            if change.kind == "retention":
                await self._keep(change.topic.name, change.want)
        except IncompatibleBrokerVersion:
            return "unsupported"
        return "done"

    async def _keep(self, name: str, retention_ms: int) -> None:
        # The request replaces all settings of the topic, so those that somebody made on purpose are sent along.
        own = await self._own_settings(name)
        resource = ConfigResource(ConfigResourceType.TOPIC, name, own | {_RETENTION: str(retention_ms)})
        for response in await self._admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                _raise_for(code, message)


@asynccontextmanager
async def topic_client(bootstrap: str) -> AsyncIterator[TopicClient]:
    """Connect for a while. Raises BrokerUnavailable."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_TIMEOUT_MS)
    try:
        with _translated():
            await admin.start()
        yield TopicClient(admin)
    finally:
        await admin.close()


def _new_topic(change: Change) -> NewTopic:
    copies = {"min.insync.replicas": "2"} if change.want >= _SAFE_COPIES else {}
    settings = {_RETENTION: str(change.topic.retention_ms)} | copies
    return NewTopic(change.topic.name, change.topic.partitions, change.want, topic_configs=settings)


def _raise_for(code: int, message: str | None) -> None:
    if code:
        raise for_code(code)(message or "")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"broker: {' '.join(str(error).split()) or type(error).__name__}") from error
