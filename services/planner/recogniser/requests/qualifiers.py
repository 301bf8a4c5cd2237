"""Words that make another quantity of a named one, and counts that must agree with the values.

`weighted mean` is no mean, and `the three largest of five values` are not all values.
"""

import re
from itertools import pairwise

from services.planner.recogniser.filler import is_filler, words
from services.planner.recogniser.number_words import with_digits
from services.planner.recogniser.requests.reader import Build, Reading

_SPELT = "two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf"
_COUNTED = r"(?= [^\W\d_]{3,})(?! (?i:and|und|bis|mal|times|percent|prozent|point|plus|minus|to|by)(?!\w))"
# `three groups`: how many values there are
SPELT_COUNT = rf"(?<![\w.,])(?i:{_SPELT}){_COUNTED}"
COUNT_OF_VALUES = rf"(?<![\w.,])(?i:{_SPELT}|\d{{1,2}}){_COUNTED}"
_OTHER_QUANTITY = re.compile(
    r"(?<!\w)(?:weighted|gewichtete?\w*|trimmed|getrimmt\w*|truncated|winsori[sz]ed|(?:moving|rolling|running)"
    r" (?:mean|average|sum|total|median)|gleitende\w*|cumulative|kumuli\w+|(?<!least )squares|(?<!r )squared"
    r"|root mean|quadratic mean|quadratische\w* mittel\w*|quadratsumme|reciprocals?|kehrwerte?|absolute|absolut\w*"
    r"|logs|logarithm\w*|differences|differenzen|inter-?quartil\w*|iqr|relative\w*|normali[sz]ed|standardi[sz]ed"
    r"|skew\w*|schiefe|kurtosis|wölbung|[ck]ovarian[cz]\w*|bootstrap\w*|tolerance|toleranz\w*|prediction interval"
    r"|prognoseintervall\w*|partial correlation|partielle korrelation|lagged|auto-?[ck]orrel\w*|correlation (?:matrix"
    r"|distance)|korrelationsmatrix|drawdown|(?:second|third)[- ](?:largest|smallest|highest|lowest)|zweit\w+|unique"
    r"|distinct|outliers?|ausreißer\w*|element-?wise|elementweise\w*|entrywise|entries|einträge|kronecker|hadamard"
    r"|pseudo|moore|eigenve[ck]t\w*|double integral|doppelintegral|numeri(?:cal|sch)\w*|bonferroni|post-?hoc|tukey\w*"
    r"|levene|bartlett|shapiro|kolmogorov|kruskal|mcnemar|permutation|two-way|zweifaktoriell\w*|repeated measures"
    r"|messwiederholung\w*|logisti\w*|exponenti(?:al|ell)\w* (?:fit|regression|trend)|power law|ridge|lasso|robust\w*"
    r"|log-log|spline|nonlinear|nicht-?linear\w*|multipl[ey] regression|multiple\w* linear\w*|implicit|implizit\w*"
    r"|(?:positive|negative|even|odd|prime|gerade|ungerade)n? (?:values|numbers|entries|ones|werten?|zahlen)"
    r"|(?:derivative|integral|ratio|root) test|riemann\w*|trapez\w*|simpson\w*|taylor\w*|(?:comes|kommt) (?:next|als)"
    r"|inferior|superior|liminf|limsup)(?!\w)"
)
_HARMLESS = words(
    "use apply run perform verwende benutze nutze overall usual required following corresponding resulting"
    " respective estimated entsprechende entsprechenden"
    " zugehörige zugehörigen passende plain simple normal bestimmter ihre ihr ihren ihrer ihrem its their dessen"
    " deren seine seinen"
)
_OF = words("of von in des der from aus")
_UNKNOWN_OF_VALUE = re.compile(r"uo[of]*v")
_OF_ANYTHING = words("rate rates share shares proportion percentage quote anteil anteils test tests")
_CONDITIONS = words("if when where wenn falls")


def unqualified(build: Build) -> Build:
    """`build`, but nothing for a reading in which a word makes another quantity of the named one."""
    return lambda reading: None if is_qualified(reading) else build(reading)


def of_its_formula(build: Build) -> Build:
    """`unqualified`, and nothing for a formula or matrix of which something unknown is wanted: `the vertex of x^2`."""
    return lambda reading: None if _is_of_another(reading) else unqualified(build)(reading)


def _is_of_another(reading: Reading) -> bool:
    """True for an unknown word, `of` or `in`, and then a value."""
    kinds = "".join(
        "o" if kind == "f" and text in _OF else kind if kind in "ufv" else "." for kind, text in reading.pieces
    )
    return _UNKNOWN_OF_VALUE.search(kinds) is not None


def is_qualified(reading: Reading) -> bool:
    """True for an unknown word right before a keyword, and for a word that always names another quantity."""
    if _OTHER_QUANTITY.search(reading.text.lower()):
        return True
    return any(
        first == "u" and second == "k" and word not in _HARMLESS and not _is_no_quantity(key)
        for (first, word), (second, key) in pairwise(reading.pieces)
    )


def _is_no_quantity(key: str) -> bool:
    """True for `find` and `what is`, before which an unknown word ends another sentence."""
    first = key.split(" ")[0]
    return is_filler(first) or first in _CONDITIONS or key in _OF_ANYTHING


def counts_agree(reading: Reading, *sizes: int) -> bool:
    """True if each stated count is that of the values: `my five marks`, before five numbers."""
    stated = {with_digits(text.lower()) for text in reading.all("count")}
    return stated <= {str(size) for size in sizes}
