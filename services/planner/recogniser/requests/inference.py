"""Tests of hypotheses."""

import re

from pydantic import JsonValue

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.qualifiers import SPELT_COUNT, counts_agree, unqualified
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.samples import DATA, UNIT
from services.planner.recogniser.requests.values import MATRIX, NUMBER, ROW, last_number, numbers_of, several_lists

_PAIRED = ("t_welch", "t_paired", "mann_whitney", "wilcoxon", "f_variance", "t_two_sample")
_OF_TABLE = ("chi2_independence", "fisher_exact")
_ALPHA = (
    r"(?i:(?:alpha|\u03b1|(?:significance |signifikanz-?)?(?:level|niveau)s?)(?: (?:of|von))?[ :=]*(?:0?[.,]\d+"
    r"|\d\d?(?:[.,]\d+)?"
    r" ?(?:%|percent|prozent))|(?:0[.,]\d+|\d\d?(?:[.,]\d+)? ?-?(?:%|percent|prozent))[ -]*(?:significance "
    r"|signifikanz)?"
    r"(?:level|niveau))(?!\w)"
)
_SUPPOSED = (
    r"(?i:(?:h0|h_0|null|mu0?|μ0?|\u00b50?|against|versus|vs\.?|gegen|from|of|hypothesi[sz]ed(?: value)?|target"
    r"|nominal|sollwert"
    r"|expected|population mean|erwartungswert|mean|mittelwert|wert|value|von)(?: (?:the|den|a|of|is|ist|von|mean|value"
    r"|mittelwert|wert|sollwert|mu))* ?[:=]? ?(?:(?:mu|μ|\u00b5"
    r"|mean)0? ?= ?)?)-?\d+(?:[.,]\d+)?(?![\d.,]*\d)(?! ?[;,/]? ?-?\d)"
)
_DIRECTIONS = {
    "greater": r"right[- ](?:sided|tailed)|rechtsseitig\w*|upper[- ]tail(?:ed)?|(?:alternative:? |h1:? )?(?:is )?"
    r"(?:greater|larger|größer)",
    "less": r"left[- ](?:sided|tailed)|linksseitig\w*|lower[- ]tail(?:ed)?|(?:alternative:? |h1:? )?(?:is )?(?:less"
    r"|smaller"
    r"|kleiner)",
}
_SIDES = {
    **_DIRECTIONS,
    "one_sided": r"one[- ](?:sided|tailed)|einseitig\w*",
    "two_sided": r"two[- ](?:sided|tailed)|zweiseitig\w*|beidseitig\w*",
    "alternative": r"alternative|h1|h_1|alternativhypothese",
}


def _test_of(reading: Reading) -> str:
    """The only test that is named, where `paired` and `t-test` may be apart."""
    named = {
        key for key in reading.keys if key in (*_PAIRED, *_OF_TABLE, "anova", "chi2_goodness", "t_one_sample", "chi2")
    }
    if reading.has("paired") and reading.has("t_test"):
        named.add("t_paired")
    if reading.has("unpaired") and reading.has("t_test"):
        named.add("t_two_sample")
    if reading.has("one_group") and reading.has("t_test") and not named and len(reading.all("list")) == 1:
        named.add("t_one_sample")
    if reading.has("unequal") and named == {"t_two_sample"}:
        named = {"t_welch"}
    if named == {"chi2"} and (reading.all("table") or len(_lists(reading)) > 1):
        named = {"chi2_independence"}
    if named == {"chi2", "chi2_independence"} or named == {"chi2", "chi2_goodness"}:
        named.remove("chi2")
    return named.pop() if len(named) == 1 else ""


def _lists(reading: Reading) -> list[str]:
    return [part for text in reading.all("list") for part in several_lists(text)]


def _options(reading: Reading) -> dict[str, JsonValue] | None:
    """The alternative and the level; None if a side without a direction is wanted."""
    direction = reading.one_of(*_DIRECTIONS)
    several = {"greater", "less"} <= set(reading.keys) or len(reading.all("alpha")) > 1
    is_one_sided = (
        reading.has("one_sided") or reading.has("alternative") or _TAILED.search(reading.text.lower()) is not None
    )
    if several or is_one_sided != bool(direction) or (reading.has("two_sided") and is_one_sided):
        return None
    if not direction and _MAY_BE_SIDED.search(reading.text.lower()):
        return None
    alternative: dict[str, JsonValue] = {"alternative": direction} if direction else {}
    if not reading.all("alpha"):
        return alternative
    alpha = _share(reading.only("alpha"), reading)
    return None if alpha is None else {**alternative, "alpha": alpha}


