"""The ways to the outside that families of tools are built with."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World, user_agent
from libs.ports.fetching import Fetcher
from services.mcp.tools.served.web.settings import WebSettings

WEB_IS_OFF = "MOE_WEB_TOOLS is not set to `on`: nothing is asked of the web"


@dataclass(frozen=True, slots=True)
class Outside:
    """`web` fetches public URLs only, `service(url, seconds)` one service of the operator only."""

    web: Fetcher
    service: Callable[[str, float], Fetcher]
    web_is_on: bool = True

    @property
    def why_not(self) -> str | None:
        """Reason why tools of the web are unavailable; None if they are available."""
        return None if self.web_is_on else WEB_IS_OFF


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
