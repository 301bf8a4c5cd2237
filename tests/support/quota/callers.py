"""Callers with limits, and stores that can be away."""

from collections.abc import Sequence

from libs.adapters.quota.rates.store import LocalStore, StoreRefused
from libs.adapters.quota.rates.token_bucket import Draw, Drawn
from libs.contracts.model_call import Usage
from libs.core.errors import Retryable
from libs.ports.identity import Caller, KeyLimits
from libs.ports.quota import QuotaRequest
from libs.testing.fake_clock import FakeClock


def caller(requests: int = 0, tokens: int = 0, streams: int = 0, key: str = "k1") -> Caller:
    return Caller("acme", "julia", key, "ops", limits=KeyLimits(requests, tokens, streams))


def entry(who: Caller, tokens: int = 10, name: str = "resp-1", *, stream: bool = False) -> QuotaRequest:
    return QuotaRequest(who, name, tokens, "moe", stream)


def used(tokens: int) -> Usage:
    return Usage(prompt_tokens=tokens, completion_tokens=0)


class SharedStore:
    """A store that several gateways share, counts its calls, and can be unavailable."""

    def __init__(self, clock: FakeClock) -> None:
        self._store = LocalStore(clock)
        self.away = False
        self.refuses: str | None = None
        self.draws: list[Draw] = []

    async def draw(self, name: str, draw: Draw) -> Drawn:
        self._check()
        if name == self.refuses:
            raise StoreRefused("value is not an integer or out of range")
        self.draws.append(draw)
        return await self._store.draw(name, draw)

    async def open_stream(self, name: str, stream: str, limit: int) -> float:
        self._check()
        return await self._store.open_stream(name, stream, limit)

    async def renew(self, name: str, streams: Sequence[str]) -> None:
        self._check()
        await self._store.renew(name, streams)

    async def close_streams(self, name: str, streams: Sequence[str]) -> None:
        self._check()
        await self._store.close_streams(name, streams)

    def _check(self) -> None:
        if self.away:
            raise Retryable("the store is away")
