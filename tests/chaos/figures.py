"""The figures of a run, from its history and the log. Times are seconds; None: nothing of the kind happened."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import ceil

from tests.chaos.case import Violation
from tests.chaos.evidence import Evidence, Said
from tests.chaos.history import Entry

_NOT_ASKED = ("fault", "lookup")
_RIPPLE_S = 2.0  # after a fault is over, requests still feel what queued up meanwhile


@dataclass(frozen=True, slots=True)
class Figures:
    """`lost` and `doubled` must be 0, `terminal` 1. `superseded`: different ends that lost a race on the log.

    `recovery_*`: from a kill until the victim is ready again. `added_p99_s`: p99 of answers that a fault touched over
    the p99 of the others. `resumed_s`: the longest time from the end of a fault until an answer came.
    """

    accepted: int
    answered: int
    refused: int
    broken: int
    lost: int
    doubled: int
    superseded: int
    terminal: float
    calls: int
    repeated_calls: int
    copies: int
    replayed: int
    faults: int
    recovery_p50_s: float | None
    recovery_p99_s: float | None
    calm_p50_s: float | None
    calm_p95_s: float | None
    calm_p99_s: float | None
    touched_p95_s: float | None
    added_p99_s: float | None
    resumed_s: float | None

    def lines(self) -> list[str]:
        """Table, one line a figure."""
        return [f"{name:16} {_shown(value)}" for name, value in asdict(self).items()]


def figures_of(history: Sequence[Entry], evidence: Evidence, violations: Iterable[Violation]) -> Figures:
    broken_rules = [violation.rule for violation in violations]
    opened = {each.response_id for each in evidence.opened}
    ended = opened & {end.response_id for end in evidence.replies}
    calm, touched = _latencies(history)
    recoveries = [end - begin for begin, end in windows(entry for entry in history if entry.code != "copy")]
    added = None if not calm or not touched else max(0.0, quantile(touched, 0.99) - quantile(calm, 0.99))
    return Figures(
        accepted=len(opened),
        answered=_count(history, "ok"),
        refused=_count(history, "refused"),
        broken=_count(history, "unknown") - len({entry.token for entry in history if entry.op == "cancel"}),
        lost=broken_rules.count("lost"),
        doubled=sum(broken_rules.count(rule) for rule in ("second", "visible", "split")),
        superseded=_superseded(evidence.replies),
        terminal=len(ended) / len(opened) if opened else 1.0,
        calls=len(evidence.called),
        repeated_calls=len(evidence.called) - len({(c.token, c.stage, c.prompt) for c in evidence.called}),
        copies=len(evidence.copies),
        replayed=sum(each.status == "verified" for each in evidence.replayed or ()),
        faults=len(recoveries),
        recovery_p50_s=quantile(recoveries, 0.5) if recoveries else None,
        recovery_p99_s=quantile(recoveries, 0.99) if recoveries else None,
        calm_p50_s=quantile(calm, 0.5) if calm else None,
        calm_p95_s=quantile(calm, 0.95) if calm else None,
        calm_p99_s=quantile(calm, 0.99) if calm else None,
        touched_p95_s=quantile(touched, 0.95) if touched else None,
        added_p99_s=added,
        resumed_s=_longest_resumption(history),
    )


def windows(history: Iterable[Entry]) -> list[tuple[float, float]]:
    begun: dict[tuple[str, str], float] = {}
    over: list[tuple[float, float]] = []
    for entry in history:
        if entry.op != "fault":
            continue
        key = (entry.process, entry.code)
        if entry.phase == "invoke":
            begun[key] = entry.t
        elif key in begun:
            over.append((begun.pop(key), entry.t))
    return over


def quantile(values: Sequence[float], q: float) -> float:
    """Smallest value that at least the share `q` of the values does not exceed."""
    return sorted(values)[max(0, ceil(q * len(values)) - 1)]


def _latencies(history: Sequence[Entry]) -> tuple[list[float], list[float]]:
    """Times of answers that no fault touched, and of those that one did, by question."""
    faults = windows(history)
    asked: dict[str, float] = {}
    calm: list[float] = []
    touched: list[float] = []
    for entry in history:
        if entry.op in _NOT_ASKED or not entry.token:
            continue
        if entry.phase == "invoke":
            asked.setdefault(entry.token, entry.t)
        elif entry.phase == "ok" and (began := asked.pop(entry.token, None)) is not None:
            met = any(begin <= entry.t and end + _RIPPLE_S >= began for begin, end in faults)
            (touched if met else calm).append(entry.t - began)
    return calm, touched


def _longest_resumption(history: Sequence[Entry]) -> float | None:
    answers = [entry.t for entry in history if entry.op not in _NOT_ASKED and entry.phase == "ok"]
    ends = [end for _, end in windows(history)]
    gaps = [min((t for t in answers if t > end), default=end) - end for end in ends]
    return max(gaps, default=None)


def _superseded(replies: Iterable[Said]) -> int:
    told: dict[str, set[tuple[str, str]]] = {}
    for end in replies:
        told.setdefault(end.response_id, set()).add((end.outcome, end.text))
    return sum(len(ends) - 1 for ends in told.values())


def _count(history: Iterable[Entry], phase: str) -> int:
    return len({entry.token for entry in history if entry.op not in _NOT_ASKED and entry.phase == phase})


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
