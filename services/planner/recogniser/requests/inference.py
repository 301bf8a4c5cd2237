"""Confidence intervals and tests of hypotheses."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.samples import DATA
from services.planner.recogniser.requests.values import LIST, NUMBER, ROW, WHOLE, numbers_of, share_of

_PERCENT = r"(?<![\w.,])\d\d?(?:[.,]\d+)?[ -]?(?:%|(?i:percent|prozent))"


def _interval(reading: Reading) -> ToolCall | None:
    confidence = share_of(reading.only("rate"), reading.tongue) if reading.all("rate") else 0.95
    if confidence is None or confidence < 0.5 or not reading.has("interval"):
        return None
    if reading.all("list"):
        values = numbers_of(reading.only("list"), reading.tongue)
        plain: dict[str, JsonValue] = {"kind": "mean", "confidence": confidence}
        is_clear = values is not None and not reading.all("n") and not reading.all("mean")
        return ToolCall("confidence_interval", {"data": ", ".join(values or ()), **plain}) if is_clear else None
    return _of_summary(reading, confidence) or _of_proportion(reading, confidence)


def _of_summary(reading: Reading, confidence: float) -> ToolCall | None:
    read = [reading.only(kind) for kind in ("mean", "deviation", "size")]
    if "" in read or reading.all("n"):
        return None
    mean, deviation, size = (decimal(re.sub(r"^[^\d-]*", "", text), reading.tongue) for text in read)
    if mean is None or deviation is None or size is None:
        return None
    arguments = {"mean": float(mean), "standard_deviation": float(deviation), "n": int(float(size))}
    return ToolCall("confidence_interval", {"kind": "mean", **arguments, "confidence": confidence})


def _of_proportion(reading: Reading, confidence: float) -> ToolCall | None:
    counts = [int(re.sub(r"\D", "", text)) for text in (*reading.all("n"), *reading.all("size"))]
    if len(counts) != 2 or reading.all("mean") or reading.all("deviation"):
        return None
    arguments = {"successes": min(counts), "trials": max(counts), "confidence": confidence}
    return ToolCall("confidence_interval", {"kind": "proportion", **arguments})


_PAIRED = ("t_welch", "t_paired", "mann_whitney", "wilcoxon", "f_variance", "t_two_sample")


def _tested(reading: Reading) -> ToolCall | None:
    test = reading.one_of(*_PAIRED, "anova", "chi2_goodness", "t_one_sample")
    lists = [numbers_of(text, reading.tongue) for text in reading.all("list")]
    data = [", ".join(values) for values in lists if values is not None]
    if not test or len(data) != len(lists):
        return None
    if test == "anova" and 2 < len(data) < 9:
        groups: list[JsonValue] = [*data]
        return ToolCall("hypothesis_test", {"test": test, "groups": groups})
    if test in _PAIRED and len(data) == 2 and not reading.all("n"):
        return ToolCall("hypothesis_test", {"test": test, "data": data[0], "data2": data[1]})
    if test == "t_one_sample" and len(data) == 1 and len(reading.all("n")) == 1:
        mean = decimal(reading.only("n"), reading.tongue)
        return (
            None
            if mean is None
            else ToolCall("hypothesis_test", {"test": test, "data": data[0], "hypothesized": float(mean)})
        )
    is_fit = test == "chi2_goodness" and len(data) == 1 and not reading.all("n")
    return ToolCall("hypothesis_test", {"test": test, "data": data[0]}) if is_fit else None


def _binomial(reading: Reading) -> ToolCall | None:
    counts = sorted(int(text) for text in reading.all("n"))
    if len(counts) != 2 or not reading.has("test"):
        return None
    half = re.sub(r"^[^\d]*", "", reading.only("p")) or "0.5"
    share = decimal(half, reading.tongue) if "/" not in half else None
    if share is None or not 0 < float(share) < 1:
        return None
    arguments = {"successes": counts[0], "trials": counts[1], "probability": float(share)}
    return ToolCall("hypothesis_test", {"test": "binomial", **arguments})


REQUESTS = (
    Request(
        ("confidence", "konfidenz", "vertrauens", "ci"),
        {
            "rate": _PERCENT + r"(?:-| )?(?=-?(?:(?i:confidence|konfidenz|vertrauens|ci|c\.i\.|interval)))",
            "mean": r"(?i:(?:sample )?mean|average|mittelwert|x̄|mw)(?: (?:of|von|is|was"
            r"|ist))?(?: ?[=:])? ?-?\d+(?:[.,]\d+)?",
            "deviation": r"(?i:(?:sample )?(?:standard deviation|std\.? ?dev|sd|stdev|s)|standardabweichung)"
            r"(?: (?:of|von|is|was|ist))?(?: ?[=:])? ?\d+(?:[.,]\d+)?",
            "size": r"(?i:n|sample size|stichprobenumfang|stichprobengröße)(?: (?:of|von|is"
            r"|ist))? ?[=:]? ?\d{1,9}(?![\w.,]*\d)",
            "list": LIST,
            "n": WHOLE,
        },
        {
            "interval": r"(?:confidence|konfidenz-?|vertrauens-?)[ -]?(?:intervall?s?|limits|bereich)s?|ci|konfidenz",
            "share": r"proportion|share|rate|anteils?|quote|ausschussanteils?|percentage|average(?! (?:of |is "
            r"|was )?-?\d)|mean(?! ?(?:of |is |was |[=:] ?)?-?\d)"
            r"|mittelwerts?(?! ?(?:von |ist |[=:] ?)?-?\d)|durchschnitts?",
        },
        _interval,
        DATA
        | words(
            "successes trials said yes neighbours customers patients students people voted asked voters out hits"
            " defective defekt defekte geprüften"
            " teilen befragten befragte von true underlying compute build users visitors clicked converted"
            " confidence liefere dazu"
        ),
        5,
    ),
    Request(
        ("test", "anova", "whitney", "wilcoxon", "welch", "u-test", "varianzanalyse"),
        {"list": ROW, "n": NUMBER},
        {
            "t_welch": r"welch(?:'s|s)?(?:[- ]t)?(?:[- ]?test)?",
            "t_paired": r"(?:paired|dependent)(?: samples?)?(?: t)?[- ]?test|(?:gepaarte[rn]?|verbundene[rn]?) t-?test",
            "mann_whitney": r"mann[- ]whitney(?:[- ]u)?(?:[- ]?test)?|u-test|wilcoxon rank[- ]sum(?: test)?",
            "wilcoxon": r"wilcoxon(?: signed[- ]rank)?(?:[- ]?test)?|vorzeichen-?rang-?test",
            "f_variance": r"f[- ]test(?: (?:for|of) (?:equal )?variances?)?",
            "anova": r"(?:one[- ]way |einfaktorielle )?(?:anova|varianzanalyse)",
            "chi2_goodness": r"(?:chi[- ]?(?:squared?|quadrat|2)|χ²)[- ](?:goodness[- ]of[- ]fit"
            r"|anpassungs)(?:[- ]?test)?"
            r"|goodness[- ]of[- ]fit(?: test)?",
            "t_one_sample": r"(?:one|single)[- ]sample(?: t)?[- ]?test|einstichproben-?t-?test",
            "t_two_sample": r"(?:two|independent)[- ]samples?(?: t)?[- ]?test|student(?:'s)? t[- ]test"
            r"|zweistichproben-?t-?test",
        },
        _tested,
        DATA
        | words(
            "beobachtete häufigkeiten würfels gleichverteilung passt observed counts frequencies die uniform"
            " before after vorher nachher significant significantly difference unterschied do run perform"
            " mittelwert mean hypothesized equal"
        ),
        5,
    ),
    Request(
        ("binomial",),
        {
            "p": r"(?i:p|probability|wahrscheinlichkeit)(?: (?:of|von))? ?[=:]? ?0[.,]\d{1,6}"
            r"|(?<![\w.,])0[.,]\d{1,6}(?!\w)",
            "n": r"(?<![\w.,])\d{1,7}(?![\w]|[.,]\d)",
        },
        {"test": r"(?:exact )?binomial[- ]?tests?|(?:exakter )?binomialtest"},
        _binomial,
        DATA
        | words(
            "successes trials out tosses heads coin fair erfolge versuchen versuche erfolgen flipped times got"
            " fair whether run exact how"
        ),
        4,
    ),
)
