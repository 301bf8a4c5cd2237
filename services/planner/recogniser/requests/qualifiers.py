"""Words that make another quantity of a named one, and counts that must agree with the values.

`weighted mean` is no mean, and `the three largest of five values` are not all values.
"""

import re

from services.planner.recogniser.filler import words
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
    r"|(?:average|mean|median|typical) (?:change|increase|decrease|growth|gap|distance|jump|step)s?"
    r"|(?:durchschnittliche|mittlere)[rnms]? (?:ver)?(?:änderung|zunahme|abnahme|wachstum|steigerung|abstand|anstieg)"
    r"|cram[eé]r\w*|every (?:second|third|other|\d+(?:nd|rd|th))|jede[rsn]? (?:zweite|dritte|vierte|\d+\.)[rsn]?"
    r"|levene|bartlett|shapiro|kolmogorov|kruskal|mcnemar|permutation|two-way|zweifaktoriell\w*|repeated measures"
    r"|messwiederholung\w*|logisti\w*|exponenti(?:al|ell)\w* (?:fit|regression|trend)|power law|ridge|lasso|robust\w*"
    r"|log-log|spline|nonlinear|nicht-?linear\w*|multipl[ey] regression|multiple\w* linear\w*|implicit|implizit\w*"
    r"|(?:positive|negative|even|odd|prime|gerade|ungerade)n? (?:values|numbers|entries|ones|werten?|zahlen)"
    r"|exclud\w+|omitting|leaving out|mean rank|(?:of|der|von) (?:the )?rän?(?:ks|gen?)|of (?:the )?ranks"
    r"|x on y|x auf y|cohen\w*|hedges\w*|effect size|effektstärke|equivalence|äquivalenz\w*|rotat\w*|revol\w*"
    r"|(?:left|right)[- ]inverse|echelon|zeilenstufenform|(?:derivative|integral|ratio|root) test|riemann\w*"
    r"|trapez\w*|simpson\w*|taylor\w*|(?:comes|kommt) (?:next|als)"
    r"|inferior|superior|liminf|limsup"
    r"|(?:twice|double|triple|thrice|half|doppelte|dreifache|hälfte|halbe)(?: of)?"
    r" (?:the |der |die |das |des |vom )?(?:sum|total|mean|average|median|range|variance|summe|durchschnitt\w*"
    r"|mittelwert\w*|median\w*|spannweite))(?!\w)"
)
_HARMLESS = words(
    "use apply run perform verwende benutze nutze overall usual required following corresponding resulting"
    " respective estimated entsprechende entsprechenden"
    " zugehörige zugehörigen passende plain simple normal bestimmter ihre ihr ihren ihrer ihrem its their dessen"
    " deren seine seinen"
)
_OF = words("of von in des der from aus")
_FOR = words("for für")
_OF_ANYTHING = words("rate rates share shares proportion percentage quote anteil anteils test tests")
# before these, an unknown word ends another sentence
_NO_QUANTITY = words(
    "if when where wenn falls find what what's which how was welche welcher welches wie want need determine work"
    " suche brauche gesucht bestimme berechne ermittle löse solve"
)
_QUALIFIED = re.compile(r"uk|uf?[op][opfv]*k")
_OF_A_VALUE = re.compile(r"uf?o[of]*v")


def unqualified(build: Build) -> Build:
    """`build`, but nothing for a reading in which a word makes another quantity of the named one."""
    return lambda reading: None if is_qualified(reading) else build(reading)


def of_its_formula(build: Build) -> Build:
    """`unqualified`, and nothing for a formula or matrix of which something unknown is wanted: `the vertex of x^2`."""
    return lambda reading: None if _OF_A_VALUE.search(_shape(reading)) else unqualified(build)(reading)


def is_qualified(reading: Reading) -> bool:
    """True for `weighted mean` and `width of the interval`, and for a word that always names another quantity."""
    return _QUALIFIED.search(_shape(reading)) is not None or _OTHER_QUANTITY.search(reading.text.lower()) is not None


def _shape(reading: Reading) -> str:
    """One letter for each piece: keyword, value, unknown word, `of`, `for`, filler, and `.` for anything else."""
    return "".join(_letter(kind, text) for kind, text in reading.pieces)


def _letter(kind: str, text: str) -> str:
    if kind == "k":
        return "." if text.split(" ")[0] in _NO_QUANTITY or text in _OF_ANYTHING else "k"
    if kind == "u":
        return "f" if text in _HARMLESS else "u"
    if kind == "f":
        return "o" if text in _OF else "p" if text in _FOR else "f"
    return kind if kind == "v" else "."


def counts_agree(reading: Reading, *sizes: int) -> bool:
    """True if each stated count is that of the values: `my five marks`, before five numbers."""
    stated = {with_digits(text.lower()) for text in reading.all("count")}
    return stated <= {str(size) for size in sizes}
