"""Assembly of one gateway instance on its stores."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from starlette.types import ASGIApp

from libs.ports.deltas import DeltaReader
from libs.ports.key_values import KeyValueStore
from libs.runtime.assembly import Assembly
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.service import HttpServer
from services.gateway.assembly.app_context import app_context_of, components_of
from services.gateway.handlers import Deps
from services.gateway.pipeline.app_context import AppContext
from services.gateway.replies.partition_claim import PartitionClaim
from services.gateway.settings import Settings

DRAIN_S = 3.0  # open streams get this long when the gateway stops; the whole fleet has ten seconds

MakeApplication: TypeAlias = Callable[[AppContext], ASGIApp]


@dataclass(frozen=True)
class Stores:
    """`partition` is the reply partition of this instance."""

    deltas: DeltaReader
    partition: int
    key_values: KeyValueStore


def open_on(stores: Stores, settings: Settings, assembly: Assembly, make_application: MakeApplication) -> Deps:
    """Open the rest of the instance. Raises ConfigurationError."""
    components = components_of(settings, stores.partition, stores.key_values)
    claim = PartitionClaim(stores.partition, components.pending_replies, settings.request_timeout_s)

    def application(publisher: BusPublisher) -> ASGIApp:
        return make_application(app_context_of(publisher, stores.deltas, components, settings))

    drain = partial(components.drain, DRAIN_S)
    assembly.serve(HttpServer(application, settings.host, settings.port, drain, claim.acquire))
    assembly.add((claim, *components.resources), (claim, *components.checks), components.workers)
    return Deps(components.pending_replies, claim, components.direct)
