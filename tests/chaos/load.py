"""Many concurrent clients: questions of every kind, at a steady rate whatever the fleet does."""

import asyncio
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import httpx

from libs.core.clock import SystemClock
from libs.testing.model_server import PipelineOptions, Rule, pipeline_script
from tests.chaos.client import Client, Errand
from tests.chaos.history import History, Seen

SLOW_S = 0.4  # long enough that a fault meets a running call
WORD_S = 0.02
KINDS = ("slow", "med", "words", "fast", "tool")
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Load:
    """`requests` spread over `over_s` seconds; `leaving` is the share of clients that go away in the middle."""

    requests: int
    over_s: float
    leaving: float = 0.05
    whole: float = 0.3
    kinds: tuple[str, ...] = KINDS
    name: str = "q"


def errands(load: Load, seed: int) -> tuple[Errand, ...]:
    """The same seed yields the same questions."""
    chance = random.Random(seed)
    return tuple(_errand(load, number, chance) for number in range(load.requests))


def _errand(load: Load, number: int, chance: random.Random) -> Errand:
    kind = load.kinds[number % len(load.kinds)]
    stream = chance.random() >= load.whole
    leaves = chance.uniform(0.05, 1.0) if stream and kind != "tool" and chance.random() < load.leaving else None
    if kind == "tool":
        factor = 1_000_003 + 10_000 * (zlib.crc32(load.name.encode()) % 900) + 10 * number
        return Errand(str(7 * factor), f"What is 7 * {factor}?", stream)
    token = f"#{kind}{load.name}{number}"
    return Errand(token, f"How large should connection pools be, see {token}?", stream, leaves)


def kind_of(token: str) -> str:
    return next((kind for kind in KINDS if token.startswith(f"#{kind}")), "tool")


def script() -> tuple[Rule, ...]:
    """The kind of a question decides the duration of its model calls."""
    slow = PipelineOptions(delay_s=SLOW_S)
    medical = PipelineOptions(tasks=1, categories=("medical_consult",), delay_s=SLOW_S)
    words = PipelineOptions(piece_delay_s=WORD_S)
    chosen = (("#slow", slow), ("#med", medical), ("#words", words))
    by_kind = [replace(rule, user=kind) for kind, options in chosen for rule in pipeline_script(options)]
    return (*by_kind, *pipeline_script())


@dataclass(frozen=True)
class Crowd:
    """Addresses for the clients, and how long each waits for its answer, in seconds."""

    gateways: Sequence[str]
    http: httpx.AsyncClient
    history: History
    patience_s: float

    async def ask(self, asked: Sequence[Errand], over_s: float) -> None:
        """Send every question at its time, and return when all have ended."""
        pace_s = over_s / max(1, len(asked))
        began = _CLOCK.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, errand in enumerate(asked):
                await asyncio.sleep(max(0.0, began + number * pace_s - _CLOCK.monotonic()))
                group.create_task(self._client(number).run(errand))

    async def look_up(self, known: Sequence[Seen]) -> None:
        """Query another gateway for the end of each of these requests."""
        for number, seen in enumerate(known, start=1):
            await self._client(number).look_up(seen)

    def _client(self, number: int) -> Client:
        first = number % len(self.gateways)
        ordered = (*self.gateways[first:], *self.gateways[:first])
        return Client(f"client-{number}", ordered, self.http, self.history, self.patience_s)
