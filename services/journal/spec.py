"""Declares the journal."""

from libs.contracts.audit import AuditRecorded
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.progress import RequestRestored
from libs.runtime.spec import Needs, ServiceSpec, ports_as_deps
from services.journal.handlers import Deps, store_record
from services.journal.settings import Settings


def _concurrency(_: Settings) -> int:
    return 200


SPEC: ServiceSpec[Settings, Deps, Deps] = ServiceSpec(
    name="journal",
    settings=Settings,
    deps=ports_as_deps,
    sinks=(store_record,),
    publishes=(AuditRecorded, ChainCheckpointed, RequestRestored),
    needs=Needs(postgres=True),
    replayed=False,
    concurrency=_concurrency,
)
