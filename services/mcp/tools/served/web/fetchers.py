"""Builds the ways to the outside from settings."""

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World, user_agent
from libs.ports.fetching import Fetcher
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.settings import WebSettings


def outside_of(settings: WebSettings) -> Outside:
    """Raises ConfigurationError. Opens nothing."""
    return Outside(web_fetcher(settings), _service, web_is_on=settings.web_tools == "on")


def web_fetcher(settings: WebSettings, limits: FetchLimits | None = None) -> WebFetcher:
    """Access to the public web within the operator's allow and deny lists. Raises ConfigurationError."""
    reach = Reach.read(settings.fetch_allow, settings.fetch_refuse)
    return WebFetcher(reach, limits, World(user_agent=user_agent(settings.fetch_contact)))


def _service(url: str, total_s: float) -> Fetcher:
    limits = FetchLimits(max_bytes=32 << 20, total_s=total_s, idle_s=total_s)
    return WebFetcher(Reach.of_service(url), limits)
