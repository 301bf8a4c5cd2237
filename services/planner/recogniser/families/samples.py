"""Questions for statistics of a list of numbers, or of two lists."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Build, Family, Found, rules
from services.planner.recogniser.numbers import are_years, decimal, listed
from services.planner.recogniser.phrasing import MAX_CHARS

LIST = r"[\[(]?[-\d][-\d.,; ]*(?:(?:and|und) -?\d[\d.,]*)?[\])]?"

# `standard deviation` alone is that of a sample, as in spreadsheets; the answer names it
_MEASURES: tuple[tuple[str, str, str], ...] = (
    ("mean", r"arithmetic mean|mean|average", r"mittelwert|durchschnitt|arithmetische mittel"),
    ("median", r"median", r"median"),
    ("mode", r"mode", r"modus|modalwert"),
    (
        "stdev",
        r"sample standard deviation|standard deviation|std dev|stddev|stdev",
        "stichprobenstandardabweichung|empirische standardabweichung|standardabweichung",
    ),
    ("pstdev", r"population standard deviation", r"standardabweichung der grundgesamtheit"),
    ("variance", r"sample variance|variance", r"stichprobenvarianz|empirische varianz|varianz"),
    ("pvariance", r"population variance", r"varianz der grundgesamtheit"),
    ("sum", r"sum|total", r"summe"),
    ("range", r"range", r"spannweite"),
    ("min", r"minimum|smallest number|smallest value", r"minimum|kleinste zahl"),
    ("max", r"maximum|largest number|largest value|greatest number", r"maximum|größte zahl"),
)
_EN = "|".join(english for _, english, _ in _MEASURES)
_DE = "|".join(german for _, _, german in _MEASURES)
_BY_NAME = {name: measure for measure, english, german in _MEASURES for name in f"{english}|{german}".split("|")}
_NAMES_EN = rf"(?P<one>{_EN})(?:(?: and|,) (?:the )?(?P<two>{_EN}))?(?:,? and (?:the )?(?P<three>{_EN}))?"
_NAMES_DE = (
    rf"(?P<one>{_DE})(?:(?: und|,) (?:den |die |das |der )?(?P<two>{_DE}))?"
    rf"(?: und (?:den |die |das |der )?(?P<three>{_DE}))?"
)
_OF_EN = r"(?:of|for) (?:the )?(?:numbers |values |data )?"
_OF_DE = r"(?:von|aus|der|für) (?:den |der )?(?:zahlen |werten |werte )?"
_DATA = rf"(?P<data>{LIST})"
_METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased",
)  # fmt: skip
_BY_EN = r"(?:by|using|with|according to) (?:method )?(?:type (?P<type>[1-9])|r-?(?P<r>[1-9]))"
_BY_DE = r"(?:nach|mit) (?:methode )?(?:typ (?P<type>[1-9])|r-?(?P<r>[1-9]))"
_X, _Y = rf"x ?= ?(?P<x>{LIST})", rf"y ?= ?(?P<y>{LIST})"
_FIT_EN = r"(?:linear regression|regression line|least squares line)"
_FIT_DE = r"(?:lineare regression|regressionsgerade|ausgleichsgerade)"
_PAIR_EN = rf"(?:(?P<first>{LIST}) and (?P<second>{LIST})|{_X},? and {_Y})"
_PAIR_DE = rf"(?:(?P<first>{LIST}) und (?P<second>{LIST})|{_X},? und {_Y})"
_COEFFICIENT = r"(?P<method>pearson|spearman|kendall)"


def _joined(found: Found, name: str) -> str | None:
    values = listed(found[name].strip(" ,"), found.tongue)
    return None if values is None else ", ".join(values)


def _statistics(found: Found) -> ToolCall | None:
    values = _joined(found, "data")
    names = [_BY_NAME[found[group]] for group in ("one", "two", "three") if found[group]]
    if values is None or len(set(names)) < len(names) or are_years(tuple(values.split(", "))):
        return None
    return ToolCall("statistics_calc", {"data": values, "operations": ", ".join(names)})


def _percentile(found: Found) -> ToolCall | None:
    values, percent = _joined(found, "data"), decimal(found["percent"], found.tongue)
    if values is None or percent is None or float(percent) > 100:
        return None
    kind = found["type"] or found["r"]
    method = {"method": _METHODS[int(kind) - 1]} if kind else {}  # without one linear, as in spreadsheets
    return ToolCall("percentile_calc", {"data": values, "percent": int(found["percent"]), **method})


def _paired(tool: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        x = _joined(found, "x" if found["x"] else "first")
        y = _joined(found, "y" if found["y"] else "second")
        if x is None or y is None or x.count(",") != y.count(","):
            return None
        method = {"method": found["method"]} if found["method"] else {}
        return ToolCall(tool, {"x": x, "y": y, **method})

    return build


_RULES = (
    *rules("en", _statistics, rf"{LEAD_EN}{_NAMES_EN} {_OF_EN}{_DATA}"),
    *rules("de", _statistics, rf"{LEAD_DE}{_NAMES_DE} {_OF_DE}{_DATA}"),
    *rules("en", _percentile, rf"{LEAD_EN}(?P<percent>\d\d?)(?:st|nd|rd|th) percentile {_OF_EN}{_DATA}(?: {_BY_EN})?"),
    *rules("de", _percentile, rf"{LEAD_DE}(?P<percent>\d\d?)\. perzentil {_OF_DE}{_DATA}(?: {_BY_DE})?"),
    *rules(
        "en",
        _paired("linear_regression"),
        rf"{LEAD_EN}{_FIT_EN} (?:with|for|of|to|through) {_X},?(?: and)? {_Y}",
        rf"{LEAD_EN}{_FIT_EN} of {_Y} on {_X}",
        rf"fit a (?:straight )?line to {_X},?(?: and)? {_Y}",
    ),
    *rules("de", _paired("linear_regression"), rf"{LEAD_DE}{_FIT_DE} (?:mit|für|zu|von|durch) {_X},?(?: und)? {_Y}"),
    *rules(
        "en",
        _paired("correlation"),
        rf"{LEAD_EN}correlation(?: coefficient)? (?:of|between|for) {_PAIR_EN}",
        rf"{_COEFFICIENT} correlation(?: coefficient)?:?(?: of)? {_PAIR_EN}",
        rf"{LEAD_EN}{_COEFFICIENT}(?:'s)? (?:rank )?correlation(?: coefficient)? (?:of|between|for) {_PAIR_EN}",
    ),
    *rules(
        "de",
        _paired("correlation"),
        rf"{LEAD_DE}korrelation(?:skoeffizienten?)? (?:von|zwischen|für) {_PAIR_DE}",
        rf"{LEAD_DE}{_COEFFICIENT}-?(?: )?(?:rang)?korrelation(?:skoeffizienten?)? (?:von|zwischen|für) {_PAIR_DE}",
        rf"{LEAD_DE}korrelation(?:skoeffizienten?)? nach {_COEFFICIENT} (?:von|zwischen|für) {_PAIR_DE}",
    ),
)
SAMPLES = Family(
    (
        "mean", "average", "median", "mode", "deviation", "varia", "sum", "total", "imum", "est number", "est value",
        "modalwert", "modus", "mittel", "schnitt", "abweichung", "größte", "kleinste", "percentile", "perzentil",
        "regression", "korrelation", "correlation", "line", "gerade",
    ),
    _RULES,
    longest=MAX_CHARS,
)  # fmt: skip
