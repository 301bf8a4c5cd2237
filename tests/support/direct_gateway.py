"""A gateway over real HTTP in front of a scripted model server, with its outbox in a folder of the test."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from libs.adapters.models.openai_chat.exchange import ModelWire
from libs.contracts.model_call import ModelCall
from libs.contracts.records import RequestLogged
from libs.contracts.staffing import ModelRef
from libs.ports.key_values import KeyValueStore
from libs.testing.model_server import ModelServer, Rule, server_entry
from services.gateway.admission.queued_requests import QueueLimits, WaitingRequests
from services.gateway.direct.admission import DirectAdmission
from services.gateway.direct.outbox import DirectOutbox
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.server_permits import ServerQueues
from services.gateway.direct.watchdog import CallTimeouts, DirectTimeouts
from services.gateway.domain.admission.shares import AdaptiveLimit, AdaptiveLimitConfig, Admission, Shares
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.pipeline.app_context import AppContext
from tests.support.gateway import GatewayHarness, open_gateway, pending_replies_for

JUDGE = ModelRef(model="judge-7b", server="scripted")
SEEING = ModelRef(model="seeing-7b", server="scripted")
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


@dataclass(frozen=True)
class DirectSetting:
    """Settings of the gateway."""

    folder: Path
    timeouts: CallTimeouts = field(default_factory=CallTimeouts)
    vision: ModelRef | None = SEEING
    most: int = 64
    per_tenant: int = 0
    body_memory: int = 1 << 20
    fleet_places: int = 512
    answer_bytes: int = 1 << 20
    outbox_runs: bool = True
    fetch: bool = False
    upstream: Upstream = field(default_factory=Upstream)
    queue: QueueLimits | None = None
    server_permits: int = 2
    slots: int = 0


@dataclass
class DirectGateway:
    """The gateway, its proxy, and the model server behind it."""

    gateway: GatewayHarness
    proxy: DirectProxy
    models: ModelServer

    async def ask(self, text: str = "What is the weather?", **fields: object) -> httpx.Response:
        """Send a request that goes to the tool model."""
        return await self.gateway.ask(text, **{"tools": [WEATHER], **fields})

    async def logged(self, count: int = 1) -> RequestLogged:
        """Wait for `count` records of requests; return the latest."""
        return (await self.gateway.fleet.wait_for(RequestLogged, count))[-1]

    async def call(self) -> ModelCall:
        call = (await self.logged()).call
        assert call is not None
        return call


def proxy_to(models: ModelServer, setting: DirectSetting) -> DirectProxy:
    """Direct proxy of a gateway to its model server."""
    books = DirectOutbox(setting.folder, setting.body_memory)
    admission = Admission(
        AdaptiveLimit(AdaptiveLimitConfig(ceiling=setting.most, target_ms=0)), Shares(setting.per_tenant, 0.0)
    )
    return DirectProxy(
        models=DirectModels(JUDGE, JUDGE, setting.vision, frozenset({"scripted"}), setting.fetch),
        wire=ModelWire((server_entry(models),)),
        admission=DirectAdmission(admission, books.can_record),
        outbox=books,
        timeouts=DirectTimeouts(setting.timeouts, setting.timeouts, setting.answer_bytes),
        on_bug=_raise,
        upstreams={"scripted": setting.upstream},
        queues=_queues(setting.queue, setting.server_permits) if setting.queue is not None else None,
    )


@asynccontextmanager
async def direct_gateway(
    setting: DirectSetting,
    *rules: Rule,
    notes: KeyValueStore | None = None,
    alter: Callable[[AppContext], AppContext] = lambda front: front,
) -> AsyncIterator[DirectGateway]:
    """Run the gateway; the fleet consumes its records."""
    async with ModelServer(rules, slots=setting.slots) as models, proxy_to(models, setting) as line:

        def straight(front: AppContext) -> AppContext:
            return alter(replace(front, direct=line))

        async with open_gateway(
            pending_replies=pending_replies_for(setting.fleet_places), notes=notes, alter=straight
        ) as gateway:
            if setting.outbox_runs:
                gateway.fleet.tasks.start(line.deliver_outbox(gateway.fleet))
            yield DirectGateway(gateway, line, models)


def _queues(limits: QueueLimits, permits: int) -> ServerQueues:
    places = Admission(AdaptiveLimit(AdaptiveLimitConfig(ceiling=limits.most, target_ms=0)), Shares(headroom=0.0))
    return ServerQueues(WaitingRequests(limits, places), permits, Shares(headroom=0.0))


def _raise(error: BaseException) -> None:
    raise error
