"""The chance of a number of successes, and of one draw."""

import re
from fractions import Fraction

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.values import COUNT, NUMBER_WORD, count_of

_ORDINALS = (
    ("second zweite", 2), ("third dritte", 3), ("fourth vierte", 4), ("fifth fünfte", 5), ("sixth sechste", 6),
    ("seventh siebte", 7), ("eighth achte", 8), ("ninth neunte", 9), ("tenth zehnte", 10), ("twelfth zwölfte", 12),
    ("twentieth zwanzigste", 20), ("fiftieth fünfzigste", 50), ("hundredth hundertste", 100),
)  # fmt: skip
_BY_ORDINAL = {name: number for names, number in _ORDINALS for name in names.split()}
_SHARE = (
    rf"(?i:(?:1|one|eine[rmns]?|an?) (?:in|out of|von|aus) (?:\d{{1,4}}|{NUMBER_WORD})(?!\w)"
    rf"|(?:every|each|jede[rsmn]?) (?:\d{{1,3}}(?:st|nd|rd|th|\.)|(?:{'|'.join(_BY_ORDINAL)})[rsnm]?)(?!\w))"
    r"|(?<![\w.,/])\d{1,3}/\d{1,4}(?![\w/])|(?<![\w.,])\d{1,2}(?:[.,]\d+)? ?(?:%|(?i:percent|per cent|prozent)(?!\w))"
    r"|(?<!\w)p ?= ?0?[.,]\d+(?!\w)|(?<![\w.,])0[.,]\d{1,4}(?!\w|[.,]\d)"
)
_ONE = r"(?:one|once|twice|an?|eine?[nrms]?|einmal)"
_TIMES = rf"(?:(?:{NUMBER_WORD})mal|\d{{1,4}}mal)"
_SOME = rf"(?:{_TIMES}|\d{{1,4}}|{NUMBER_WORD}|{_ONE})"
_BOUNDS: tuple[tuple[str, str, int], ...] = (
    (r"(?:at least|no fewer than|no less than|a minimum of|mindestens|wenigstens) ", "binomial_at_least", 0),
    (r"(?:at most|no more than|up to|a maximum of|höchstens|maximal|nicht mehr als) ", "binomial_at_most", 0),
    (r"(?:more than|over|mehr als) ", "binomial_at_least", 1),
    (r"(?:fewer than|less than|weniger als) ", "binomial_at_most", -1),
    (r"(?:exactly|precisely|genau|exakt) ", "binomial", 0),
)
_BOUND = "|".join(f"{before}{_SOME}" for before, _, _ in _BOUNDS)
_OR_MORE = rf"(?:{_SOME}) (?:or|oder) (?:more|mehr|fewer|less|weniger)"
_NOUN = (
    r"(?: (?!(?i:of|at|or|and|in|mal|times|von|aus|oder|und|is|are|with|to|on|bei|sind|ist|davon|coins?|dice|münz\w+"
    r"|würfel\w*|heads?|tails?|kopf|zahl|six\w*|sechs\w*|fair\w*|rolls?|flips?|toss\w*|throws?)(?!\w))[^\W\d_]{3,24})?"
)
_COUNTED = rf"(?:{COUNT}|(?<!\w)(?i:{_TIMES})(?!\w)){_NOUN}"


def _count(text: str) -> int | None:
    """3 for `3`, `three`, `dreimal` and `3 tickets`."""
    first = text.lower().split()[0].removesuffix("mal")
    return {"once": 1, "twice": 2, "ein": 1}.get(first) or count_of(first)


def _share_of(text: str) -> Fraction | None:
    """1/20 for `one in twenty`, `every 20th`, `5 %` and `0.05`."""
    lowered = text.lower()
    if "%" in lowered or "cent" in lowered or "prozent" in lowered:
        read = decimal(re.sub(r"[^\d.,]", "", lowered), "de" if "," in lowered else "en")
        return None if read is None else Fraction(read) / 100
    if re.fullmatch(r"(?:p ?= ?)?0?[.,]\d+", lowered):
        return Fraction("0." + re.split("[.,]", lowered)[1])
    if "/" in lowered:
        above, below = lowered.split("/")
        return Fraction(int(above), int(below)) if int(below) else None
    last = lowered.split()[-1]
    number = next((number for name, number in _BY_ORDINAL.items() if last.startswith(name)), None)
    number = number or count_of(re.sub(r"(?<=\d)(?:st|nd|rd|th|\.)$", "", last))
    return Fraction(1, number) if number else None


