"""The probes `/health`, `/ready` and `/metrics` of a process, in front of its application."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.runtime.service import Check

log = logging.getLogger(__name__)

CHECK_TIMEOUT_S = 2.0
# Callers need no key, so failures are codes: the detail, which may name addresses, is logged.
UNAVAILABLE = "unavailable"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
About = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class Report:
    """`failing` are required dependencies that are down, `degraded` optional ones; both map a name to a code."""

    failing: dict[str, str]
    degraded: dict[str, str]

    @property
    def status(self) -> int:
        return 503 if self.failing else 200

    def body(self) -> bytes:
        state = "unready" if self.failing else "degraded" if self.degraded else "ready"
        return json.dumps({"status": state, "failing": self.failing, "degraded": self.degraded}).encode()


class Readiness:
    """Runs all checks concurrently. Not ready before `open()` and after `close()`.

    The checks call the broker and the stores, and callers of `/ready` need no key: so the checks of one report run at a
    time, and all callers that arrive meanwhile share the next report.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._state = "starting"
        self._logged: dict[str, str] = {}
        self._running: asyncio.Task[Report] | None = None
        self._next: asyncio.Task[Report] | None = None

    def open(self) -> None:
        self._state = ""

    def close(self) -> None:
        self._state = "stopping"

    async def report(self) -> Report:
        """The failed checks, begun after this call; a check that takes longer than two seconds fails."""
        if self._state:
            return Report(failing={"process": self._state}, degraded={})
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._report_after(self._running))
        return await asyncio.shield(self._next)

    async def _report_after(self, running: asyncio.Task[Report] | None) -> Report:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        outcomes = await asyncio.gather(*(_run_check(check) for check in self._checks), return_exceptions=True)
        codes = [(check, self._code(check, outcome)) for check, outcome in zip(self._checks, outcomes, strict=True)]
        down = [(check, code) for check, code in codes if code is not None]
        return Report(
            failing={check.name: code for check, code in down if check.required},
            degraded={check.name: code for check, code in down if not check.required},
        )

    def _code(self, check: Check, outcome: str | BaseException | None) -> str | None:
        """Text that is no code is logged once and reported as unavailable."""
        if isinstance(outcome, BaseException):
            log.error("the check of %s met a bug", check.name, exc_info=outcome)
            return "check_failed"
        if outcome is None or _CODE.fullmatch(outcome):
            self._logged.pop(check.name, None)
            return outcome
        if self._logged.get(check.name) != outcome:
            self._logged[check.name] = outcome
            log.warning("%s is unavailable: %s", check.name, outcome)
        return UNAVAILABLE


async def _run_check(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return "timeout"


def with_metrics(readiness: Readiness) -> ASGIApp:
    """Application of the metrics port: `/metrics`, and the probes."""

    async def metrics(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and scope["path"] == "/metrics":
            await _respond(send, 200, generate_latest(), CONTENT_TYPE_LATEST)
        elif scope["type"] == "http":
            await _respond(send, 404, b'{"error":"not found"}')

    return with_probes(metrics, readiness)


def with_probes(app: ASGIApp, readiness: Readiness, about: About = ()) -> ASGIApp:
    """Handles the probes and forwards the rest to `app`."""

    health = json.dumps({"status": "alive", **dict(about)}).encode()

    async def ready(send: Send) -> None:
        report = await readiness.report()
        await _respond(send, report.status, report.body())

    def probed(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Not a coroutine itself: every open stream would hold one."""
        path = scope["path"] if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else ""
        match path:
            case "/health":
                return _respond(send, 200, health)
            case "/ready":
                return ready(send)
            case _:
                return app(scope, receive, send)

    return probed


async def _respond(send: Send, status: int, body: bytes, content_type: str = "application/json") -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
