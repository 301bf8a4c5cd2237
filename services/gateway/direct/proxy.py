"""The direct proxy: models, connection, admission, queues and outbox of direct requests."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from libs.adapters.models.openai_chat.exchange import ModelWire
from libs.contracts.staffing import ModelRef
from libs.core.clock import Clock, SystemClock
from libs.core.generation_rates import GenerationRates
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.answers import DirectState
from libs.ports.bus import Publisher
from services.gateway.direct.admission import DirectAdmission
from services.gateway.direct.outbox import DirectOutbox
from services.gateway.direct.server_permits import ServerQueues
from services.gateway.direct.watchdog import AbortReason, DirectTimeouts
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.direct.upstream_body import FULL, Form
from services.gateway.domain.errors import stopping
from services.gateway.domain.routing.direct_models import DirectModels

OUTBOX_DRAIN_S = 1.0  # a stop waits so long for the records in flight; the next start delivers the remaining ones
MOST_FORMS = 1024  # clients with a grant for a whole node choose the names of models
_ANY_SERVER = Upstream()


@dataclass(frozen=True)
class DirectProxy(Resource):
    """An async context manager: enter it before use. `on_bug` gets the errors of background work. `upstreams` maps
    server names to servers; `forms` holds the request form that each model accepts. Without `queues` no call waits for
    a permit of its server."""

    models: DirectModels
    wire: ModelWire
    admission: DirectAdmission
    outbox: DirectOutbox
    timeouts: DirectTimeouts
    on_bug: Callable[[BaseException], None]
    clock: Clock = field(default_factory=SystemClock)
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    queues: ServerQueues | None = None
    forms: dict[ModelRef, Form] = field(init=False, default_factory=dict)
    rates: GenerationRates = field(default_factory=GenerationRates)
    tasks: TaskSet = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tasks", TaskSet(self.on_bug))

    async def _enter(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self.outbox.spool)
        self.outbox.recover(self.clock.now())
        await stack.enter_async_context(self.wire)
        stack.push_async_callback(self.tasks.cancel)

    def upstream(self, server: str) -> Upstream:
        """The default policy for an unknown name."""
        return self.upstreams.get(server, _ANY_SERVER)

    def learn(self, ref: ModelRef, form: Form) -> None:
        """Use this form for all later requests to a model."""
        if form != self.forms.get(ref, FULL):
            if len(self.forms) >= MOST_FORMS:
                self.forms.clear()
            self.forms[ref] = form

    def state_of(self, tenant: str, response_id: str) -> DirectState | None:
        if (record := self.outbox.undelivered(response_id)) is not None:
            return record.logged() if record.tenant == tenant else None
        place = self.admission.find(tenant, response_id)
        case = place.context if place is not None else None
        return case.as_opened(self.timeouts.call_timeouts(case.why).call_s) if case is not None else None

    def stop(self, tenant: str, response_id: str) -> None:
        """Abort a request that runs here as cancelled by its client; no effect otherwise."""
        if (place := self.admission.find(tenant, response_id)) is not None:
            place.stop(AbortReason.CANCELLED)

    async def cancel(self, tenant: str, response_id: str, within_s: float) -> None:
        """Cancel a request that runs here; return once it has ended, at the latest after `within_s` seconds."""
        if (place := self.admission.find(tenant, response_id)) is not None:
            await place.stop_and_wait(AbortReason.CANCELLED, within_s)

    async def deliver_outbox(self, publisher: Publisher) -> None:
        """Publish the recorded requests until cancelled."""
        await self.outbox.deliver(publisher)

    async def drain(self, grace_s: float) -> None:
        """Stop admission and the server queues; wait up to the grace period for open requests and the outbox."""
        if self.queues is not None:
            self.queues.close(stopping)
        await self.admission.drain(grace_s)
        await self.outbox.spool.emptied(OUTBOX_DRAIN_S)
