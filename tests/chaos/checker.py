"""The judge of a chaos run: a pure function over the history and the final contents of the stores."""

from collections.abc import Sequence

from tests.chaos.case import Bars, Case, Violation
from tests.chaos.evidence import Evidence
from tests.chaos.history import Entry
from tests.chaos.rules import RULES


def check(history: Sequence[Entry], evidence: Evidence, bars: Bars) -> tuple[Violation, ...]:
    """Every broken promise, in the order of the rules; a run without any is sound."""
    case = Case(history, evidence, bars)
    return tuple(violation for rule in RULES for violation in rule(case))
