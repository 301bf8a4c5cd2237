"""Lists of numbers: statistics, percentiles, correlation and regression."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Build, Reading, Request
from services.planner.recogniser.requests.values import LIST, ROW, numbers_of

DATA = words(
    "data dataset values numbers list sample samples results scores grades marks measurements readings ages heights"
    " weights times temperatures prices group groups series daten werte werten messwerte messwerten liste stichprobe"
    " stichproben zahlen noten ergebnisse lab latencies latency ms heights points punkte stats statistics summary"
    " statistisch gruppe gruppen reihe reihen pairs ranked judge ranks sorted up what these following test tests"
    " against versus vs gegen x y n of table report each student students one two first"
    " second how strongly groups week counts steps step day daily month monthly hours study gave marks mark were"
)
_MEASURES = {
    "pstdev": r"population (?:standard deviation|std\.?(?: ?dev)?|sd)|pstdev",
    "stdev": r"(?:sample )?(?:standard deviation|std\.? ?dev(?:iation)?|stddev|stdev|sd|std)|standardabweichung"
    r"|stichprobenstandardabweichung",
    "pvariance": r"population variance|pvariance",
    "variance": r"(?:sample )?variance|varianz|stichprobenvarianz",
    "median": r"median(?:wert)?s?|middle value|zentralwert",
    "mode": r"mode|(?:which|what) (?:number|value) (?:occurs|appears|comes up|shows up)(?: the)? most(?: often"
    r"| frequently)?"
    r"|most often|am häufigsten|most (?:common|frequent) (?:value|number)|modus|modalwert|häufigste[rn]? wert",
    "geometric_mean": r"geometric (?:mean|average)|geometrische[sn]? (?:mittel|durchschnitt)|geometrisch\w* gemittelt",
    "harmonic_mean": r"harmonic (?:mean|average)|harmonische[sn]? (?:mittel|durchschnitt)",
    "mean": r"(?:arithmetic )?mean|averages?|avg|mittelwert\w*|(?:durch|noten)schnitt\w*"
    r"|arithmetische[sn]? mittel|im (?:schnitt|mittel)"
    r"|schnitt",
    "range": r"range|spread|spannweite",
    "min": r"min(?:imum)?|smallest(?: (?:value|number))?|lowest(?: value)?|kleinste[rn]?(?: wert| zahl)?",
    "max": r"max(?:imum)?|largest(?: (?:value|number))?|highest(?: value)?|biggest(?: (?:value|number))?"
    r"|größte[rn]?(?: wert| zahl)?",
    "sum": r"sum|total|add(?:ed)? (?:(?:it|them|these|those|all) )?up(?: to)?|adds up|summe|gesamtsumme"
    r"|zusammengezählt",
    "count": r"(?:how many|count)(?: (?:numbers|values|are there|there are|of them|elements|entries))*|anzahl|how many"
    r"|wie ?viele (?:werte|zahlen)(?: sind es)?",
}

_MEANING = re.compile(r"\b(?:you|it|this|that|they) mean\b|mean by|does .* mean\b")


def _statistics(reading: Reading) -> ToolCall | None:
    if _MEANING.search(reading.text.lower()):
        return None
    values = numbers_of(reading.only("list"), reading.tongue)
    names = list(dict.fromkeys(key for key in reading.keys if key in _MEASURES))
    if values is None or (not names and not reading.has("summary")):
        return None
    operations = {"operations": ", ".join(names)} if names else {}
    return ToolCall("statistics_calc", {"data": ", ".join(values), **operations})


_QUARTILES = {"q1": 25, "q2": 50, "q3": 75}


def _percentile(reading: Reading) -> ToolCall | None:
    values = numbers_of(reading.only("list"), reading.tongue)
    ranks = [int(re.sub(r"\D", "", text)) for text in reading.all("rank")]
    ranks += [_QUARTILES[key] for key in reading.keys if key in _QUARTILES]
    if values is None or len(ranks) != 1:
        return None
    return ToolCall("percentile_calc", {"data": ", ".join(values), "percent": ranks[0]})


def _paired(tool: str) -> Build:
    def build(reading: Reading) -> ToolCall | None:
        lists = [numbers_of(text, reading.tongue) for text in reading.all("list")]
        if len(lists) != 2 or not reading.keys or lists[0] is None or lists[1] is None:
            return None
        if len(lists[0]) != len(lists[1]):
            return None
        more = _of_correlation(reading) if tool == "correlation" else _of_regression(reading)
        return None if more is None else ToolCall(tool, {"x": ", ".join(lists[0]), "y": ", ".join(lists[1]), **more})

    return build


def _of_correlation(reading: Reading) -> dict[str, str] | None:
    method = reading.one_of("pearson", "spearman", "kendall")
    several = len({"pearson", "spearman", "kendall"} & set(reading.keys)) > 1
    return None if several or reading.all("at") else {"method": method} if method else {}


def _of_regression(reading: Reading) -> dict[str, float | int] | None:
    degrees = {"quadratic": 2, "cubic": 3}
    found = [degrees[key] for key in reading.keys if key in degrees]
    at = decimal(re.sub(r"^.*?(?=-?\d)", "", reading.only("at")), reading.tongue) if reading.only("at") else None
    if reading.has("predict") != bool(reading.all("at")) or len(found) > 1:
        return None
    predicted = {} if at is None else {"predict_at": int(at) if at.lstrip("-").isdigit() else float(at)}
    return {**predicted, **({"degree": found[0]} if found else {})}


REQUESTS = (
    Request(
        (
            "mean",
            "occurs",
            "often",
            "häufig",
            "avg",
            "average",
            "median",
            "mode",
            "dev",
            "std",
            "sd",
            "varia",
            "range",
            "spread",
            "min",
            "max",
            "sum",
            "total",
            "add",
            "mittel",
            "schnitt",
            "modus",
            "modal",
            "abweich",
            "spann",
            "kleinste",
            "größte",
            "smallest",
            "largest",
            "highest",
            "lowest",
            "biggest",
            "stat",
            "häufig",
        ),
        {"list": LIST},
        {
            **_MEASURES,
            "summary": r"summary (?:statistics|stats)|descriptive (?:statistics|stats)|basic (?:statistics|stats)"
            r"|statistical summary|statistische kennzahlen|kennzahlen|statistics|stats|statistik",
        },
        _statistics,
        DATA,
        5,
    ),
    Request(
        ("percentile", "perzentil", "quartil", "quantil", "p9", "p5", "p7", "q1", "q3"),
        {
            "rank": r"\d\d?(?:st|nd|rd|th|\.|er|te[sn]?)?[ -](?i:percentiles?|perzentils?|% ?-?quantil)(?!\w)"
            r"|(?<!\w)[Pp]\d\d(?!\w)|(?i:percentile|perzentil) \d\d(?!\d)",
            "list": LIST,
        },
        {
            "q1": r"(?:lower|first|1st|bottom) quartile|q1|(?:untere[rnms]?|erste[rnms]?|1\.) quartil",
            "q2": r"(?:second|2nd) quartile|q2|(?:zweite[rnms]?|2\.) quartil",
            "q3": r"(?:upper|third|3rd|top) quartile|q3|(?:obere[rnms]?|dritte[rnms]?|3\.) quartil",
        },
        _percentile,
        DATA,
        5,
    ),
    Request(
        ("correlat", "korrel", "pearson", "spearman", "kendall"),
        {"list": ROW},
        {
            "spearman": r"spearman(?:'s|s)?(?:[- ](?:rank|rang|rho|correlation|korrelation|rangkorrelation"
            r"|coefficient))*",
            "kendall": r"kendall(?:'s|s)?(?:[- ](?:rank|tau|correlation|korrelation|coefficient))*",
            "pearson": r"pearson(?:'s|s)?(?:[- ](?:r|correlation|korrelation|coefficient))*",
            "name": r"correlat(?:ion|ed|e)(?: coefficients?)?|korrel(?:ation(?:skoeffizient(?:en)?)?|ieren|iert)"
            r"|(?:rang)?korrelation\w*|strongly",
        },
        _paired("correlation"),
        DATA,
        5,
    ),
    Request(
        ("regression", "line", "gerade", "least squares", "trend", "fit", "polynom", "parabel"),
        {
            "at": r"(?i:(?:at|for|when|where|bei|für|an|@) (?:x ?= ?)?"
            r"|(?:x ?= ?))-?\d+(?:[.,]\d+)?(?![\d.,]*[,;] ?-?\d| \d"
            r"|[\d.,]*\d)",
            "list": ROW,
        },
        {
            "quadratic": r"quadratic|parabola|parabel|quadratische[rn]?|degree 2",
            "cubic": r"cubic|kubische[rn]?",
            "predict": r"(?:which|what) (?:y|value)|welche[rn]? (?:y-?)?wert|(?:y-?)?(?:value|wert) (?:at|bei)"
            r"|predict(?:ion|ed)?(?: (?:y|the value|value))?|forecast|estimate|vorhersage|prognose"
            r"|sage .{0,12}voraus|schätze",
            "name": r"(?:linear |lineare )?regression(?:s?(?:gerade|line|linie)n?)?(?: line)?|(?:best[- ]?fit"
            r"|trend|least"
            r"[- ]squares|straight|best) lines?|trendline|line of best fit|ausgleichsgeraden?|trendlinie|fit"
            r"|polynomial",
        },
        _paired("linear_regression"),
        DATA | words("line through best linear straight intercept slope fit equation"),
        4,
    ),
)