def _bound_of(reading: Reading) -> tuple[str, int] | None:
    """The operation and the number of successes of `at least 3`, `3 or more` and `more than 2`."""
    if text := reading.only("or_more").lower():
        number = _count(text)
        how = "binomial_at_least" if text.endswith(("more", "mehr")) else "binomial_at_most"
        return None if number is None else (how, number)
    text = reading.only("bound").lower()
    for before, operation, step in _BOUNDS if text else ():
        if found := re.match(before, text):
            number = _count(text[found.end() :])
            return None if number is None else (operation, number + step)
    return None


def _chance_of(reading: Reading) -> Fraction | None:
    """The probability of one success."""
    source = reading.one_of("coin", "die")
    if reading.all("share"):
        return None if source else _share_of(reading.only("share") or "x")
    is_side = reading.has("side")  # a die has `Zahlen`, of which none is named
    if not source or {"coin", "die"} <= set(reading.keys) or (not is_side if source == "coin" else is_side):
        return None
    if source == "die" and not reading.has("face"):
        return None
    return Fraction(1, 2 if source == "coin" else 6)


_GOOD = re.compile(
    r"(?<!\w)(?:hits?|wins?|gewinn\w*|right|correct\w*|richtig\w*|works?|working|ok|okay|good|gute?[nrs]?|success\w*"
    r"|treffer|trifft|made|pass(?:es|ed)?|funktion\w*|bestehen|besteht)(?!\w)",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"(?<!\w)(?:miss(?:es|ed)?|nieten?|blanks?|wrong|falsch\w*|fail\w*|defe[ck]t\w*|faulty|broken|kaputt\w*|fehlerhaft\w*"
    r"|daneben|fehlwürfe|durchfallen)(?!\w)",
    re.IGNORECASE,
)


def _successes(reading: Reading) -> ToolCall | None:
    """Without `at least` or `at most`, the number of trials is the larger of two numbers."""
    chance, bound = _chance_of(reading), _bound_of(reading)
    numbers = [_count(text) for text in reading.all("n")]
    if chance is None or not 0 < chance < 1 or None in numbers or reading.has("other") or not reading.has("chance"):
        return None
    if _GOOD.search(reading.text) is not None and _BAD.search(reading.text) is not None:
        return None  # the share may be of the other one
    known = sorted(number for number in numbers if number is not None)
    has_bound = bool(reading.all("bound") or reading.all("or_more"))
    if has_bound and bound is not None and len(known) == 1:
        (operation, k), n = bound, known[0]
    elif not has_bound and len(known) == 2:
        operation, (k, n) = "binomial", known
    else:
        return None
    if not 0 <= k <= n:
        return None
    return ToolCall("exact_probability", {
        "operation": operation, "n": n, "k": k, "numerator": chance.numerator, "denominator": chance.denominator,
    })  # fmt: skip


_KINDS = (
    "red rot", "blue blau", "green grün", "yellow gelb", "black schwarz", "white weiß", "orange", "purple violet lila",
    "pink rosa", "brown braun", "defective faulty broken bad defekt kaputt fehlerhaft", "winning win gewinn prize",
    "blank losing niete",
)  # fmt: skip
_STEMS = {stem: place for place, stems in enumerate(_KINDS) for stem in stems.split()}
_KIND = rf"(?i:(?:{'|'.join(sorted(_STEMS, key=len, reverse=True))})(?:e[rnms]?|n|s|lose)?)"
_OF_A_KIND = rf"{COUNT}(?: (?i:of (?:them|which|these|those)|davon|darunter))?(?: (?i:are|is|sind|ist))? {_KIND}(?!\w)"


_PART = re.compile(r"\b(?:of (?:them|which|these|those)|davon|darunter)\b", re.IGNORECASE)


def _kind_of(text: str) -> int:
    lowered = text.lower().split()[-1]
    return next(place for stem, place in _STEMS.items() if lowered.startswith(stem))


def _is_part(reading: Reading) -> bool:
    """Whether the counted kinds are told to be of the total: `48 balls, 18 of them are blue`."""
    return reading.has("part") or any(_PART.search(text) for text in reading.all("counted"))


