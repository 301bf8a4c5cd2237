"""Measuring: one request in flight, interleaved rounds, medians, CPU beside time."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

Once = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Figure:
    """Milliseconds of wall time (median, 99th percentile) and of this process's CPU for one repetition."""

    p50_ms: float
    p99_ms: float
    cpu_ms: float

    def __str__(self) -> str:
        return f"p50 {self.p50_ms:7.3f} ms   p99 {self.p99_ms:7.3f} ms   CPU {self.cpu_ms:6.3f} ms"


@dataclass(frozen=True)
class Effort:
    """`rest_s` passes between two repetitions.

    Without it the bookkeeping of one delays the next, and the figure is throughput; with it every fetch is
    parked when a record comes, as it is where requests are seconds apart.
    """

    rounds: int
    repetitions: int
    rest_s: float = 0.0


async def interleaved(candidates: Mapping[str, Once], effort: Effort) -> dict[str, Figure]:
    """Run the candidates in turn, round after round, so that noise hits all alike; the first round warms up."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    cpu: dict[str, float] = dict.fromkeys(candidates, 0.0)
    for number in range(effort.rounds + 1):
        for name, once in candidates.items():
            times, spent = await _round(once, effort)
            if number > 0:
                samples[name] += times
                cpu[name] += spent
    return {name: _figure(samples[name], cpu[name]) for name in candidates}


async def _round(once: Once, effort: Effort) -> tuple[list[float], float]:
    times = []
    cpu = time.process_time()
    for _ in range(effort.repetitions):
        started = time.perf_counter()
        await once()
        times.append(time.perf_counter() - started)
        await asyncio.sleep(effort.rest_s)
    return times, time.process_time() - cpu


def _figure(times: list[float], cpu_s: float) -> Figure:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return Figure(statistics.median(ordered) * 1000, p99 * 1000, cpu_s / len(ordered) * 1000)
