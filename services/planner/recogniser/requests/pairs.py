"""Two lists of numbers, or points: correlation and regression."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.requests.qualifiers import SPELT_COUNT, counts_agree, unqualified
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.samples import DATA, UNIT
from services.planner.recogniser.requests.values import NUMBER, ROW, last_number, numbers_of, several_lists

_N = r"-?\d+(?:[.,]\d+)?"
_POINT = rf"\( ?{_N} ?[,;|/] ?{_N} ?\)"
_BETWEEN = r"(?: ?[,;] ?| )?(?:(?:and|und|&) )?(?:[A-Z]\d?[ =]*)?"
POINTS = (
    rf"\[?(?:[A-Z]\d?[ =]*)?{_POINT}(?:{_BETWEEN}{_POINT}){{1,200}}\]?"
    rf"|\[? ?\[ ?{_N} ?, ?{_N} ?\](?:{_BETWEEN}\[ ?{_N} ?, ?{_N} ?\]){{2,200}} ?\]?"
)
_COORDINATES = re.compile(
    rf"[(\[] ?(?:(-?\d+(?:\.\d+)?) ?, ?(-?\d+(?:\.\d+)?)|({_N}) ?[;|/] ?({_N})|({_N}), ({_N})) ?[)\]]"
)
_AXIS = re.compile(r"(?<!\w)([xy])(?:[- ]?(?:werte|values|daten|data|achse|axis))?(?: (?:is|are|ist|sind))? ?[:=]? ?$")
_Lists = tuple[tuple[str, ...], tuple[str, ...]]


def points_of(text: str, tongue: Tongue) -> _Lists | None:
    """The coordinates of `(1|2), (2|3)`; None if a comma has two readings."""
    if len(re.findall(r"[(\[] ?[-\d]", text)) != len(found := _COORDINATES.findall(text)):
        return None
    pairs = [[decimal(part, tongue) for part in groups if part] for groups in found]
    x = tuple(pair[0] for pair in pairs if pair[0] is not None)
    y = tuple(pair[1] for pair in pairs if pair[1] is not None)
    return (x, y) if len(x) == len(y) == len(pairs) else None


def _two_lists(reading: Reading) -> _Lists | None:
    """x and y as the question labels them, else in written order."""
    if reading.all("points"):
        return None if reading.all("list") else points_of(reading.only("points"), reading.tongue)
    texts = reading.all("list")
    lists = [numbers_of(text, reading.tongue) for whole in texts for text in several_lists(whole)]
    if len(lists) != 2 or lists[0] is None or lists[1] is None or len(lists[0]) != len(lists[1]):
        return None
    if len(texts) == 1:
        return lists[0], lists[1]
    axes = [found[1] if (found := _AXIS.search(reading.before("list", place))) else "" for place in (0, 1)]
    if axes[0] and axes[0] == axes[1]:
        return None
    is_turned = axes[0] == "y" or axes[1] == "x"
    return (lists[1], lists[0]) if is_turned else (lists[0], lists[1])


def _correlation(reading: Reading) -> ToolCall | None:
    lists = _two_lists(reading)
    methods = {"pearson", "spearman", "kendall"} & set(reading.keys)
    if lists is None or not reading.keys or len(methods) > 1 or (reading.has("ranks") and not methods):
        return None
    if not counts_agree(reading, len(lists[0]), 2):
        return None
    direction = reading.one_of("positive", "negative")
    is_test = reading.has("one_sided") or reading.has("test")
    if reading.has("one_sided") and not direction:
        return None
    if is_test and direction and not reading.has("one_sided"):
        return None
    more = {"method": methods.pop()} if methods else {}
    if reading.has("one_sided"):
        more["alternative"] = "greater" if direction == "positive" else "less"
    return ToolCall("correlation", {"x": ", ".join(lists[0]), "y": ", ".join(lists[1]), **more})


_MAY_FIX_THE_INTERCEPT = re.compile(
    r"(?i:\b(?:origin|\w*ursprung\w*|zero|nullpunkt|anchor\w*|constrain\w*|suppress\w*|forc\w+|homogen\w*"
    r"|proportional\w*)\b"
    r"|\b[bc] ?= ?0\b|(?:intercept|achsenabschnitt|constant|konstante) (?:of |= ?|to |von |at )?-?\d"
    r"|y ?= ?[a-z] ?\*? ?x)"
)
# the prediction is y at x
_ASKS_FOR_X = re.compile(
    r"\b(?:predict\w*|estimate|forecast|which|what|welche[rnms]?|find|schätze) (?:value of |the |das |den )?x(?! ?=)\b"
    r"|\b(?:when|if|where|at|for|wenn|bei|für|wo) (?:the )?y (?:is |ist |equals |gleich )?(?:= ?)?-?\d"
)
_AT = re.compile(r"(?<!\w)(?:at|bei|in) (?:the |den )?$")
_ON = re.compile(r"(?<!\w)(?:on|auf|against|gegen|over|vs\.?|versus) (?:the |den |die )?(?:x )?$")


def _regression(reading: Reading) -> ToolCall | None:
    lists = _two_lists(reading)
    if lists is None or not counts_agree(reading, len(lists[0]), 2):
        return None
    is_labelled = bool(reading.all("points")) or _AXIS.search(reading.before("list", 0)) is not None
    is_named = reading.has("name") or reading.has("quadratic") or reading.has("cubic")
    if not is_named and not (reading.has("fit") and is_labelled):
        return None
    if reading.all("points") and len(lists[0]) < 3:
        return None  # the line through two points
    if not is_labelled and len(reading.all("list")) == 2:
        before = reading.before("list", 1)
        if _AT.search(before):
            return None  # either may be x
        lists = (lists[1], lists[0]) if _ON.search(before) else lists  # y on x
    more = _of_regression(reading)
    if not reading.has("origin") and _MAY_FIX_THE_INTERCEPT.search(reading.text):
        return None
    if more is None or reading.has("other") or _ASKS_FOR_X.search(reading.text.lower()):
        return None
    return ToolCall("linear_regression", {"x": ", ".join(lists[0]), "y": ", ".join(lists[1]), **more})


def _of_regression(reading: Reading) -> dict[str, float | int | bool] | None:
    found = {2: reading.has("quadratic"), 3: reading.has("cubic")}
    degrees = {degree for degree, is_named in found.items() if is_named}
    degrees |= {int(re.sub(r"\D", "", text)) for text in reading.all("degree")}
    places = [*reading.all("at"), *reading.all("n")]
    if reading.has("predict") > bool(places) or len(places) > 1 or len(degrees) > 1:
        return None
    if places and not (reading.has("predict") or reading.has("asks")):
        return None
    if reading.has("polynomial") and not degrees:
        return None
    at = last_number(places[0], reading.tongue) if places else None
    if places and at is None:
        return None
    predicted = {} if at is None else {"predict_at": int(at) if at.lstrip("-").isdigit() else float(at)}
    degree = degrees.pop() if degrees else 1
    through_origin = {"intercept": False} if reading.has("origin") else {}
    return {**predicted, **({"degree": degree} if degree != 1 else {}), **through_origin}


_OF_PAIRS = DATA | words(
    "linearly linear test strength strong stark per via use zusammenhang zusammen relation relationship association"
    " between agreement"
    " raters judges two variables variable messreihen merkmale hängt hängen"
)
REQUESTS = (
    Request(
        ("correlat", "korrel", "pearson", "spearman", "kendall"),
        {"points": POINTS, "list": ROW, "count": SPELT_COUNT},
        {
            "spearman": r"spearman(?:'s|s)?(?:[- ](?:rank|rang|rho|\u03c1|correlation|korrelation|rangkorrelation\w*"
            r"|coefficient))*",
            "kendall": r"kendall(?:'s|s)?(?:[- ](?:rank|tau|τ|tau-b|correlation|korrelation|coefficient))*",
            "pearson": r"pearson(?:'s|s)?(?:[- ](?:r|correlation|korrelation\w*|coefficient))*",
            "one_sided": r"one[- ](?:sided|tailed)|einseitig\w*",
            "positive": r"positive?(?:ly)?|positive[rnms]?|alternative:? greater|größer",
            "negative": r"negative?(?:ly)?|negative[rnms]?|alternative:? less|kleiner",
            "test": r"tests?|hypothesis test|signifikanztest",
            "ranks": r"rank correlation(?: coefficient)?|rangkorrelation\w*|rho|\u03c1",
            "name": r"correlat(?:ion|ed|es?)(?: coefficients?)?|korrel(?:ation(?:skoeffizient(?:en)?)?|ieren|iert)"
            r"|korrelation\w*|strongly|tau|zusammenhang",
            "unit": UNIT,
        },
        unqualified(_correlation),
        _OF_PAIRS,
        5,
    ),
    Request(
        ("regress", "line", "gerade", "least squares", "trend", "fit", "polynom", "parabel", "linear"),
        {
            "at": r"(?i:(?:at|for|when|where|bei|für|an|@) (?:x ?= ?)?"
            r"|(?:x ?= ?))-?\d+(?:[.,]\d+)?(?![\d.,]*[,;] ?-?\d| -?\d"
            r"|[\d.,]*\d)",
            "degree": r"(?i:degree|order|grad) [2-9](?!\w)|[2-9](?i:nd|rd|th|\.)[- ](?i:degree|order|grade?s?)(?!\w)",
            "points": POINTS,
            "list": ROW,
            "count": SPELT_COUNT,
            "n": NUMBER,
        },
        {
            "origin": r"(?:(?:that )?(?:goes|passes|forced|passing|going|to go|verläuft) )?(?:through|thru|durch|im)"
            r" (?:the |den |dem )?(?:origin|(?:koordinaten)?ursprung|nullpunkt|zero|null)(?: (?:geht|verläuft|gehen))?"
            r"|(?:without|with no|no|ohne) (?:an? |the |einen? )?(?:y-?)?(?:intercept|constant(?: term)?"
            r"|achsenabschnitt|absolutglied|konstante|interzept|konstantes glied)"
            r"|y ?= ?[abkm] ?[*\u00b7]? ?x(?! ?[-+])|(?:forc|fix|sett?|constrain)\w* (?:the )?(?:y-)?(?:intercept"
            r"|constant)"
            r" (?:to|at|at|as|=) ?(?:0|zero)|(?:zero|fixed zero) intercept|ursprungsgerade|intercept(?: (?:is|of|="
            r"|at|fixed at|set to))* (?:0|zero)",
            "quadratic": r"quadratic(?:s|ally)?|parabola|(?:ausgleichs)?parabel|quadratische[rnms]?"
            r"|(?:second|zweiten?)[- ](?:degree|order|grade?s?|ordnung)",
            "cubic": r"cubic|kubische[rnms]?|(?:third|dritten?)[- ](?:degree|order|grade?s?|ordnung)",
            "predict": r"(?:which|what) (?:y|value)|welche[rn]? (?:y-?)?wert|(?:y-?)?(?:value|wert) (?:at|bei)"
            r"|predict(?:s|ion|ed|ions)?(?: (?:y|the value|value))?|forecast|extrapolat\w+|estimate|vorhersage\w*"
            r"|prognose|prognostizier\w*|sag(?:e|t)? \D{0,16}voraus|voraus(?:sagen|sagt|gesagt)?|vorhersag\w*|schätze"
            r"|y(?= (?:at|for|bei|für|when|an der stelle)(?!\w))|expected?|erwarte[tn]?",
            "asks": r"(?:what|which|how (?:much|many)|welche[rns]?|wie ?viele?) (?:[^\W\d_]+ )?(?:would|will|does|do"
            r"|should"
            r"|wäre[n]?|ergibt|ergeben|ist zu|sind zu|hätte|kann man)",
            "name": r"(?:simple |einfache )?(?:linear(?:e[rnms]?)? )?regress(?:ion|ions)?(?:s?(?:gerade|line|linie"
            r"|funktion"
            r"|modell|gleichung)n?)?(?: (?:line|equation|model))?|(?:best[- ]?fit(?:ting)?|trend|least"
            r"[- ]squares?|straight|best|fitted) lines?|trendline|line of best fit|(?:ausgleichs|trend)geraden?"
            r"|trendlinie"
            r"|ausgleichs(?:polynom|funktion|kurve)|least squares(?: fit)?|kleinste\w* quadrate|linear fit"
            r"|linear trend",
            "polynomial": r"polynom(?:ial|e|s|ielle[rnms]?)?",
            "determination": r"r ?\^ ?2|r[- ]?squared|r²|r2",
            "other": r"exponenti\w+|ln|log|residu\w+|nullstelle\w*|x-?intercept"
            r"|logarithm\w*|hyperbol\w*|power (?:curve|function)|potenzfunktion|sine|sinus\w*",
            "fit": r"(?:curve )?fit(?:s|ted|ting)?|anpass(?:en|ung)|angepasst|passe(?= .*\ban\b)",
            "unit": UNIT,
        },
        unqualified(_regression),
        _OF_PAIRS
        | words(
            "line gerade geraden an sag through durch best linear straight intercept slope equation steigung"
            " achsenabschnitt bestimmtheitsmaß"
            " r² coefficient coefficients determination koeffizienten gleichung parameter curve gives gave passt sagt"
            " would what sie voraus regress"
        ),
        8,
    ),
)
