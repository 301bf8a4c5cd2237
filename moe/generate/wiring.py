"""Who hears what and who says what, read off the services themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import messages_of
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.message import Message
from libs.contracts.topics import Topic
from libs.core.api_keys import new_api_key
from libs.core.key_roots import ROOTS, RootKeys
from libs.core.key_strength import new_secret_key
from libs.runtime.service import Service
from libs.runtime.wiring import consumed_by, published_by, topic_of
from moe.cli.context.root_keys import variables_of_roots
from moe.registry import SERVICES, build_service

# Building opens nothing, but some settings have no default: these stand in, and nothing connects to them.
PLACEHOLDERS = {
    "KAFKA_URL": "kafka://127.0.0.1:9092",
    "REDIS_URL": "redis://127.0.0.1:6379",
    "POSTGRES_CHECKPOINT_URL": "postgresql://moe@127.0.0.1:5432/moe",
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:11434/v1","api_type":"openai"}]',
    "JUDGE_MODEL": "placeholder:7b",
    "MOE_BOOTSTRAP_API_KEY": new_api_key(),
    **variables_of_roots({root: RootKeys(new_secret_key()) for root in ROOTS}),
    "MOE_INSTANCE_ORDINAL": "0",
}
# What the runtime says for every service that reads the log: about records that it could not handle.
RUNTIME_PUBLISHES: frozenset[type[Message]] = frozenset({DeadLettered, AuditRecorded})
OPERATOR_PUBLISHES: frozenset[type[Message]] = frozenset({DeadLetterSettled, AuditRecorded})
OPERATOR = "moe-dlq"


@dataclass(frozen=True)
class ServiceWiring:
    """The messages of one service. `sink`: it stores every record of every topic besides.

    `groups` are the topics that it consumes in a group of its own, `relays` the retry topics among them.
    """

    name: str
    consumes: frozenset[type[Message]]
    publishes: frozenset[type[Message]]
    sink: bool
    groups: frozenset[Topic] = frozenset()
    relays: frozenset[Topic] = frozenset()


def fleet_wiring() -> tuple[ServiceWiring, ...]:
    """Return the wiring of every service in the table, and of the operator who settles dead letters."""
    services = (wiring_of(build_service(name, PLACEHOLDERS)) for name in SERVICES)
    return (*services, ServiceWiring(OPERATOR, consumes=frozenset(), publishes=OPERATOR_PUBLISHES, sink=False))


def wiring_of(service: Service) -> ServiceWiring:
    """Return the wiring of one service."""
    hears = {consumed_by(handler) for handler in service.handlers} | {
        consumed_by(tail.handler) for tail in service.tails
    }
    for join in service.joins:
        hears |= messages_of(join.topic)
    says = (
        {message for handler in service.handlers for message in published_by(handler)}
        | set(service.publishes)
        | RUNTIME_PUBLISHES
    )
    says |= {type(service.described)} if service.described is not None else set()
    relays = frozenset(service.relays)
    groups = {topic_of(handler) for handler in service.handlers} | {join.topic for join in service.joins} | relays
    return ServiceWiring(
        service.name, frozenset(hears), frozenset(says), bool(service.sinks), frozenset(groups), relays
    )


def consumers(wiring: Iterable[ServiceWiring], message: type[Message]) -> tuple[str, ...]:
    """Return the services that handle a message; sinks do not count."""
    return tuple(service.name for service in wiring if message in service.consumes)
