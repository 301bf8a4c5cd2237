"""Rate limits of all keys on one gateway."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from libs.adapters.quota.rates.failover_store import FailoverRateStore
from libs.adapters.quota.rates.key_limiter import KeyRateLimiter
from libs.adapters.quota.rates.reservation import RateReservation
from libs.adapters.quota.rates.store import LEASE_S, RateStore, StoreRefused
from libs.core.clock import Clock, SystemClock
from libs.core.resource import Resource
from libs.core.tasks import TaskSet
from libs.ports.identity import Caller
from libs.ports.quota import QuotaRequest

TICK_S = 1.0
FORGET_S = 600.0
STREAM_RETRY_S = 1.0  # a slot is free when another stream ends, at an unknown time

log = logging.getLogger(__name__)


class RateLimiter(Resource):
    """Admits requests within the rates of their keys. Enter it before use; it is also a readiness check."""

    name = "limits"
    required = False

    def __init__(self, store: RateStore, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._store = FailoverRateStore(store, self._clock)
        self._limiters: dict[tuple[str, str], KeyRateLimiter] = {}
        self._closing: defaultdict[str, list[str]] = defaultdict(list)
        self._wake = asyncio.Event()
        self._renew_at = self._clock.monotonic() + LEASE_S / 3
        self._tasks = TaskSet(lambda error: log.critical("limits are not settled any more", exc_info=error))

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self.end_leases)
        stack.push_async_callback(self._tasks.cancel)
        self._tasks.start(self._work(), name="limits")
        self._tasks.start(self._end_leases_on_signal(), name="leases of streams")

    async def __call__(self) -> str | None:
        """Readiness check; the store logs the cause."""
        return None if self._store.problem is None else "unavailable"

    async def reserve(self, request: QuotaRequest) -> RateReservation:
        """Raises RateLimited; then nothing is reserved."""
        limits = request.caller.limits
        if not (limits.requests_per_minute or limits.tokens_per_minute or limits.streams):
            return RateReservation()
        meter = self._limiter_of(request.caller)
        passed = RateReservation(meter, closed=self._stream_closed)
        try:
            await self._take(passed, meter, request)
        except BaseException:
            passed.release()
            raise
        return passed

    async def settle(self) -> None:
        """Settle debts and refunds, forget unused keys, and renew the leases of open streams; runs every TICK_S
        seconds."""
        now = self._clock.monotonic()
        for key, meter in list(self._limiters.items()):
            for allowance in meter.leases:
                with _reported():
                    await allowance.settle(self._store.draw)
            if not meter.streams and now - meter.used_at > FORGET_S:
                self._forget(key, meter)
        if now >= self._renew_at:
            self._renew_at = now + LEASE_S / 3
            for meter in [each for each in self._limiters.values() if each.streams]:
                with _reported():
                    await self._store.renew(meter.name, sorted(meter.streams))

    async def end_leases(self) -> None:
        """Release the leases of ended streams."""
        closing, self._closing = self._closing, defaultdict(list)
        for name, streams in closing.items():
            with _reported():
                await self._store.close_streams(name, streams)

    async def _take(self, passed: RateReservation, meter: KeyRateLimiter, request: QuotaRequest) -> None:
        if meter.requests is not None:
            if not meter.requests.take(1) and (wait_s := await meter.requests.draw(1, self._store.draw)):
                raise meter.refusal("requests", wait_s)
            passed.requests = 1
        if meter.tokens is not None and request.tokens:
            tokens = min(max(1, request.tokens), meter.tokens.most)
            if not meter.tokens.take(tokens) and (wait_s := await meter.tokens.draw(tokens, self._store.draw)):
                raise meter.refusal("tokens", wait_s)
            passed.tokens = tokens
        if request.stream and meter.limits.streams:
            if wait_s := await self._store.open_stream(meter.name, request.response_id, meter.limits.streams):
                raise meter.refusal("streams", min(wait_s, STREAM_RETRY_S))
            passed.stream = request.response_id
            meter.streams.add(request.response_id)

    def _limiter_of(self, caller: Caller) -> KeyRateLimiter:
        meter = self._limiters.get((caller.tenant, caller.key_id))
        if meter is None or meter.limits != caller.limits:
            streams = meter.streams if meter is not None else set[str]()
            meter = self._limiters[caller.tenant, caller.key_id] = KeyRateLimiter.of(caller, self._clock)
            meter.streams = streams
        return meter

    def _stream_closed(self, meter: KeyRateLimiter, stream: str) -> None:
        meter.streams.discard(stream)
        self._closing[meter.name].append(stream)
        self._wake.set()

    def _forget(self, key: tuple[str, str], meter: KeyRateLimiter) -> None:
        del self._limiters[key]
        for name in (meter.name, *(allowance.name for allowance in meter.leases)):
            self._store.forget(name)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self.settle()

    async def _end_leases_on_signal(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.end_leases()


@contextmanager
def _reported() -> Iterator[None]:
    """An error of one key must not stop the work for all keys."""
    try:
        yield
    except StoreRefused as error:
        log.error("what a key owes, holds or gives back was not told to the store", exc_info=error)
