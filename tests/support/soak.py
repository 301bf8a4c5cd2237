"""Rounds of many concurrent questions, and the memory of every process after each round."""

import asyncio
from dataclasses import dataclass, field

from libs.core.clock import SystemClock
from tests.support.fleet_processes import FleetHarness

CLOCK = SystemClock()


@dataclass
class Soak:
    """`rss` holds for each process its resident bytes after every round, `seconds` how long each round took."""

    rss: dict[str, list[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    @property
    def growth(self) -> dict[str, float]:
        """Memory after the last round over that after the first, by process and for all of them."""
        return {name: sizes[-1] / sizes[0] for name, sizes in self._sizes.items()}

    @property
    def _sizes(self) -> dict[str, list[int]]:
        return self.rss | {"all": [sum(sizes) for sizes in zip(*self.rss.values(), strict=True)]}

    def __str__(self) -> str:
        times = " ".join(f"{seconds:.1f}" for seconds in self.seconds)
        lines = [f"seconds a round: {times}"]
        for name, sizes in self._sizes.items():
            told = " ".join(f"{size / 2**20:6.1f}" for size in sizes)
            lines.append(f"{name:20} MiB {told}   last/first {self.growth[name]:.3f}")
        return "\n".join(lines)


async def soak(harness: FleetHarness, *, rounds: int, at_once: int) -> Soak:
    """Send `rounds` times `at_once` questions; fail the test unless each gets its own answer."""
    done = Soak({process.name: [] for process in harness.processes.values()})
    for number in range(rounds):
        began = CLOCK.monotonic()
        await _round(harness, number, at_once)
        done.seconds.append(CLOCK.monotonic() - began)
        for process in harness.processes.values():
            done.rss[process.name].append(process.rss_bytes())
    return done


async def _round(harness: FleetHarness, number: int, at_once: int) -> None:
    tokens = [f"#r{number}n{index}" for index in range(at_once)]
    answers = await asyncio.gather(*(harness.answer(f"How large should pools be, see {token}?") for token in tokens))
    for token, answer in zip(tokens, answers, strict=True):
        assert f"answer to {token}:" in answer.text
