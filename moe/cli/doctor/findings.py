"""Findings of `moe doctor`, as lines for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "note", "fail"]


@dataclass(frozen=True)
class Finding:
    """One fact about `area`. `fail`: a required part does not work; `note`: information. `advice`: the remedy."""

    area: str
    state: State
    text: str
    advice: str = ""


def has_failed(findings: Sequence[Finding]) -> bool:
    """Whether a required part does not work."""
    return any(finding.state == "fail" for finding in findings)


def as_table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line for each finding, followed by its advice."""
    width = max((len(finding.area) for finding in findings), default=0)
    for finding in findings:
        yield f"{finding.area:<{width}}  {finding.state:<4}  {finding.text}"
        if finding.advice:
            yield f"{'':<{width}}        → {finding.advice}"


def as_json(findings: Sequence[Finding]) -> str:
    """One object: whether all required parts work, and the findings."""
    found = [asdict(finding) for finding in findings]
    return json.dumps({"ok": not has_failed(findings), "findings": found}, ensure_ascii=False, indent=2)
