"""CPU and latency of requests beside another commit; both run at once and alternate, so other load slows both alike.

Each pair measures one side and then the other, and the next pair the other way round. Processes of the same code
differ by some percent, as their memory is laid out: so each side is started anew several times. It prints ratios of
pairs, this tree to the base: below 1 is faster; the range is that of the medians of the starts.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
from tests.support.process_cpu import family_cpu_s
from tests.support.raw_client import connected

STARTS, PAIRS = 4, 4
REQUESTS, QUESTIONS = 800, 40
CONNECTIONS, EACH = 16, 50
STREAMS = 16
MEASURES = ("single", "concurrent", "streams", "pipeline")
FLEET_MODEL = "moe-orchestrator"

Measured: TypeAlias = dict[str, float]
Pairs: TypeAlias = dict[str, list[tuple[float, float]]]  # of base and this tree, by measurement
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
        fleet = self.fleet
        client, before, of_all_before = await connected(fleet.process.port), fleet.cpu_s(), family_cpu_s(fleet.process)
        took = await latencies_ms(client, fleet.request(FLEET_MODEL), QUESTIONS)
        client.close()
        await fleet.quiet()
        cpu_s, of_all_s = fleet.cpu_s() - before, family_cpu_s(fleet.process) - of_all_before
        return {
            "CPU of a question, ms": cpu_s / QUESTIONS * 1e3,
            "CPU of its stores, ms": (of_all_s - cpu_s) / QUESTIONS * 1e3,
            "p50 of a question, ms": quantile(took, 0.5),
        }


async def side(stack: AsyncExitStack, folder: Path, source: Path, broker: Mapping[str, str]) -> Side:
    """Run a gateway and a fleet that are imported from `source`."""
    ways = await stack.enter_async_context(two_ways(folder, source=source))
    models = await stack.enter_async_context(model_server(folder))
    fleet = await stack.enter_async_context(embedded_process(models, folder, broker, source))
    return Side(ways.through, Way(fleet, KEY))


async def compared(
    base: Path, folder: Path, pairs: int, only: Sequence[str], broker: Mapping[str, str], *, ours_first: bool
) -> Pairs:
    """Pairs of one start of both sides; the first pair of each measurement warms up."""
    found: Pairs = {}
    async with AsyncExitStack() as stack:
        sides = [(folder / "base", base), (folder / "here", IMPORT_ROOT)]
        for place, _ in sides:
            place.mkdir(parents=True)
        order = reversed(sides) if ours_first else sides
        started = {source: await side(stack, place, source, broker) for place, source in order}
        measures = [(getattr(started[base], name), getattr(started[IMPORT_ROOT], name)) for name in only]
        for number in range(pairs + 1):
            for of_other, of_ours in measures:
                before, now = await _pair(of_other, of_ours, reverse=number % 2 == 1)
                for name in before if number else ():
                    found.setdefault(name, []).append((before[name], now[name]))
            print(f"  pair {number} of {pairs}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return found


def table(starts: Sequence[Pairs]) -> str:
    """Medians of both sides and of the ratios of pairs, their quartiles, and the range of the starts' medians."""
    lines = [f"{'':<28}{'base':>10}{'here':>10}{'ratio':>8}{'quartiles':>16}{'starts':>16}"]
    for name in starts[0]:
        pairs = [pair for start in starts for pair in start[name]]
        low, _, high = statistics.quantiles(_ratios(pairs), n=4)
        sides = f"{median([one for one, _ in pairs]):>10,.2f}{median([one for _, one in pairs]):>10,.2f}"
        of_starts = [median(_ratios(start[name])) for start in starts]
        spread = f"{low:>8.3f}{high:>8.3f}{min(of_starts):>8.3f}{max(of_starts):>8.3f}"
        lines.append(f"{name:<28}{sides}{median(_ratios(pairs)):>8.3f}{spread}")
    return "\n".join([*lines, f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"])


def _ratios(pairs: Sequence[tuple[float, float]]) -> list[float]:
    return [now / before for before, now in pairs]


async def _pair(of_base: Measure, of_this: Measure, *, reverse: bool) -> tuple[Measured, Measured]:
    if reverse:
        now = await of_this()
        return await of_base(), now
    return await of_base(), await of_this()


def main() -> int:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="make bench-against", description=__doc__)
    parser.add_argument("--base", required=True, help="a commit to compare with")
    parser.add_argument("--starts", type=int, default=STARTS, help=f"of each side (default {STARTS})")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"of one start (default {PAIRS})")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--kafka", action="store_true", help="the fleets embed Apache Kafka, not the in-memory broker")
    chosen = parser.parse_args()
    broker = {"MOE_EMBEDDED_KAFKA": "kafka", "HOME": str(Path.home())} if chosen.kafka else {}
    with tempfile.TemporaryDirectory() as place:
        try:
            base = product_of(chosen.base, Path(place) / "source")
        except ReleaseMissing as error:
            print(error, file=sys.stderr)
            return 2
        starts = []
        for number in range(chosen.starts):
            print(f"start {number + 1} of {chosen.starts}", file=sys.stderr)
            folder = Path(place) / str(number)
            run = compared(base, folder, chosen.pairs, chosen.only, broker, ours_first=number % 2 == 1)
            starts.append(asyncio.run(run))
        print(table(starts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
