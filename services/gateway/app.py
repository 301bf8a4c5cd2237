"""Composition root of the gateway."""

import socket
from dataclasses import replace
from functools import partial

from starlette.types import ASGIApp

from libs.adapters.files.instance_slot import InstanceSlot, claim_slot, ordinal_of
from libs.adapters.valkey.deltas import ValkeyDeltaReader
from libs.adapters.valkey.key_value_store import ValkeyKeyValues
from libs.contracts.topics import ANSWER_FINISHED, REQUEST_CANCELLED
from libs.ports.deltas import DeltaReader
from libs.ports.key_values import KeyValueStore
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.service import HttpServer, Service, Tail
from services.gateway.api.application import make_application
from services.gateway.assembly.app_context import app_context_of, components_of
from services.gateway.handlers import SAYS, Deps, deliver_answer, notice_claim, stop_call
from services.gateway.replies.partition_claim import PartitionClaim
from services.gateway.settings import Settings

DRAIN_S = 3.0  # open streams get this long when the gateway stops; the whole fleet has ten seconds


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    slot = _slot(settings)
    deltas = ValkeyDeltaReader(settings.redis_url, slot.number)
    notes = ValkeyKeyValues(settings.redis_url)
    service = assemble(settings, deltas, slot.number, notes)
    return replace(service, resources=(slot, deltas, notes, *service.resources), checks=(deltas, *service.checks))


def assemble(settings: Settings, deltas: DeltaReader, partition: int, notes: KeyValueStore) -> Service:
    """`partition` is the reply partition of this instance: its answers arrive there."""
    place = components_of(settings, partition, notes)
    hold = PartitionClaim(partition, place.pending_replies, settings.request_timeout_s)

    def application(line: BusPublisher) -> ASGIApp:
        return make_application(app_context_of(line, deltas, place, settings))

    http = HttpServer(application, settings.host, settings.port, partial(place.drain, DRAIN_S), hold.acquire)
    tails = tuple(Tail(ANSWER_FINISHED, partition, each) for each in (deliver_answer, notice_claim))
    tails += (Tail(REQUEST_CANCELLED, 0, stop_call),)
    deps = Deps(place.pending_replies, hold, place.direct)
    service = Service("gateway", deps, tails=tails, http=http, publishes=SAYS, workers=place.workers)
    return replace(service, resources=(hold, *place.resources), checks=(hold, *place.checks))


def _slot(settings: Settings) -> InstanceSlot:
    limit = ANSWER_FINISHED.partitions
    match settings.instance_ordinal:
        case "":
            return claim_slot(settings.data_dir, limit)
        case "hostname":
            return InstanceSlot.fixed(ordinal_of(socket.gethostname()), limit)
        case number:
            return InstanceSlot.fixed(int(number), limit)