_MAY_BE_SIDED = re.compile(
    r"\b(?:higher|lower|greater|larger|smaller|less|more than|fewer|exceeds?|increas\w+|decreas\w+|improv\w+|better"
    r"|worse"
    r"|höher\w*|niedriger\w*|größer\w*|kleiner\w*|mehr als|weniger|besser|schlechter|gestiegen|gesunken)\b|[<>](?!\w)"
)
_TAILED = re.compile(
    r"right[- ](?:sided|tailed)|left[- ](?:sided|tailed)|rechtsseitig|linksseitig|(?:upper|lower)[- ]tail"
)


def _share(text: str, reading: Reading) -> float | None:
    """0.05 for `5 %` and `0,05`."""
    found = re.search(r"\d*[.,]?\d+", text)
    read = (
        decimal(found.group() if found.group()[0].isdigit() else f"0{found.group()}", reading.tongue) if found else None
    )
    if read is None:
        return None
    share = round(float(read) / (100 if re.search(r"%|percent|prozent", text.lower()) else 1), 8)
    return share if 0 < share < 1 else None


def _tested(reading: Reading) -> ToolCall | None:
    test, options = _test_of(reading), _options(reading)
    lists = [numbers_of(text, reading.tongue) for text in _lists(reading)]
    if not test or options is None or reading.has("other"):
        return None
    if test in _OF_TABLE:
        rows = _table(reading)
        no_options = {key: value for key, value in options.items() if key != "alternative"}
        if rows is None or (options != no_options and (test != "fisher_exact" or len(rows) != 2)):
            return None
        uncorrected: dict[str, JsonValue] = {"continuity_correction": False} if reading.has("uncorrected") else {}
        return ToolCall("hypothesis_test", {"test": test, "table": rows, **options, **uncorrected})
    data = [", ".join(values) for values in lists if values is not None]
    sizes = [len(values) for values in lists if values is not None]
    if len(data) != len(lists) or reading.all("table") or not counts_agree(reading, len(data), *sizes):
        return None
    arguments = _of_samples(reading, test, data)
    if arguments is None or (test == "t_paired" and len(set(sizes)) > 1):
        return None
    if "alternative" in options and test in ("anova", "chi2_goodness"):
        return None
    if reading.has("uncorrected"):
        options = {**options, "continuity_correction": False}
    return ToolCall("hypothesis_test", {"test": test, **arguments, **options})


def _of_samples(reading: Reading, test: str, data: list[str]) -> dict[str, JsonValue] | None:
    singles = [*reading.all("supposed"), *reading.all("n")]
    if test == "anova":
        return {"groups": [*data]} if 2 < len(data) < 9 and not singles else None
    if test in _PAIRED:
        return {"data": data[0], "data2": data[1]} if len(data) == 2 and not singles else None
    if test == "t_one_sample" and len(data) == 1 and len(singles) == 1:
        mean = last_number(singles[0], reading.tongue)
        return None if mean is None else {"data": data[0], "hypothesized": float(mean)}
    is_fit = test == "chi2_goodness" and len(data) == 1 and not singles
    return {"data": data[0]} if is_fit else None


_PART = re.compile(r" ?[;/|] ?| (?:and|und) ")


def _table(reading: Reading) -> list[JsonValue] | None:
    """Counts in rows: `[[20, 30], [25, 15]]`, `20 30 / 25 15`, `20, 30; 25, 15`, and four counts of a 2x2 table."""
    if reading.all("n") or reading.all("supposed"):
        return None
    texts = [row for table in reading.all("table") for row in re.findall(r"\[ ?(\d[\d ,;]*)\]", table)]
    texts += [part for text in reading.all("list") for part in _PART.split(text.strip("[]() "))]
    rows = [re.findall(r"\d+", text) for text in texts]
    if any(re.search(r"[.-]|\d,\d", text) and not re.fullmatch(r"[\[(]?\d+(?:,\d+)+[\])]?", text) for text in texts):
        return None
    if len(rows) == 1 and len(rows[0]) == 4 and (reading.has("fisher_exact") or reading.has("fourfold")):
        rows = [rows[0][:2], rows[0][2:]]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return None
    return [[int(cell) for cell in row] for row in rows]


