"""Confidence intervals."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.qualifiers import SPELT_COUNT, counts_agree, unqualified
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.samples import DATA, UNIT
from services.planner.recogniser.requests.values import ROW, WHOLE, last_number, numbers_of, share_of

_PERCENT = r"(?<![\w.,])\d\d?(?:[.,]\d+)?[ -]?(?:%|(?i:percent|prozent))"
_RATE = re.compile(_PERCENT)
_IS = r"(?: (?:of|von|is|was|ist|beträgt|war))?(?: ?[=:])? ?"
_N = r"\d+(?:[.,]\d+)?(?![.,]?\d)(?! ?[;,] ?-?\d)"
_NAMED_ONLY = rf"(?!{_IS}-?{_N})"  # `the mean`, but not `mean 4.1`
_CONFIDENCE = (
    r"(?:confidence|konfidenz|vertrauens|sicherheit|ci(?!\w)|c\.i\.|interval|level|niveau|wilson|wald|clopper)"
)
_PAIR = r"(?<![\w.,])\d{1,7}(?: (?:out of|of|von|aus|in|bei|among|unter)(?: \w+){0,2} | ?/ ?)\d{1,7}(?![\w%]|[.,]\d)"
_METHODS = {
    "clopper_pearson": r"clopper[- ]?pearson|exact|exakte[ns]?",
    "wald": r"wald|normal approximation|normalapproximation",
    "agresti_coull": r"agresti[- ]?coull",
    "wilson": r"wilson(?:[- ]score)?",
}


def _interval(reading: Reading) -> ToolCall | None:
    rates = [share_of(found[0], reading.tongue) for text in reading.all("rate") for found in _RATE.finditer(text)]
    confidence = rates[0] if rates else 0.95
    if confidence is None or confidence < 0.5 or len(rates) > 1 or reading.has("other"):
        return None
    if not reading.has("interval") and not (reading.has("bare") and (rates or _method_of(reading))):
        return None
    arguments = _of_data(reading) if reading.all("list") else _of_summary(reading) or _of_counts(reading)
    is_share = arguments is not None and str(arguments["kind"]).startswith("proportion")
    method = _method_of(reading)
    if arguments is None or (method and not is_share):
        return None
    more: dict[str, JsonValue] = {"method": method} if method and method != "wilson" else {}
    return ToolCall("confidence_interval", {**arguments, **more, "confidence": confidence})


def _method_of(reading: Reading) -> str:
    return reading.one_of(*_METHODS)


_Arguments = dict[str, JsonValue]


def _of_data(reading: Reading) -> _Arguments | None:
    lists = [numbers_of(text, reading.tongue) for text in reading.all("list")]
    data = [", ".join(values) for values in lists if values is not None]
    others = ("n", "mean", "deviation", "size", "pair", "r")
    if len(data) != len(lists) or any(reading.all(kind) for kind in others):
        return None
    if not counts_agree(reading, len(data), *(len(values) for values in lists if values is not None)):
        return None
    kinds = {"variance": "variance", "spread": "standard_deviation", "mean_name": "mean"}
    named = {kind for key, kind in kinds.items() if reading.has(key)}
    if reading.has("share") or reading.has("correlation"):
        return None
    if len(data) == 2:
        pooled: _Arguments = {"equal_variances": True} if reading.has("pooled") else {}
        is_difference = reading.has("difference") and named <= {"mean"} and not reading.all("sigma")
        return {"kind": "mean_difference", "data": data[0], "data2": data[1], **pooled} if is_difference else None
    if len(data) != 1 or len(named) > 1 or reading.has("difference") or reading.has("pooled"):
        return None
    kind = named.pop() if named else "mean"
    sigma = _value(reading, "sigma") if reading.all("sigma") else None
    if reading.all("sigma") and (sigma is None or kind != "mean"):
        return None
    known: _Arguments = {} if sigma is None else {"population_sd": sigma}
    return {"data": data[0], "kind": kind, **known}


def _value(reading: Reading, kind: str, place: int = 0) -> float | None:
    texts = reading.all(kind)
    if len(texts) <= place:
        return None
    found = last_number(texts[place], reading.tongue)
    return None if found is None else float(found)


def _of_summary(reading: Reading) -> _Arguments | None:
    """The interval of a mean or a correlation from its summary, or of a difference from two summaries."""
    if reading.all("n") or reading.all("pair") or reading.has("share"):
        return None
    sizes = [_value(reading, "size", place) for place in range(len(reading.all("size")))]
    if reading.all("r"):
        r, is_whole = _value(reading, "r"), len(sizes) == 1 and len(reading.all("r")) == 1
        if r is None or not is_whole or not sizes[0] or reading.all("mean") or reading.all("deviation"):
            return None
        return {"kind": "correlation", "correlation": r, "n": int(sizes[0])}
    spread = "sigma" if reading.all("sigma") else "deviation"
    count = len(sizes)
    if not count == len(reading.all("mean")) == len(reading.all(spread)) or reading.all(
        "sigma" if spread != "sigma" else "deviation"
    ):
        return None
    means = [_value(reading, "mean", place) for place in range(count)]
    spreads = [_value(reading, spread, place) for place in range(count)]
    if None in (*sizes, *means, *spreads) or reading.has("variance") or reading.has("spread"):
        return None
    return _of_means(reading, means, spreads, [int(size or 0) for size in sizes], spread)


def _of_means(
    reading: Reading, means: Sequence[JsonValue], spreads: Sequence[JsonValue], sizes: Sequence[int], spread: str
) -> _Arguments | None:
    name = "population_sd" if spread == "sigma" else "standard_deviation"
    if len(means) == 1 and not reading.has("difference"):
        return {"kind": "mean", "mean": means[0], name: spreads[0], "n": sizes[0]}
    if len(means) != 2 or spread == "sigma" or not reading.has("difference"):
        return None
    second: _Arguments = {"mean2": means[1], "standard_deviation2": spreads[1], "n2": sizes[1]}
    pooled: _Arguments = {"equal_variances": True} if reading.has("pooled") else {}
    return {"kind": "mean_difference", "mean": means[0], name: spreads[0], "n": sizes[0], **second, **pooled}


def _of_counts(reading: Reading) -> _Arguments | None:
    """The interval of a proportion, or of the difference of two."""
    if any(reading.all(kind) for kind in ("mean", "deviation", "sigma", "r")) or reading.has("correlation"):
        return None
    texts = [*reading.all("pair"), *reading.all("n"), *reading.all("size")]
    counts = [
        int(digits.replace(".", "").replace(",", "")) for text in texts for digits in re.findall(r"\d[\d.,]*", text)
    ]
    if reading.has("difference"):
        if len(reading.all("pair")) != 2 or len(counts) != 4 or reading.has("mean_name"):
            return None
        first: _Arguments = {"successes": counts[0], "trials": counts[1]}
        return {"kind": "proportion_difference", **first, "successes2": counts[2], "trials2": counts[3]}
    is_range = len(reading.all("n")) == 2 and _TO.search(reading.before("n", 1)) is not None
    if len(counts) != 2 or is_range or reading.has("variance") or reading.has("spread"):
        return None
    return {"kind": "proportion", "successes": min(counts), "trials": max(counts)}


_TO = re.compile(r"\d ?(?:to|bis|-|\u2013|until) ?$")

REQUESTS = (
    Request(
        ("confidence", "konfidenz", "vertrauens", "ci", "clopper", "wilson", "wald", "agresti"),
        {
            "rate": _PERCENT
            + rf"(?:-| )?(?=-?(?i:{_CONFIDENCE}))|(?<=[,:(] )"
            + _PERCENT
            + rf"(?=[:,.)]|$)|(?i:at|mit|zu|zum|with|level|niveau|sicherheit|konfidenz)(?: (?:of"
            rf"|von))?[: ]+(?:a )?{_PERCENT}",
            "r": rf"(?i:(?:sample |pearson )?correlation(?: coefficient)?(?: r)?"
            rf"|korrelation(?:skoeffizient(?:en)?)?(?: r)?|r"
            rf"){_IS}-?{_N}",
            "sigma": rf"(?i:(?:known |true |population |bekannte[rn]? )+(?:sigma|\u03c3|sd|standard deviation"
            rf"|standardabweichung)"
            rf"|sigma|\u03c3){_IS}{_N}",
            "mean": rf"(?i:(?:sample )?mean|average|mittelwert|x̄|mw|m|durchschnitt){_IS}-?{_N}",
            "deviation": r"(?i:(?:sample )?(?:standard deviation|std\.? ?dev|sd|stdev|s)|standardabweichung)"
            + _IS
            + _N,
            "size": r"(?i:n|sample size|stichprobenumfang|stichprobengröße|umfang)(?: (?:of|von|is"
            r"|ist))? ?[=:]? ?\d{1,9}(?![\w.,]*\d)",
            "pair": _PAIR,
            "list": ROW,
            "n": WHOLE,
            "count": SPELT_COUNT,
        },
        {
            "interval": r"(?:confidence|konfidenz-?|vertrauens-?)[ -]?(?:intervall?s?|limits|bereich)s?|ci|konfidenz",
            **_METHODS,
            "pooled": r"(?:equal|pooled|same) variances?|gleiche[nr]? varianzen|pooled",
            "difference": r"differences?(?: (?:of|between|in)(?! \d))?|differenz",
            "mean_name": r"(?:population |true |arithmetic )?(?:(?:means?|averages?)|mittelwerte?[sn]?|durchschnitts?"
            rf"|erwartungswerte?s?){_NAMED_ONLY}",
            "variance": r"variances?|varianz(?:en)?",
            "spread": rf"(?:standard deviations?|standardabweichung(?:en)?){_NAMED_ONLY}",
            "correlation": rf"(?:correlations?(?: coefficient)?|korrelation(?:en"
            rf"|skoeffizient(?:en)?)?){_NAMED_ONLY}(?! r ?=)",
            "share": r"proportions?|shares?|rates?|anteils?|anteilen?|anteilswerte?s?|quoten?|ausschussanteils?"
            r"|percentage",
            "bare": r"intervall?",
            "other": r"one[- ](?:sided|tailed)|einseitig\w*|lower|upper|untere\w*|obere\w*|medians?|bayes\w*|credible"
            r"|paired|gepaart\w*|quantile?s?|ratio|verhältnis\w*|regression|slope|odds|sums?|totals?"
            r"|summe|(?:for|of|für|von) (?:sigma|\u03c3)|(?:sample )?range|maximum|minimum"
            r"|mode|modus|difference in (?:sd|variances?)",
            "unit": UNIT,
        },
        unqualified(_interval),
        DATA
        | words(
            "successes trials said yes neighbours customers patients students people voted asked voters out hits"
            " defective defekt defekte geprüften minus bei treffer versuchen versuche erfolge erfolgen among"
            " teilen befragten befragte von true underlying compute build users visitors clicked converted population"
            " confidence liefere dazu level niveau a b both beide beiden sicherheit known bekannt sigma successful"
        ),
        6,
    ),
)
