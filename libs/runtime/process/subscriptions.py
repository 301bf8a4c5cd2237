"""The subscriptions of a service: one for each handler, join, relay and sunk topic."""

from collections.abc import Iterator
from typing import TypeVar

from libs.contracts.catalogue import TOPICS
from libs.ports.reducer import Join
from libs.runtime.delivery.attempt import Attempts
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.delivery.outcomes import Stage
from libs.runtime.delivery.policy import HandlerPolicy
from libs.runtime.delivery.relay import CONCURRENCY, Relay
from libs.runtime.delivery.sinks import SinkRunner
from libs.runtime.join.runner import JoinRunner
from libs.runtime.messaging.bus import Subscription
from libs.runtime.service import Handler, Service, Sink
from libs.runtime.wiring import topic_of

S = TypeVar("S")


def stage_of(service: Service) -> Stage:
    """Name of a service and hash of its description."""
    return Stage(service.name, service.described.sha256 if service.described is not None else "")


def policy_of(service: Service, handler: Handler, place: RuntimeContext, *, tail: bool) -> HandlerPolicy:
    return HandlerPolicy(Attempts(service.name, handler, service.deps, place, stage_of(service).sha256), tail=tail)


def handler_subscription(service: Service, handler: Handler, place: RuntimeContext) -> Subscription:
    process = policy_of(service, handler, place, tail=False)
    return Subscription(service.name, topic_of(handler).name, process, concurrency=service.concurrency)


def join_subscription(service: Service, join: Join[S], runner: JoinRunner[S]) -> Subscription:
    return Subscription(service.name, join.topic.name, runner, ordered=True, listener=runner)


def relay_subscriptions(service: Service, place: RuntimeContext) -> Iterator[Subscription]:
    """Yield the subscriptions of a service's retry topics, with relaxed latency."""
    for topic, pause_s in place.retries.waits:
        if topic in service.relays:
            relay = Relay(stage_of(service), pause_s, place)
            yield Subscription(service.name, topic.name, relay, concurrency=CONCURRENCY, low_latency=False)


def sink_subscriptions(service: Service, sink: Sink, place: RuntimeContext) -> Iterator[Subscription]:
    """Yield a subscription for each topic of the catalogue."""
    for topic in TOPICS:
        process = SinkRunner(service.name, sink, topic, place)
        yield Subscription(service.name, topic.name, process, concurrency=service.concurrency, low_latency=False)
