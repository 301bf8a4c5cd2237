"""Assembly of the direct proxy."""

import logging
from collections.abc import Callable

from libs.adapters.models.access import read_models
from libs.adapters.models.openai_chat.exchange import ModelWire
from libs.runtime.settings.inference_servers import InferenceServer, parse_inference_servers
from libs.runtime.settings.model_catalogue import ModelCatalogue
from services.gateway.admission.queued_requests import WaitingRequests
from services.gateway.direct.admission import DirectAdmission
from services.gateway.direct.outbox import DirectOutbox
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.server_permits import ServerQueues
from services.gateway.domain.admission.shares import Shares
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.settings import Settings

VISION = "vision"  # the category of EXPERT_MODELS whose first model sees

log = logging.getLogger(__name__)


def direct_proxy_of(
    settings: Settings, partition: int, alone: Callable[[], bool], waiting: WaitingRequests
) -> DirectProxy | None:
    """Build the proxy; None where no model server is configured. `alone` reports whether there is one tenant only.

    Raises ConfigurationError.
    """
    if not settings.inference_servers.strip():
        return None
    servers = parse_inference_servers(settings.inference_servers)
    nodes = frozenset(server.name for server in servers)
    books = DirectOutbox(settings.data_dir / "direct" / f"gateway-{partition}", settings.spool_bytes)
    return DirectProxy(
        models=_models(read_models(settings).catalogue, nodes, fetch=settings.remote_media),
        wire=ModelWire(servers),
        admission=DirectAdmission(settings.direct_admission(alone), books.can_record),
        outbox=books,
        timeouts=settings.direct_timeouts,
        on_bug=lambda error: log.error("work beside a direct request failed", exc_info=error),
        queues=ServerQueues(waiting, settings.max_direct_in_flight, Shares(alone=alone))
        if settings.max_waiting
        else None,
        upstreams={server.name: _upstream(server, settings) for server in servers},
    )


def _upstream(server: InferenceServer, settings: Settings) -> Upstream:
    return Upstream(
        api_type=server.api_type,
        passed=server.passed,
        most_tokens=settings.direct_max_tokens,
        default_tokens=min(settings.direct_default_tokens, settings.direct_max_tokens),
        single_tenant=server.single_tenant,
        salt_key=settings.salt_key if server.cache_salt else "",
    )


def _models(catalogue: ModelCatalogue, nodes: frozenset[str], *, fetch: bool) -> DirectModels:
    fast, large = catalogue.tiers.get(VISION, ((), ()))
    return DirectModels(catalogue.judge, catalogue.judge, next(iter((*fast, *large)), None), nodes, fetch)
