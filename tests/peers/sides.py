"""Measurements of each side of a comparison: in alternating rounds, so that noise affects all alike."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from statistics import median

from tests.bench.rounds import Idle, Paced, Rate, frame_us, idle, paced, rate
from tests.support.gateway_process import quantile
from tests.support.measured_path import Way, latencies_ms
from tests.support.raw_client import connected


@dataclass(frozen=True)
class Effort:
    """In each round `questions` one by one, `each` on so many `connections`, `streams` at once; in the end `paced`
    streams of 50 words a second, and `idle` ones."""

    rounds: int = 5
    questions: int = 200
    connections: int = 32
    each: int = 30
    streams: int = 16
    paced: int = 280
    idle: int = 2000


CUT = Effort(rounds=1, questions=20, connections=4, each=10, streams=2, paced=2, idle=20)


@dataclass(frozen=True)
class Round:
    """Measurements of one round: milliseconds of each question, rates, microseconds of CPU for a frame."""

    latencies: list[float]
    rate: Rate
    frame_us: float


@dataclass
class Side:
    """One system, and its measurements."""

    name: str
    way: Way
    rounds: list[Round] = field(default_factory=list)
    paced: Paced = field(default=Paced([], 0))
    memory: Idle = field(default=Idle(0, 0))

    def latency_ms(self, part: float) -> float:
        """Quantile of the latency: the median over the rounds."""
        return median(quantile(each.latencies, part) for each in self.rounds)

    def added_ms(self, bare: "Side", part: float) -> float:
        """Added latency over the bare server at a quantile: the median over rounds, each with its own."""
        pairs = zip(self.rounds, bare.rounds, strict=True)
        return median(quantile(mine.latencies, part) - quantile(floor.latencies, part) for mine, floor in pairs)

    def a_second(self) -> float:
        """Requests in a second."""
        return median(each.rate.a_second for each in self.rounds)

    def a_cpu_second(self) -> float:
        """Requests for a second of CPU, over all rounds: one alone may be too short to count."""
        requests, took_s, cpu_s = zip(*(astuple(each.rate) for each in self.rounds), strict=True)
        return Rate(sum(requests), sum(took_s), sum(cpu_s)).a_cpu_second

    def frame_us(self) -> float:
        """CPU of a frame, in microseconds."""
        return median(each.frame_us for each in self.rounds)


async def measure(sides: Sequence[Side], effort: Effort) -> None:
    """Take the rounds, of which the first warms up, and then what takes long."""
    for number in range(effort.rounds + 1):
        for side in sides:
            found = await _round(side.way, effort)
            side.rounds += [found] if number else []
    for side in sides:
        side.paced = await paced(side.way, effort.paced)
        await side.way.quiet()
        side.memory = await idle(side.way, effort.idle)
        await side.way.quiet()


async def _round(way: Way, effort: Effort) -> Round:
    client = await connected(way.process.port)
    latencies = await latencies_ms(client, way.request("whole"), effort.questions)
    client.close()
    found = Round(latencies, await rate(way, effort.connections, effort.each), await frame_us(way, effort.streams))
    await way.quiet()
    return found
