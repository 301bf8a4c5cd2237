"""Response headers with metadata: ids, timing, cache status, rate limits."""

import re
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED = (
    "x-request-id",
    "request-id",
    "x-moe-response-id",
    "x-moe-cache",
    "x-moe-experts",
    "x-moe-overhead-ms",
    "server-timing",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "idempotent-replayed",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-requests-limit",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "x-moe-budget-daily-used",
    "x-moe-budget-daily-limit",
)
_NOT_PRINTABLE = re.compile(rb"[^ -~]")
RawHeaders = list[tuple[bytes, bytes]]


class ResponseMetadata:
    """Metadata of one request, collected while it runs and sent with the response head.

    `cache` is the cache status, empty without a lookup; `experts` are the authors of a whole answer; `limits` returns
    the caller's quota headers. Time between two steps belongs to the later one; waits for the fleet or a model are no
    overhead of the gateway.
    """

    __slots__ = ("_began", "_last", "_steps", "_waited_s", "begun", "cache", "experts", "limits")

    def __init__(self) -> None:
        self.begun = False
        self.cache = ""
        self.experts: tuple[str, ...] = ()
        self.limits: Callable[[], RawHeaders] = list
        self._began = self._last = perf_counter()
        self._steps: list[tuple[str, float]] = []
        self._waited_s = 0.0

    def step(self, name: str) -> None:
        """Record the end of a step of the gateway."""
        now = perf_counter()
        self._steps.append((name, now - self._last))
        self._last = now

    def step_elsewhere(self, name: str) -> None:
        """Record the end of a step of the fleet or of a model."""
        self.step(name)
        self._waited_s += self._steps[-1][1]

    def headers(self) -> RawHeaders:
        """The headers as of now."""
        total_s = perf_counter() - self._began
        steps = "".join(f"{name};dur={seconds * 1000:.2f}, " for name, seconds in self._steps)
        told = [
            (b"x-moe-overhead-ms", b"%.2f" % ((total_s - self._waited_s) * 1000)),
            (b"server-timing", f"{steps}total;dur={total_s * 1000:.2f}".encode()),
        ]
        told += self.limits()
        if self.cache:
            told.append((b"x-moe-cache", self.cache.encode()))
        if self.experts:
            told.append((b"x-moe-experts", _NOT_PRINTABLE.sub(b"?", ",".join(self.experts).encode())))
        return told


def metadata_of(scope: Scope) -> ResponseMetadata:
    """Unused new metadata where ResponseMetadataMiddleware did not run."""
    marks: ResponseMetadata | None = scope.get("marks")
    return ResponseMetadata() if marks is None else marks


class ResponseMetadataMiddleware:
    """Adds metadata and ids to every response, errors included.

    A response of the fleet or of a model is named as `x-request-id` by its sender, where the SDKs of both families look
    for it. Every other response gets a new id there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        marks = scope["marks"] = ResponseMetadata()

        def marked(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                marks.begun = True
                _add_headers(message["headers"], marks)
            return send(message)

        await self._app(scope, receive, marked)


def _add_headers(headers: RawHeaders, marks: ResponseMetadata) -> None:
    named = dict(headers).get(b"x-request-id")
    if named is not None:
        headers.append((b"x-moe-response-id", named))
    else:
        own = f"req_{secrets.token_hex(12)}".encode()
        headers += [(b"x-request-id", own), (b"request-id", own)]
    headers += marks.headers()
