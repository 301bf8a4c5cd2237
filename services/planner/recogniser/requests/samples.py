"""Lists of numbers: statistics and percentiles."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import are_years, decimal
from services.planner.recogniser.requests.qualifiers import COUNT_OF_VALUES, counts_agree, unqualified
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import LIST, numbers_of

DATA = words(
    "data dataset values numbers list sample samples results scores grades marks measurements readings ages heights"
    " weights times temperatures prices group groups series daten werte werten messwerte messwerten liste stichprobe"
    " stichproben zahlen noten ergebnisse lab latencies latency ms heights points punkte stats statistics summary"
    " statistisch gruppe gruppen reihe reihen pairs ranked judge ranks sorted up what these following test tests"
    " against versus vs gegen x y n of table report each student students one two first"
    " second how strongly gestern yesterday heute today groups week counts steps step day daily month monthly hours"
    " study gave marks mark were"
)
# after a number, and without a meaning for a calculation within one sample
UNIT = (
    r"(?<=\d )(?:°[cf]?|[€$£]|[ckm]?m|[km]?g|ms|s|sec|min|h|n|kn|v|mv|ma|w|kw|kwh|l|ml|hz|khz|bpm|mmhg|eur|euros?"
    r"|dollars?"
    r"|usd|pounds?|cents?|gramm?|grams|kilos?|tonnen|meters?|metern?|metres?|seconds?|sekunden|minuten|minutes?|hours?"
    r"|stunden|days?|tagen?|jahren?|years?|grad|degrees?|punkten?|points?|volt|watt|liters?|litres?|newton"
    r"|prozentpunkte"
    r"|kilometers?|kilometern?|miles|milliseconds|millisekunden|customers|visitors|kunden|besuchern?)"
)
_MEASURES = {
    "pstdev": r"population (?:standard deviation|std\.?(?: ?dev)?|sd)|pstdev",
    "stdev": r"(?:sample )?(?:standard deviation|std\.? ?dev(?:iation)?|stddev|stdev|sd|std)|standardabweichung"
    r"|stichprobenstandardabweichung",
    "pvariance": r"population variance|pvariance",
    "variance": r"(?:sample )?variance|(?:stichproben|empirische )?varianz",
    "median": r"median(?:wert)?s?|middle value|zentralwert",
    "mode": r"mode|(?:which|what) (?:number|value) (?:occurs|appears|comes up|shows up)(?: the)? most(?: often"
    r"| frequently)?"
    r"|most often|am häufigsten(?: vor(?:kommt|kam)?| auf(?:tritt)?)?|most (?:common|frequent) (?:value|number)"
    r"|modus|modalwert|häufigste[rn]? wert",
    "geometric_mean": r"geometric (?:mean|average)|geometrische[sn]? (?:mittel|durchschnitt)|geometrisch\w* gemittelt",
    "harmonic_mean": r"harmonic (?:mean|average)|harmonische[sn]? (?:mittel|durchschnitt)",
    "mean": r"(?:arithmetic )?mean|averages?|avg|mittelwert\w*|(?:noten)?(?:durch)?schnitt\w*"
    r"|[^\W\d_]{3,20}durchschnitt(?:s|swert)?|arithmetische[sn]? mittel|im (?:schnitt|mittel)|durchschnittlich\w*",
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


_SPREADS = frozenset({"stdev", "variance"})
# a spread of a population, without the name
_OF_ALL = re.compile(r"\bn\b|\b(?:whole|entire|gan[sz]e[nrms]?|gesamte[nrms]?|komplette[nrms]?)\b")
_OF_RESULTS = re.compile(r"\b(?:minus|plus|times|divided|less|mal|geteilt)\b")


def _statistics(reading: Reading) -> ToolCall | None:
    if _MEANING.search(reading.text.lower()):
        return None
    values = numbers_of(reading.only("list"), reading.tongue)
    if values is None or are_years(values) or not counts_agree(reading, len(values)):
        return None
    names = list(dict.fromkeys(key for key in reading.keys if key in _MEASURES))
    if not names and not reading.has("summary"):
        return None
    if _OF_RESULTS.search(reading.text.lower()) or (_SPREADS & set(names) and _OF_ALL.search(reading.text.lower())):
        return None
    operations = {"operations": ", ".join(names)} if names else {}
    return ToolCall("statistics_calc", {"data": ", ".join(values), **operations})


_QUARTILES = {"q1": 25, "q2": 50, "q3": 75}
_METHODS = {
    "nearest_rank": r"nearest[- ]rank",
    "interpolated_inverted_cdf": r"interpolated[- ]inverted[- ]cdf",
    "averaged_inverted_cdf": r"averaged[- ]inverted[- ]cdf",
    "inverted_cdf": r"inverted[- ]cdf",
    "closest_observation": r"closest[- ]observation",
    "hazen": r"hazen(?:'s|s)?",
    "weibull": r"weibull(?:'s|s)?",
    "median_unbiased": r"median[- ]unbiased",
    "normal_unbiased": r"normal[- ]unbiased",
    "linear": r"linear(?:e[rnms]?)?(?:[- ]interpolat(?:ion|ed))?|interpolated linearly",
}
_BY_TYPE = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased",
)  # fmt: skip


def _percentile(reading: Reading) -> ToolCall | None:
    values = numbers_of(reading.only("list"), reading.tongue)
    ranks = [_rank(text, reading) for text in reading.all("rank")]
    ranks += [str(_QUARTILES[key]) for key in reading.keys if key in _QUARTILES]
    methods = {key for key in reading.keys if key in _METHODS}
    methods |= {_BY_TYPE[int(re.sub(r"\D", "", text)) - 1] for text in reading.all("type")}
    if values is None or len(ranks) != 1 or ranks[0] is None or len(methods) > 1 or reading.has("other"):
        return None
    if not methods and not _OF_METHODS.isdisjoint(reading.words):
        return None  # a method without a name here
    if are_years(values) or not counts_agree(reading, len(values)):
        return None
    percent = float(ranks[0])
    other = methods - {"linear"}
    method = {"method": other.pop()} if other else {}
    rank = {"percent": int(percent) if percent.is_integer() else percent}
    return ToolCall("percentile_calc", {"data": ", ".join(values), **rank, **method})


_OF_METHODS = words("method methode verfahren rule regel definition interpolation")


def _rank(text: str, reading: Reading) -> str | None:
    """The percentage of `80-%-Quantil`, `P90`, `0.3 quantile` and `percentile 12.5`."""
    found = _PART.search(text)
    if found is None:
        return None
    written = decimal(found.group().rstrip("."), reading.tongue)
    if written is None or "quantil" not in text.lower() or re.search(r"%|prozent|percent", text.lower()):
        return written
    return format(round(float(written) * 100, 6), "f") if 0 < float(written) < 1 else None


_PART = re.compile(r"\d+(?:[.,]\d+)?")
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
            "frequent",
            "common",
        ),
        {"list": LIST, "count": COUNT_OF_VALUES},
        {
            **_MEASURES,
            "summary": r"summary (?:statistics|stats)|descriptive (?:statistics|stats)|basic (?:statistics|stats)"
            r"|statistical summary|statistische kennzahlen|kennzahlen|statistics|stats|statistik",
            "plus": r"\+|&|plus",
            "unit": UNIT,
        },
        unqualified(_statistics),
        DATA
        | words(
            "tausend thousand thousands pay paid spent spend spends per zahle zahlt bezahlt gezahlt occurs kommt vor"
        ),
        7,
    ),
    Request(
        ("percentile", "perzentil", "quartil", "quantil", "p9", "p5", "p7", "q1", "q3"),
        {
            "rank": r"(?<![\w.,])\d{1,2}(?:[.,]\d+)?(?:st|nd|rd|th|\.|er|te[rsn]?)?[ -]?(?i:percentiles?|perzentils?"
            r"|(?:%|prozent|percent) ?-?(?:ige[ns]? )?(?:quantils?|quantiles?|perzentils?|percentiles?))(?!\w)"
            r"|(?<![\w.,])0[.,]\d{1,4}[ -]?(?i:quantile?s?)(?!\w)|(?i:quantile?) (?:of |von |at "
            r"|p ?= ?)?0[.,]\d{1,4}(?!\d)"
            r"|(?<!\w)[Pp]\d\d(?!\w)|(?i:percentile|perzentil) \d\d(?!\d)",
            "type": r"(?i:type|typ|r-?|method|methode) ?-?[1-9](?![\d.,]*\d)",
            "list": LIST,
            "count": COUNT_OF_VALUES,
        },
        {
            "other": r"(?:first|lower|1st|erste[ns]?|untere[ns]?|1\.) (?:and|und|to|bis) (?:the |das )?(?:third"
            r"|upper|3rd|dritte[ns]?"
            r"|obere[ns]?|3\.) quartile?s?|inclusive\w*|exclusive\w*|inklusiv\w*|exklusiv\w*|rank of|tukey\w*"
            r"|hinges?|minitab|excel|spss",
            "q1": r"(?:lower|first|1st|bottom) quartile|q1|(?:untere[rnms]?|erste[rnms]?|1\.) quartils?",
            "q2": r"(?:second|2nd) quartile|q2|(?:zweite[rnms]?|2\.) quartils?",
            "q3": r"(?:upper|third|3rd|top) quartile|q3|(?:obere[rnms]?|dritte[rnms]?|3\.) quartils?",
            **_METHODS,
            "unit": UNIT,
        },
        unqualified(_percentile),
        DATA
        | words(
            "tausend thousand thousands method methode verfahren rule regel definition lies lie liegt"
            " liegen where wo interpolation in"
        ),
        7,
    ),
)
