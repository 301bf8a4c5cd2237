"""Results of the scenarios: one line for each, and a table of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass(frozen=True)
class Outcome:
    """One scenario with one client. `fault` is empty when all went well."""

    client: str
    scenario: str
    fault: str = ""

    @property
    def mark(self) -> str:
        return "FAIL" if self.fault else "ok"


def read_outcomes(client: str, report: Path) -> list[Outcome]:
    """Outcomes of a JUnit report of pytest or Node.

    A missing or empty report counts as one failure, as does a skipped scenario.
    """
    if not report.exists():
        return [Outcome(client, "starts", "it wrote no report")]
    cases = ET.parse(report).getroot().iter("testcase")
    return [_outcome(client, case) for case in cases] or [Outcome(client, "starts", "it ran no scenario")]


def table(outcomes: Sequence[Outcome]) -> str:
    clients, scenarios = _unique(o.client for o in outcomes), _unique(o.scenario for o in outcomes)
    marks = {(o.scenario, o.client): o.mark for o in outcomes}
    width = max(len(name) for name in ("scenario", *scenarios))
    lines = ["  ".join(["scenario".ljust(width), *clients])]
    for scenario in scenarios:
        cells = (marks.get((scenario, client), "-").ljust(len(client)) for client in clients)
        lines.append("  ".join([scenario.ljust(width), *cells]).rstrip())
    return "\n".join(lines)


def _outcome(client: str, case: ET.Element) -> Outcome:
    scenario = case.get("name", "").removeprefix("test_").replace("_", " ")
    trouble = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
    return Outcome(client, scenario, "" if trouble is None else trouble.get("message") or trouble.tag)


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
