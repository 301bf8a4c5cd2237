"""Declares the gateway."""

from libs.contracts.topics import ANSWER_FINISHED, REQUEST_CANCELLED
from libs.runtime.spec import Needs, ServiceSpec, TailSpec, ports_as_deps
from services.gateway.handlers import PUBLISHES, Deps, deliver_answer, notice_claim, stop_call
from services.gateway.settings import Settings


def own_partition(ports: Deps) -> int:
    """The reply partition of this instance: its answers arrive there."""
    return ports.claim.partition


SPEC: ServiceSpec[Settings, Deps, Deps] = ServiceSpec(
    name="gateway",
    settings=Settings,
    deps=ports_as_deps,
    tails=(
        TailSpec(ANSWER_FINISHED, deliver_answer, own_partition),
        TailSpec(ANSWER_FINISHED, notice_claim, own_partition),
        TailSpec(REQUEST_CANCELLED, stop_call),
    ),
    publishes=PUBLISHES,
    needs=Needs(valkey=True),
    replayed=False,
)
