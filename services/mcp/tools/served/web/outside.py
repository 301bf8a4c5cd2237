"""The ways to the outside that families of tools are built with."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.ports.fetching import Fetcher

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
