"""One client of the fleet: sends a request, reads, disconnects, and resumes at another gateway when its own is gone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import httpx

from libs.core.clock import SystemClock
from libs.testing.http_client import CROWD_ERRORS
from tests.chaos.history import History, Op, Seen
from tests.chaos.reading import DIVERGED, Verdict, heard, verdict_of, verdict_of_lookup, verdict_of_whole
from tests.support.sse import Event, events_of

_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout)
_PAUSE_S = 0.25  # before it requests the rest from the next gateway
LOOKED_UP_WITHIN_S = 30.0  # a gateway on a busy machine reads the log with a short delay
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Errand:
    """One question, marked by `token`. `leaves_after_s`: the client disconnects so long after its first byte."""

    token: str
    text: str
    stream: bool = True
    leaves_after_s: float | None = None

    @property
    def body(self) -> dict[str, object]:
        return {
            "model": "moe-orchestrator",
            "messages": [{"role": "user", "content": self.text}],
            "stream": self.stream,
        }


@dataclass(frozen=True)
class Client:
    """`name` in the history; `gateways` in the order in which this client tries them."""

    name: str
    gateways: Sequence[str]
    http: httpx.AsyncClient
    history: History
    patience_s: float

    async def run(self, errand: Errand) -> None:
        """Send the request and record the result. Never raises for failures of the fleet."""
        op: Op = "stream" if errand.stream else "whole"
        seen = Seen(errand.token)
        self.history.add(self.name, op, "invoke", seen=seen)
        try:
            async with asyncio.timeout(self.patience_s):
                await self._ask_somebody(errand, seen, op)
        except TimeoutError:
            self.history.add(self.name, op, "unknown", seen=seen, code="patience")

    async def look_up(self, seen: Seen) -> None:
        """Poll a gateway until a request has ended, and record the response."""
        until = _CLOCK.monotonic() + LOOKED_UP_WITHIN_S
        while True:
            verdict = await self._looked_up(seen)
            if verdict.phase != "unknown" or _CLOCK.monotonic() > until:
                return self._record("lookup", verdict)
            await asyncio.sleep(_PAUSE_S)

    async def _looked_up(self, seen: Seen) -> Verdict:
        try:
            response = await self.http.get(f"{self.gateways[0]}/v1/responses/{seen.response_id}")
        except CROWD_ERRORS as error:
            return Verdict("unknown", seen, type(error).__name__)
        return verdict_of_lookup(seen, response)

    async def _ask_somebody(self, errand: Errand, seen: Seen, op: Op) -> None:
        """Send the request to the first reachable gateway, as a load balancer would."""
        for number in range(len(self.gateways)):
            client = replace(self, gateways=(*self.gateways[number:], *self.gateways[:number]))
            try:
                return await (client._stream(errand, seen) if errand.stream else client._whole(errand, seen))
            except _UNREACHED:
                continue
        self.history.add(self.name, op, "refused", seen=seen, code="unreachable")
        return None

    async def _whole(self, errand: Errand, seen: Seen) -> None:
        try:
            response = await self.http.post(self._url, json=errand.body)
        except _UNREACHED:
            raise
        except CROWD_ERRORS as error:
            self.history.add(self.name, "whole", "unknown", seen=seen, code=type(error).__name__)
            return
        verdict = verdict_of_whole(errand.token, response)
        self._record("whole", verdict)
        if verdict.phase == "unknown":
            await self._resume(verdict.seen, "")

    async def _stream(self, errand: Errand, seen: Seen) -> None:
        reading = Reading(seen)
        try:
            async with self.http.stream("POST", self._url, json=errand.body) as response:
                if response.status_code != 200:
                    await response.aread()
                    self._record("stream", verdict_of_whole(errand.token, response))
                    return
                await self._read(reading, response, errand.leaves_after_s)
        except _UNREACHED:
            raise
        except CROWD_ERRORS as error:
            reading.verdict = Verdict("unknown", reading.seen, type(error).__name__)
        if reading.verdict is None:
            reading.verdict = Verdict("unknown", reading.seen, "closed")
        self._record("cancel" if reading.verdict.code == LEFT else "stream", reading.verdict)
        if reading.verdict.phase == "unknown" and reading.verdict.code != LEFT and reading.seen.response_id:
            await self._resume(reading.verdict.seen, reading.last_id)

    async def _read(self, reading: "Reading", response: httpx.Response, leaves_after_s: float | None) -> None:
        leaving = asyncio.timeout(leaves_after_s)
        try:
            async with leaving:
                await reading.through(events_of(response))
        except TimeoutError:
            if not leaving.expired():
                raise
            reading.verdict = Verdict("unknown", reading.seen, LEFT)

    async def _resume(self, seen: Seen, last_id: str) -> None:
        """Request the rest from the other gateways in turn, until the end is received."""
        reading = Reading(seen, last_id)
        for gateway in cycle((*self.gateways[1:], self.gateways[0])):
            url = f"{gateway}/v1/responses/{seen.response_id}"
            headers = {"last-event-id": reading.last_id} if reading.last_id else {}
            try:
                async with self.http.stream("GET", url, params={"stream": "true"}, headers=headers) as rest:
                    if rest.status_code == 404:
                        self.history.add(self.name, "resume", "unknown", seen=seen, code="not_found")
                        return
                    if rest.status_code == 200:
                        await reading.through(events_of(rest))
            except CROWD_ERRORS:
                reading.verdict = None  # the history has enough of them: the nemesis records the reason
            if reading.verdict is not None and reading.verdict.phase != "unknown":
                self._record("resume", reading.verdict)
                return
            await asyncio.sleep(_PAUSE_S)

    def _record(self, op: Op, verdict: Verdict) -> None:
        self.history.add(self.name, op, verdict.phase, seen=verdict.seen, code=verdict.code)

    @property
    def _url(self) -> str:
        return f"{self.gateways[0]}/v1/chat/completions"


LEFT = "left"


class Reading:
    """A stream as far as it was read."""

    def __init__(self, seen: Seen, last_id: str = "") -> None:
        self.seen = seen
        self.last_id = last_id
        self.verdict: Verdict | None = None

    async def through(self, events: AsyncIterator[Event]) -> None:
        """Read until the verdict or the end of the bytes."""
        async for event in events:
            self.last_id, self.seen = event.id or self.last_id, heard(self.seen, event)
            if (verdict := verdict_of(self.seen, event)) is not None:
                self.verdict = verdict
                self.seen = verdict.seen
                self.last_id = "" if verdict.code == DIVERGED else self.last_id
                return
