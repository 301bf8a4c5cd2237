"""The two tiers: when the second one answers, and which finding stands."""

from libs.contracts.finding import Confidence, Finding

_RANK: dict[Confidence, int] = {"high": 2, "medium": 1, "low": 0}


def escalates(finding: Finding, *, has_second: bool, opened: bool) -> bool:
    """False after a confident finding, and once the answer may be streamed to the user."""
    return has_second and finding.confidence != "high" and not opened


def standing(first: Finding | None, second: Finding) -> Finding:
    """The more confident finding, the second on a tie, with the calls of both."""
    if first is None:
        return second
    best = first if _RANK[first.confidence] > _RANK[second.confidence] else second
    return best.model_copy(update={"calls": first.calls + second.calls})
