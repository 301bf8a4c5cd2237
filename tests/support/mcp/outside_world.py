"""The outside as tests have it: a server on the loopback that answers for every host, from a table."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World
from libs.ports.fetching import Fetcher
from libs.testing.fake_clock import FakeClock
from libs.testing.scripted_web import FakeResolver, RecordingConnector, ScriptedWeb, WebRequest, reply
from services.mcp.tools.served.web.outside import Outside

ANSWERS = Path(__file__).parent / "answers"
_KINDS = {
    "json": "application/json",
    "txt": "text/plain; version=1.0.0",
    "html": "text/html; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
_LIMITS = FetchLimits(total_s=60.0, connect_s=60.0, idle_s=60.0)


def answer(name: str, status: int = 200) -> bytes:
    """Response whose body is a file of `answers`."""
    return reply(status, (ANSWERS / name).read_bytes(), ("content-type", _KINDS[name.rpartition(".")[2]]))


@dataclass
class Play:
    """Responses by request: the longest prefix of `METHOD host/target` counts; the rest is 404."""

    answers: Mapping[str, bytes]
    asked: list[WebRequest] = field(default_factory=list)

    async def say(self, request: WebRequest, writer: asyncio.StreamWriter) -> None:
        self.asked.append(request)
        line = f"{request.method} {request.headers['host']}{request.target}"
        known = [beginning for beginning in self.answers if line.startswith(beginning)]
        writer.write(self.answers[max(known, key=len)] if known else reply(404, b"{}"))

    def lines(self) -> list[str]:
        return [f"{request.method} {request.headers['host']}{request.target}" for request in self.asked]


@asynccontextmanager
async def playing(play: Play) -> AsyncIterator[Outside]:
    """Serve a play, and yield the ways to it."""
    async with ScriptedWeb(play.say) as web:
        connector, clock = RecordingConnector(web.port), FakeClock()

        def service(url: str, _: float) -> Fetcher:
            world = World(FakeResolver(anything=("10.0.0.5",)), connector, clock)
            return WebFetcher(Reach.of_service(url), _LIMITS, world)

        public = World(FakeResolver(anything=("93.184.215.14",)), connector, clock)
        yield Outside(WebFetcher(Reach(), _LIMITS, public), service)
