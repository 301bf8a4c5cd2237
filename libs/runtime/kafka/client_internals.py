"""The private parts of the Kafka clients that the runtime uses; no other module names one.

`check_client` raises at the start if an installed version lacks one of them.
"""

import inspect
from collections.abc import Collection, Mapping
from typing import Any, Protocol, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.structs import OffsetAndMetadata
from faststream.kafka.subscriber.usecase import LogicSubscriber

from libs.core.errors import ConfigurationError

RecordBatchInPython, MemoryRecordsInPython = _DefaultRecordBatchPy, _MemoryRecordsPy


class RequestClient(Protocol):
    """The connections of one consumer. `send` may be replaced, to see or change its requests."""

    cluster: ClusterMetadata
    send: Any

    async def close(self) -> None: ...


class Coordinator(Protocol):
    """The membership of one consumer in its group."""

    def request_rejoin(self) -> None: ...


def request_client(consumer: AIOKafkaConsumer) -> RequestClient:
    return cast(RequestClient, consumer._client)


def coordinator_of(consumer: AIOKafkaConsumer) -> Coordinator:
    return cast(Coordinator, consumer._coordinator)


async def committed_offsets(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Offsets with their metadata, which the public method drops. Raises KafkaError."""
    found: Mapping[TopicPartition, OffsetAndMetadata] = await consumer._coordinator.fetch_committed_offsets(partitions)
    return found


def leave_group_on_stop(consumer: AIOKafkaConsumer) -> None:
    """Make a static member leave its group at the stop, so that its partitions do not wait for the session timeout.

    No-op for a member whose start failed: it has not joined.
    """
    if consumer._coordinator is not None:
        consumer._coordinator._group_instance_id = None


def member_id_of(request: object) -> str:
    """Member that sends a heartbeat, a synchronization or a commit."""
    of_commit = isinstance(request, OffsetCommitRequest)
    return str(request._consumer_id if of_commit else request._member_id)  # type: ignore[attr-defined]


def drop_connection(client: RequestClient, node_id: int, group: str) -> None:
    """Close a connection to a broker, so that the next request opens another. No-op without one."""
    connections = cast(AIOKafkaClient, client)._conns
    if (node_id, group) in connections:
        connections.pop((node_id, group)).close()


async def close_sender(producer: AIOKafkaProducer) -> None:
    """Give up what is not acknowledged."""
    await producer._sender.close()


def arguments_of(fetch: FetchRequest) -> dict[str, object]:
    """Arguments that make the same fetch again."""
    return {
        "max_wait_time": fetch._max_wait_ms,
        "min_bytes": fetch._min_bytes,
        "max_bytes": fetch._max_bytes,
        "isolation_level": fetch._isolation_level,
        "topics": fetch.topics,
        "rack_id": fetch._rack_id,
    }


def set_wait(fetch: FetchRequest, max_wait_ms: int | None = None, min_bytes: int | None = None) -> None:
    """Change how long a fetch waits at the broker, and for how many bytes."""
    if max_wait_ms is not None:
        fetch._max_wait_ms = max_wait_ms
    if min_bytes is not None:
        fetch._min_bytes = min_bytes


async def send_to(admin: AIOKafkaAdminClient, request: object, node_id: int) -> Any:  # noqa: ANN401 - it has no types
    """Send a request to one broker. Raises KafkaError."""
    return await admin._send_request(request, node_id)


def has_replies(subscriber: LogicSubscriber[object]) -> bool:
    """Whether the sender of a record chooses a topic for a reply."""
    return not subscriber._no_reply


def offset_reset(subscriber: LogicSubscriber[object]) -> object:
    """Where a subscriber without a committed offset begins."""
    return subscriber._connection_args.get("auto_offset_reset")


def check_client() -> None:
    """Raise ConfigurationError if the installed aiokafka lacks the private parts that this module uses."""
    fetch = getattr(GroupCoordinator, "fetch_committed_offsets", None)
    takes = list(inspect.signature(fetch).parameters) if inspect.iscoroutinefunction(fetch) else []
    known = (
        takes == ["self", "partitions"],
        {"_group_instance_id", "member_id", "generation"} <= _names_in(GroupCoordinator),
        inspect.iscoroutinefunction(getattr(GroupCoordinator, "_maybe_leave_group", None)),
        {"session_id", "session_epoch", "forgotten_topics_data"} <= set(FetchRequest_v11.SCHEMA.names),
        {"_max_wait_ms", "_min_bytes", "_max_bytes", "_topics", "_rack_id"} <= _names_in(FetchRequest),
        hasattr(FetchRequest, "build"),
        {"_client", "_coordinator"} <= _names_in(AIOKafkaConsumer),
        "_conns" in _names_in(AIOKafkaClient),
        "_sender" in _names_in(AIOKafkaProducer),
    )
    if not all(known):
        raise ConfigurationError("aiokafka: this version is not supported; install that of requirements/fleet.txt")


def _names_in(kind: type) -> set[str]:
    return set(kind.__init__.__code__.co_names)  # type: ignore[misc]  # of this class itself
