"""Confidence intervals and tests of hypotheses, in the one form that the intents write."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.samples import LIST
from services.planner.recogniser.grammar import NUMBER, Family, Found, rules
from services.planner.recogniser.numbers import decimal, listed
from services.planner.recogniser.phrasing import MAX_CHARS

_RATE = rf"(?P<rate>{NUMBER})[ -]?(?:%|percent|prozent)"
_TABLE = r"(?P<table>\[ ?\[[\d, \[\]]{3,200}\] ?\])"
_ROW = re.compile(r"\[ ?(\d+(?: ?, ?\d+)*) ?\]")


def _interval(found: Found) -> ToolCall | None:
    confidence, values = decimal(found["rate"], None), listed(found["data"].strip(" ,"), found.tongue)
    if confidence is None or values is None or not 50 <= float(confidence) < 100:
        return None
    data = ", ".join(values)
    return ToolCall("confidence_interval", {"kind": "mean", "data": data, "confidence": _share(confidence)})


def _proportion(found: Found) -> ToolCall | None:
    """The smaller count is that of the successes."""
    confidence, counts = decimal(found["rate"], None), sorted((int(found["one"]), int(found["two"])))
    if confidence is None or not 50 <= float(confidence) < 100:
        return None
    arguments = {"successes": counts[0], "trials": counts[1], "confidence": _share(confidence)}
    return ToolCall("confidence_interval", {"kind": "proportion", **arguments})


def _share(confidence: str) -> float:
    return round(float(confidence) / 100, 6)


def _two_samples(found: Found) -> ToolCall | None:
    first, second = (listed(found[name].strip(" ,"), found.tongue) for name in ("one", "two"))
    if first is None or second is None:
        return None
    return ToolCall("hypothesis_test", {"test": found["test"], "data": ", ".join(first), "data2": ", ".join(second)})


def _of_table(found: Found) -> ToolCall | None:
    rows = [[int(cell) for cell in row.split(",")] for row in _ROW.findall(found["table"])]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return None
    return ToolCall("hypothesis_test", {"test": found["test"], "table": [list(row) for row in rows]})


_RULES = (
    *rules("en", _interval, rf"confidence interval {_RATE} of (?P<data>{LIST})"),
    *rules("en", _proportion, rf"confidence interval {_RATE} of (?P<one>\d{{1,9}}) among (?P<two>\d{{1,9}})"),
    *rules(
        "en", _two_samples, rf"test (?P<test>t_welch|t_paired|mann_whitney) of (?P<one>{LIST}) against (?P<two>{LIST})"
    ),
    *rules("en", _of_table, rf"test (?P<test>fisher_exact|chi2_independence) of {_TABLE}"),
)
INFERENCE = Family(("confidence interval", "test "), _RULES, longest=MAX_CHARS)
