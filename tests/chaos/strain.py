"""Effects of an overload on accepted requests, on rejected ones, and on the processes.

Pure. Times are seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from tests.chaos.arrivals import Arrival
from tests.chaos.case import Violation
from tests.chaos.figures import quantile

NORMAL, FLOOD, AFTER = "normal", "flood", "after"
SLOWER = 1.5  # permitted slowdown of admitted requests, as a factor of the p95 of normal load
REFUSED_WITHIN_S = 0.1
GROWTH = 0.2
RECOVERED_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of one process: the most in normal times, and the most while the flood lasted."""

    normal: int
    flood: int

    @property
    def growth(self) -> float:
        return self.flood / self.normal - 1


@dataclass(frozen=True, slots=True)
class Strain:
    """`used`: answers a second in the flood, as a share of the capacity. `refused_late`: no Retry-After.

    `recovery_s`: from the end of the flood to the last request that was still rejected, or answered too slowly.
    `client_late_p99_s`: how late the clients themselves were. `fattest` names the process that `growth` is of.
    """

    normal: int
    normal_p50_s: float
    normal_p95_s: float
    answered: int
    answered_p50_s: float
    answered_p95_s: float
    slower: float
    used: float
    refused: int
    refused_p50_s: float
    refused_p99_s: float
    without_hint: int
    refused_in_calm: int
    otherwise: int
    fattest: str
    growth: float
    recovery_s: float
    client_late_p99_s: float

    def lines(self) -> list[str]:
        """Table, one line a figure."""
        shown = {name: f"{value:.3f}" if isinstance(value, float) else value for name, value in asdict(self).items()}
        return [f"{name:18} {value}" for name, value in shown.items()]


def strain_of(came: Sequence[Arrival], memory: Mapping[str, Memory], capacity: float) -> Strain:
    """Figures. `capacity` is in requests a second. Needs answers in calm and flood."""
    normal, flood = _answers(came, NORMAL), _answers(came, FLOOD)
    asked_in_flood = [each.asked for each in came if each.wave == FLOOD]
    refusals = [each for each in came if each.wave == FLOOD and each.refused]
    waits = [each.took_s for each in refusals] or [0.0]
    fattest = max(memory, key=lambda name: memory[name].growth)
    normal_p95_s, p95_s = quantile(normal, 0.95), quantile(flood, 0.95)
    return Strain(
        normal=len(normal),
        normal_p50_s=quantile(normal, 0.5),
        normal_p95_s=normal_p95_s,
        answered=len(flood),
        answered_p50_s=quantile(flood, 0.5),
        answered_p95_s=p95_s,
        slower=p95_s / normal_p95_s,
        used=len(flood) / (max(asked_in_flood) - min(asked_in_flood)) / capacity,
        refused=len(refusals),
        refused_p50_s=quantile(waits, 0.5),
        refused_p99_s=quantile(waits, 0.99),
        without_hint=sum(not each.retry_after for each in refusals),
        refused_in_calm=sum(each.refused for each in came if each.wave == NORMAL),
        otherwise=sum(not each.answered and not each.refused for each in came),
        fattest=fattest,
        growth=memory[fattest].growth,
        recovery_s=_recovery_s(came, normal_p95_s * SLOWER),
        client_late_p99_s=quantile([each.late_s for each in came], 0.99),
    )


def missed(strain: Strain) -> Iterator[Violation]:
    """Yield the bars that were not reached."""
    bars = (
        ("slower", strain.slower, SLOWER),
        ("refused_p99_s", strain.refused_p99_s, REFUSED_WITHIN_S),
        ("without_hint", strain.without_hint, 1),
        ("refused_in_calm", strain.refused_in_calm, 1),
        ("otherwise", strain.otherwise, 1),
        ("growth", strain.growth, GROWTH),
        ("recovery_s", strain.recovery_s, RECOVERED_WITHIN_S),
    )
    for name, found, bar in bars:
        if found >= bar:
            yield Violation("overload", name, f"is {found:.3f}, must be below {bar}")
    if not strain.refused:
        yield Violation("overload", "refused", "no request was refused, so it was no overload")


def _answers(came: Sequence[Arrival], wave: str) -> list[float]:
    return [each.worked_s for each in came if each.wave == wave and each.answered]


def _recovery_s(came: Sequence[Arrival], slow_s: float) -> float:
    ended = max(each.asked for each in came if each.wave == FLOOD)
    bad = [each.asked for each in came if each.wave == AFTER and (not each.answered or each.worked_s > slow_s)]
    return max(bad) - ended if bad else 0.0
