"""Response headers with metadata: ids, timing, cache status, rate limits."""

import re
from collections.abc import Callable
from time import perf_counter

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
        self._steps = ""
        self._waited_s = 0.0

    def step(self, name: str) -> float:
        """Record the end of a step of the gateway. Return the seconds that it took."""
        now = perf_counter()
        took_s, self._last = now - self._last, now
        self._steps += f"{name};dur={took_s * 1000:.2f}, "
        return took_s

    def step_elsewhere(self, name: str) -> None:
        """Record the end of a step of the fleet or of a model."""
        self._waited_s += self.step(name)

    def headers(self) -> RawHeaders:
        """The headers as of now."""
        total_s = perf_counter() - self._began
        fields = [
            (b"x-moe-overhead-ms", b"%.2f" % ((total_s - self._waited_s) * 1000)),
            (b"server-timing", f"{self._steps}total;dur={total_s * 1000:.2f}".encode()),
        ]
        fields += self.limits()
        if self.cache:
            fields.append((b"x-moe-cache", self.cache.encode()))
        if self.experts:
            fields.append((b"x-moe-experts", _NOT_PRINTABLE.sub(b"?", ",".join(self.experts).encode())))
        return fields
