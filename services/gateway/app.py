"""The gateway, put together."""

import socket
from dataclasses import replace
from functools import partial

from libs.adapters.instance_slot import InstanceSlot, claim_slot, ordinal_of
from libs.adapters.valkey_deltas import ValkeyDeltaReader
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.topics import ANSWER_FINISHED
from libs.ports.deltas import DeltaReader
from libs.runtime.service import HttpServer, Service, Tail
from services.gateway.desk import ReplyDesk
from services.gateway.handlers import Deps, deliver_answer
from services.gateway.http.application import make_application
from services.gateway.http.front import Front
from services.gateway.settings import Settings

SAYS = (RequestOpened, QuestionAsked, RequestCancelled)
DRAIN_S = 3.0  # open streams get this long when the gateway stops; the whole fleet has ten seconds


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    slot = _slot(settings)
    deltas = ValkeyDeltaReader(settings.redis_url, slot.number)
    service = assemble(settings, deltas, slot.number)
    return replace(service, resources=(slot, deltas), checks=(deltas,))


def assemble(settings: Settings, deltas: DeltaReader, reply_partition: int) -> Service:
    """Return the service around the given outside."""
    desk = ReplyDesk(settings.max_in_flight)
    front = partial(Front, deltas=deltas, desk=desk, keys=settings.keys, reply_partition=reply_partition)
    http = HttpServer(
        app=lambda publisher: make_application(front(publisher, rules=settings.rules)),
        host=settings.host,
        port=settings.port,
        drain=partial(desk.drain, DRAIN_S),
    )
    tail = Tail(ANSWER_FINISHED, reply_partition, deliver_answer)
    return Service("gateway", deps=Deps(desk), tails=(tail,), http=http, says=SAYS)


def _slot(settings: Settings) -> InstanceSlot:
    limit = ANSWER_FINISHED.partitions
    match settings.instance_ordinal:
        case "":
            return claim_slot(settings.data_dir, limit)
        case "hostname":
            return InstanceSlot.fixed(ordinal_of(socket.gethostname()), limit)
        case number:
            return InstanceSlot.fixed(int(number), limit)
