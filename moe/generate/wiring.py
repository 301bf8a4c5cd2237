"""Publishers and consumers of each message, derived from the services."""

from collections.abc import Iterable
from dataclasses import dataclass

from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import messages_of
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.message import Message
from libs.contracts.stage import StageDescribed
from libs.contracts.topics import Topic
from libs.runtime.wiring import consumed_by, published_by, topic_of
from moe.registry import AnySpec, specs

# What the runtime says for every service that reads the log: about records that it could not handle.
RUNTIME_PUBLISHES: frozenset[type[Message]] = frozenset({DeadLettered, AuditRecorded})
OPERATOR_PUBLISHES: frozenset[type[Message]] = frozenset({DeadLetterSettled, AuditRecorded})
OPERATOR = "moe-dlq"


@dataclass(frozen=True)
class ServiceWiring:
    """The messages of one service. `sink`: it also stores every record of every topic.

    `groups` are the topics that it consumes in a group of its own, `relays` the retry topics among them.
    """

    name: str
    consumes: frozenset[type[Message]]
    publishes: frozenset[type[Message]]
    sink: bool
    groups: frozenset[Topic] = frozenset()
    relays: frozenset[Topic] = frozenset()


def fleet_wiring() -> tuple[ServiceWiring, ...]:
    """Wiring of every service in the table, and of the operator who settles dead letters."""
    return (
        *map(wiring_of, specs()),
        ServiceWiring(OPERATOR, consumes=frozenset(), publishes=OPERATOR_PUBLISHES, sink=False),
    )


def wiring_of(spec: AnySpec) -> ServiceWiring:
    consumes = {consumed_by(handler) for handler in spec.handlers} | {consumed_by(tail.handler) for tail in spec.tails}
    for join in spec.joins:
        consumes |= messages_of(join.topic)
    publishes = (
        {message for handler in spec.handlers for message in published_by(handler)}
        | set(spec.publishes)
        | RUNTIME_PUBLISHES
        | ({StageDescribed} if spec.replayed else set())
    )
    relays = frozenset(spec.relays)
    groups = {topic_of(handler) for handler in spec.handlers} | {join.topic for join in spec.joins} | relays
    return ServiceWiring(
        spec.name, frozenset(consumes), frozenset(publishes), bool(spec.sinks), frozenset(groups), relays
    )


def consumers(wiring: Iterable[ServiceWiring], message: type[Message]) -> tuple[str, ...]:
    """Services that handle a message, without sinks."""
    return tuple(service.name for service in wiring if message in service.consumes)
