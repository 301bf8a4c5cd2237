"""Client of the gateway's public endpoints and probes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from libs.ports.fetching import Fetcher, FetchRequest
from services.mcp.contract import ToolError
from services.mcp.tools.served.infra.metrics import Sample, samples
from services.mcp.tools.served.web.pages import decoded
from services.mcp.tools.served.web.site import Reply, Site, SiteReply, Source, fetched

NAME = "the gateway"


class Provider(Reply):
    """A model server as in `/v1/provider-status`. An admin's key sees its URL as well, which is not read."""

    id: str
    reachable: bool
    rate_limited: bool = False
    error: str | None = None
    models: tuple[str, ...] = ()
    latency_ms: float | None = None
    checked_at: float = 0


class Providers(Reply):
    data: tuple[Provider, ...]


class Readiness(Reply):
    """Response of `/ready`: the parts that are down, each with a code."""

    status: str
    failing: Mapping[str, str] = MappingProxyType({})
    degraded: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything raises ToolError. `key` is an API key, empty for none; `metrics_site` gets none."""

    base: str
    fetcher: Fetcher
    metrics_site: Site
    key: str = field(default="", repr=False)

    async def providers(self) -> SiteReply[Providers]:
        return await self._site().get("/v1/provider-status", {}, Providers)

    async def metrics(self, names: frozenset[str]) -> tuple[tuple[Sample, ...], Source]:
        answer = await self.metrics_site.request("/metrics")
        return samples(decoded(answer), names), self.metrics_site.source(answer)

    async def readiness(self) -> SiteReply[Readiness]:
        """Result of the probe; 503 is a valid one."""
        answer = await fetched(self.fetcher, FetchRequest(f"{self.base}/ready"), NAME)
        if answer.status not in {200, 503}:
            raise ToolError("outside_failed", f"{NAME} answered with status {answer.status}")
        return self._site().understood(answer, Readiness)

    def _site(self) -> Site:
        secrets = (("authorization", f"Bearer {self.key}"),) if self.key else ()
        return Site(NAME, self.base, self.fetcher, secrets=secrets)
