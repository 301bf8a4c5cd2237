"""How the fleet does: its model servers, its open requests, its alerts."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.infra.active_requests import active_requests
from services.mcp.tools.served.infra.gateway import NAME, Gateway
from services.mcp.tools.served.infra.mission_context import mission_context_get
from services.mcp.tools.served.infra.node_status import node_status
from services.mcp.tools.served.infra.settings import InfraSettings
from services.mcp.tools.served.infra.watchdog_alerts import watchdog_alerts
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Site

_TOTAL_S = 10.0
_UNSET = "MOE_INFRA_URL is not set: no gateway reports about the fleet"


def build(settings: InfraSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Contacts no server."""
    base = settings.infra_url
    fetcher = outside.service(base, _TOTAL_S) if base else outside.web
    metrics = settings.infra_metrics_url
    metrics_site = Site(NAME, metrics or base, outside.service(metrics, _TOTAL_S) if metrics else fetcher)
    gateway = Gateway(base, fetcher, metrics_site, settings.infra_key.get_secret_value())
    why_not = None if base else _UNSET
    return (
        node_status(gateway, why_not),
        active_requests(gateway, why_not),
        watchdog_alerts(gateway, why_not),
        mission_context_get(),
    )
