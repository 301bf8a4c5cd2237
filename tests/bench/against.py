"""CPU and latency of requests beside another commit; both run at once and alternate, so other load slows both alike.

Each pair measures one side and then the other, and the next pair the other way round. It prints ratios of
pairs, this tree to the base: below 1 is faster.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from libs.testing.processes import IMPORT_ROOT
from tests.bench.fleets import embedded_process, model_server
from tests.bench.rounds import frame_us, rate
from tests.chaos.releases import ReleaseMissing, product_of
from tests.support.fleet_processes import KEY
from tests.support.gateway_process import median, quantile, two_ways
from tests.support.measured_path import Way, latencies_ms
from tests.support.raw_client import connected

PAIRS = 12
REQUESTS, QUESTIONS = 800, 12
CONNECTIONS, EACH = 16, 50
STREAMS = 16
MEASURES = ("single", "concurrent", "streams", "pipeline")
FLEET_MODEL = "moe-orchestrator"

Measured: TypeAlias = dict[str, float]
Measure: TypeAlias = Callable[[], Awaitable[Measured]]


@dataclass(frozen=True)
class Side:
    """Measurements of one commit: requests for one model, and questions for the whole fleet."""

    gateway: Way
    fleet: Way

    async def single(self) -> Measured:
        """Measure one request after the other."""
        client, before = await connected(self.gateway.process.port), self.gateway.cpu_s()
        took = await latencies_ms(client, self.gateway.request("whole"), REQUESTS)
        client.close()
        await self.gateway.quiet()
        cpu_us = (self.gateway.cpu_s() - before) / REQUESTS * 1e6
        return {"CPU of a request, us": cpu_us, "p50 of a request, ms": quantile(took, 0.5)}

    async def concurrent(self) -> Measured:
        """Measure requests of several connections at once."""
        found = await rate(self.gateway, CONNECTIONS, EACH)
        return {f"CPU of a request at c={CONNECTIONS}, us": 1e6 / found.a_cpu_second}

    async def streams(self) -> Measured:
        """Measure the frames of streams."""
        return {"CPU of a frame, us": await frame_us(self.gateway, STREAMS)}

    async def pipeline(self) -> Measured:
        """Measure questions to the whole fleet, one after the other."""
        client, before = await connected(self.fleet.process.port), self.fleet.cpu_s()
        took = await latencies_ms(client, self.fleet.request(FLEET_MODEL), QUESTIONS)
        client.close()
        await self.fleet.quiet()
        cpu_ms = (self.fleet.cpu_s() - before) / QUESTIONS * 1e3
        return {"CPU of a question, ms": cpu_ms, "p50 of a question, ms": quantile(took, 0.5)}


async def side(stack: AsyncExitStack, folder: Path, source: Path) -> Side:
    """Run a gateway and a fleet that are imported from `source`."""
    ways = await stack.enter_async_context(two_ways(folder, source=source))
    models = await stack.enter_async_context(model_server(folder))
    fleet = await stack.enter_async_context(embedded_process(models, folder, source=source))
    return Side(ways.through, Way(fleet, KEY))


async def compared(
    base: Path, folders: tuple[Path, Path], pairs: int, only: Sequence[str]
) -> dict[str, list[tuple[float, float]]]:
    """Pairs of base and this tree by measurement; the first pair of each warms up."""
    found: dict[str, list[tuple[float, float]]] = {}
    async with AsyncExitStack() as stack:
        other = await side(stack, folders[0], base)
        ours = await side(stack, folders[1], IMPORT_ROOT)
        measures = [(getattr(other, name), getattr(ours, name)) for name in only]
        for number in range(pairs + 1):
            for of_other, of_ours in measures:
                before, now = await _pair(of_other, of_ours, reverse=number % 2 == 1)
                for name in before if number else ():
                    found.setdefault(name, []).append((before[name], now[name]))
            print(f"pair {number} of {pairs}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def table(found: dict[str, list[tuple[float, float]]]) -> str:
    """Medians of both sides, and the median and the quartiles of the ratios of pairs."""
    lines = [f"{'':<28}{'base':>10}{'here':>10}{'ratio':>8}{'quartiles':>16}"]
    for name, pairs in found.items():
        ratios = [now / before for before, now in pairs]
        low, _, high = statistics.quantiles(ratios, n=4)
        sides = f"{median([one for one, _ in pairs]):>10,.2f}{median([one for _, one in pairs]):>10,.2f}"
        lines.append(f"{name:<28}{sides}{median(ratios):>8.3f}{low:>8.3f}{high:>8.3f}")
    return "\n".join([*lines, f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"])


async def _pair(of_base: Measure, of_this: Measure, *, reverse: bool) -> tuple[Measured, Measured]:
    if reverse:
        now = await of_this()
        return await of_base(), now
    return await of_base(), await of_this()


def main() -> int:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="make bench-against", description=__doc__)
    parser.add_argument("--base", required=True, help="a commit to compare with")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        source, *folders = (Path(place) / name for name in ("source", "base", "here"))
        for folder in folders:
            folder.mkdir()
        try:
            base = product_of(chosen.base, source)
        except ReleaseMissing as error:
            print(error, file=sys.stderr)
            return 2
        print(table(asyncio.run(compared(base, (folders[0], folders[1]), chosen.pairs, chosen.only))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