def _binomial(reading: Reading) -> ToolCall | None:
    counts, options = sorted(int(text) for text in reading.all("n")), _options(reading)
    shares = [share for text in reading.all("p") if (share := _probability(text, reading)) is not None]
    shares += [0.5] * (reading.has("fair") and not shares)
    if len(counts) != 2 or not reading.has("test") or options is None or reading.has("other"):
        return None
    if len(reading.all("p")) > 1 or len(shares) != max(1, len(reading.all("p"))):
        return None
    arguments = {"successes": counts[0], "trials": counts[1], "probability": shares[0]}
    return ToolCall("hypothesis_test", {"test": "binomial", **arguments, **options})


def _probability(text: str, reading: Reading) -> float | str | None:
    if fraction := re.search(r"(\d+) ?/ ?(\d+)", text):
        return f"{fraction[1]}/{fraction[2]}"
    return _share(text, reading)


_OTHER = (
    r"power|trennschärfe|(?:two|three)[- ]way|zweifaktoriell\w*|mehrfaktoriell\w*|repeated|permutations?test|sign test"
    r"|which (?:groups?|pairs?|means?)"
    r"|welche (?:gruppen?|paare?)|vorzeichentest|simulat\w*|monte[- ]carlo|sample size|stichprobenumfang|trend"
)
REQUESTS = (
    Request(
        ("test", "anova", "whitney", "wilcoxon", "welch", "varianzanalyse", "fisher", "chi", "χ"),
        {"alpha": _ALPHA, "table": MATRIX, "supposed": _SUPPOSED, "list": ROW, "n": NUMBER, "count": SPELT_COUNT},
        {
            **_SIDES,
            "t_welch": r"welch(?:'s|s)?(?:[- ]t)?(?:[- ]?tests?)?",
            "t_paired": r"(?:paired|dependent|matched)(?:[- ]samples?|[- ]pairs)?(?: t)?[- ]?tests?"
            r"|(?:gepaarte[rn]?|verbundene[rn]?|abhängige[rn]?) t-?tests?",
            "mann_whitney": r"(?:wilcoxon[- ])?mann[- ]whitney(?:[- ](?:u|you))?(?:[- ]?tests?)?|(?:u|you)[- ]tests?"
            r"|wilcoxon rank[- ]sum(?: test)?|rangsummen-?tests?",
            "wilcoxon": r"wilcoxon(?:[- ](?:signed[- ]ranks?|vorzeichen-?rang))?(?:[- ]?tests?)?"
            r"|vorzeichen-?rang-?tests?"
            r"|signed[- ]rank tests?",
            "f_variance": r"f[- ]tests?(?: (?:for|of|auf) (?:equal |gleiche )?(?:variances?|varianz(?:en)?"
            r"|varianzgleichheit))?",
            "anova": r"(?:one[- ]way |single[- ]factor |einfaktorielle[nr]? |einfache )?(?:anova|varianzanalyse"
            r"|analysis of"
            r" variance)(?:[- ]test)?",
            "chi2_independence": r"(?:(?:chi[- ]?(?:squared?|quadrat|2)|χ²)[- ])?(?:(?:tests? )?(?:of|for|auf) "
            r"(?:independence|unabhängigkeit|homogeneity|homogenität|association)|(?:independence|contingency"
            r"|homogeneity)"
            r"(?: table)? tests?|(?:unabhängigkeits|homogenitäts)-?tests?|(?:tests? )(?:of|for|auf) (?:independence"
            r"|unabhängigkeit|homogeneity))",
            "chi2_goodness": r"(?:(?:chi[- ]?(?:squared?|quadrat|2)|χ²)[- ])?(?:goodness[- ]of[- ]fit|anpassungs)"
            r"(?:[- ]?tests?)?",
            "chi2": r"(?:chi[- ]?(?:squared?|quadrat|2)|χ²)(?:[- ]?tests?)?",
            "fisher_exact": r"fisher(?:'s|s)?(?: exact)?(?:[- ]?tests?)?|(?:exakter? )?(?:fisher-?test"
            r"|test nach fisher)"
            r"|exakter fisher-?test",
            "t_one_sample": r"(?:one|single)[- ]samples?(?: students?)?(?: t)?[- ]?tests?"
            r"|ein(?:facher )?-?stichproben-?t-?tests?",
            "t_two_sample": r"(?:two|independent)[- ]samples?(?: students?)?(?: t)?[- ]?tests?"
            r"|student(?:'s)? t[- ]tests?"
            r"|(?:zwei|2)-?stichproben-?t-?tests?",
            "unequal": r"(?:unequal|different) variances?|ungleiche[nr]? varianzen",
            "equal": r"(?:equal|same|pooled) variances?|gleiche[nr]? varianzen|pooled",
            "unpaired": r"unpaired|ungepaa?rte?[rn]?|unverbundene?[rn]?|unabhängige?[rn]?|independent",
            "paired": r"paired|matched|gepaa?rte?[rn]?|verbundene?[rn]?|abhängige?[rn]?|dependent",
            "t_test": r"t[- ]?tests?",
            "one_group": r"(?:one|single) sample|eine[rn]? (?:einzelne[rn]? )?stichprobe",
            "fourfold": r"vierfelder-?tafel|2 ?[x\u00d7] ?2(?:[- ]?table|[- ]?tabelle)?|fourfold table",
            "null": r"h0|h_0",
            "uncorrected": r"(?:without|no|ohne) (?:an? |the )?(?:yates\w*(?:'s)?|continuity|stetigkeits-?"
            r"|kontinuitäts-?) ?"
            r"(?:correction|korrektur)?",
            "corrected": r"(?:with|mit) (?:yates\w*(?:'s)?|continuity|stetigkeits-?|kontinuitäts-?) ?(?:correction"
            r"|korrektur)?",
            "other": _OTHER,
            "unit": UNIT,
        },
        unqualified(_tested),
        DATA
        | words(
            "compare compared comparing vergleiche vergleich verglichen using mithilfe beobachtete häufigkeiten"
            " würfels gleichverteilung passt observed counts frequencies die uniform"
            " before after vorher nachher davor danach significant significantly difference unterschied do run perform"
            " mittelwert mean hypothesized equal a b c d e contingency kontingenztafel tabelle tafel zeilen rows"
            " exakter"
            " exact exakte unterscheiden differ different sided level niveau signifikanz significance signifikant"
            " paare pairs came times faces rolls würfe student students"
        ),
        6,
        yes_or_no=True,
    ),
    Request(
        ("binomial",),
        {
            "alpha": _ALPHA,
            "p": r"(?i:p0?|probability|wahrscheinlichkeit|\u03c0)(?: (?:of|von))? ?[=:]? ?(?:0?[.,]\d{1,6}"
            r"|\d{1,3} ?/ ?\d{1,4}"
            r"|\d\d?(?:[.,]\d+)? ?%)(?!\w)"
            r"|(?<![\w.,/])(?:0[.,]\d{1,6}|[1-9]/\d{1,3}|\d\d?(?:[.,]\d+)? ?(?:%|(?i:percent|prozent)))(?!\w)",
            "n": r"(?<![\w.,/])\d{1,7}(?![\w/]|[.,]\d)",
        },
        {
            **_SIDES,
            "test": r"(?:exact )?binomial[- ]?tests?|(?:exakte[rn]? )?binomialtests?",
            "fair": r"one half|a half|(?:un)?fair(?:ness)?|unbiased|biased|fifty[- ]fifty|gezinkt|1 half|0\.5"
            r"|die hälfte",
            "other": _OTHER,
        },
        unqualified(_binomial),
        DATA
        | words(
            "successes trials out tosses heads tails coin fair erfolge versuchen versuche erfolgen flipped flips"
            " times got"
            " fair whether run exact how treffer kopf zahl münze würfe würfen mal my gave against half level niveau h0"
            " probability wahrscheinlichkeit success hits rolls sixes six rolled rolling würfelwürfen sechsen"
        ),
        5,
        yes_or_no=True,
    ),
)
