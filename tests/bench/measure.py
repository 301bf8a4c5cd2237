"""Measuring: one request in flight, interleaved rounds, medians, CPU beside time."""

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


async def interleaved(candidates: Mapping[str, Once], *, rounds: int, repetitions: int) -> dict[str, Figure]:
    """Run the candidates in turn, round after round, so that noise hits all alike; the first round warms up."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    cpu: dict[str, float] = dict.fromkeys(candidates, 0.0)
    for number in range(rounds + 1):
        for name, once in candidates.items():
            times, spent = await _round(once, repetitions)
            if number > 0:
                samples[name] += times
                cpu[name] += spent
    return {name: _figure(samples[name], cpu[name]) for name in candidates}


async def _round(once: Once, repetitions: int) -> tuple[list[float], float]:
    times = []
    cpu = time.process_time()
    for _ in range(repetitions):
        started = time.perf_counter()
        await once()
        times.append(time.perf_counter() - started)
    return times, time.process_time() - cpu


def _figure(times: list[float], cpu_s: float) -> Figure:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return Figure(statistics.median(ordered) * 1000, p99 * 1000, cpu_s / len(ordered) * 1000)
