"""What `moe doctor` found, as lines for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "note", "fail"]


@dataclass(frozen=True)
class Finding:
    """One fact about `area`. `fail`: something needed does not work; `note`: worth knowing. `advice`: what to do."""

    area: str
    state: State
    text: str
    advice: str = ""


def has_failed(findings: Sequence[Finding]) -> bool:
    """Return whether something that is needed does not work."""
    return any(finding.state == "fail" for finding in findings)


def as_table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line for each finding, with one more below it for what to do."""
    width = max((len(finding.area) for finding in findings), default=0)
    for finding in findings:
        yield f"{finding.area:<{width}}  {finding.state:<4}  {finding.text}"
        if finding.advice:
            yield f"{'':<{width}}        → {finding.advice}"


def as_json(findings: Sequence[Finding]) -> str:
    """Return one object: whether all that is needed works, and the findings."""
    found = [asdict(finding) for finding in findings]
    return json.dumps({"ok": not has_failed(findings), "findings": found}, ensure_ascii=False, indent=2)