def _drawn(reading: Reading) -> ToolCall | None:
    """One draw: the number of the kind that is asked for, and the total that is named, or the sum of all kinds."""
    counts: dict[int, int] = {}
    for text in reading.all("counted"):
        number = count_of(text.lower().split()[0])
        if number is None or _kind_of(text) in counts:
            return None
        counts[_kind_of(text)] = number
    asked = {_kind_of(text) for text in reading.all("kind")}
    totals = [_count(text) for text in reading.all("n")]
    if len(asked) != 1 or not asked <= counts.keys() or not reading.has("chance") or reading.has("other"):
        return None
    part, known = counts[next(iter(asked))], sum(counts.values())
    if not totals and len(counts) > 1:
        total = known
    elif len(totals) == 1 and totals[0] is not None and (_is_part(reading) or known == totals[0]):
        total = totals[0]
    else:
        return None
    if not 0 < known <= total:
        return None
    return ToolCall("exact_probability", {"operation": "fraction", "numerator": part, "denominator": total})


_CHANCE = (
    r"chances?|probability|likelihood|odds|how likely|wahrscheinlich(?:keit)?|wie wahrscheinlich(?: ist)?|p(?= ?\()"
)
_OTHER = (
    r"in a row|consecutive\w*|hintereinander|nacheinander|successive\w*|replacement|zurücklegen|sums?|summe|augensumme"
    r"|both|beide[nrs]?|expected|erwartet\w*|erwartungswert|variance|varianz|average|mean|given|unless"
    r"|even|odd|gerade|ungerade|either|between|zwischen|first|last|erste[nrs]?|letzte[nrs]?|versus|vs|difference|simulate|pasch|doubles"
)
_CUES = ("chance", "probab", "likel", "odds", "wahrscheinlich")
_OF_CHANCES = words(
    "gets lost parcels pakete ship shipped answers correct right tossed tosses toss flips flipped flip rolled roll"
    " rolls throws thrown times mal gets see getting get geworfen"
    " würfen wurf bei würfe werfen werfe geworfen wirft landing shows fair faire random zufällig randomly drawing"
    " draw drawn picking pick picked ziehen ziehe gezogen gezogene zu eine einen bag beutel urn urne box kiste"
    " contains holds enthält factory beim among balls marbles kugeln kugel ball marble fraction"
    " reduced gekürzter bruch simplified lose lot lots ticket"
    " tickets buy buys bought kaufe kauft parts bulbs items produced machine maschine teile produziert win wins gewinne"
    " defective faulty broken defekt kaputt fehlerhaft success successes erfolge treffer trials versuche independent"
    " unabhängige unabhängigen error fehler questions fragen guess test multiple-choice shot shots hit hits trifft them"
    " sample stichprobe liegen liegt davon darunter genau exactly each jeweils says we"
)
REQUESTS = (
    Request(
        _CUES,
        {
            "bound": rf"(?<!\w)(?i:{_BOUND})(?!\w|[.,/]\d)",
            "or_more": rf"(?<!\w)(?i:{_OR_MORE})(?!\w)",
            "share": _SHARE,
            "n": _COUNTED,
        },
        {
            "other": _OTHER,
            "chance": _CHANCE,
            "coin": r"(?:fair |faire[nr]? )?(?:coins?|münzen?|coin (?:tosse?s?|flips?)"
            r"|münzw[uü]rfe?n?)(?: that is fair)?",
            "die": r"(?:fair |faire[nrms]? |six-sided |normale[nrms]? )?(?:dice"
            r"|(?:(?<=a )|(?<=the )|(?<=one )|(?<=fair )|(?<=sided ))die"
            r"|würfel[ns]?|würfelwürfen?)(?= |[?.,:]|$)(?: rolls?| throws?)?",
            "side": r"heads?|tails?|kopf|zahl",
            "face": r"sixes|six|sechs|sechsen|sechser|fives|fours|threes|ones"
            r"|6(?:er|s)?(?=[?.,]|$)",
        },
        _successes,
        _OF_CHANCES,
        5,
    ),
    Request(
        _CUES,
        {"counted": rf"(?<![\w.,]){_OF_A_KIND}", "kind": rf"(?<!\w){_KIND}(?!\w)", "n": _COUNTED},
        {
            "other": _OTHER,
            "chance": _CHANCE,
            "part": r"of (?:them|which|these|those)|davon|darunter",
        },
        _drawn,
        _OF_CHANCES,
        3,
    ),
)
