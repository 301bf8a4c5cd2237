"""Converts number words to digits, in English and German: `a hundred and five`, `vierundzwanzig`, `two thirds`."""

import re
from itertools import pairwise

from services.planner.recogniser.unit_names import unit_of

_ENGLISH = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_GERMAN = {
    "null": 0, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_GERMAN_TENS = {
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_GERMAN_UNIT = "|".join(sorted(("ein", *_GERMAN), key=len, reverse=True))
_GERMAN_BELOW_HUNDRED = re.compile(rf"(?:(?P<unit>{_GERMAN_UNIT})und)?(?P<tens>{'|'.join(_GERMAN_TENS)})")
_GERMAN_PIECES = (*_GERMAN, "zig", "dreiß", "dreiss", "hundert", "tausend")  # every number word contains one
_FRACTIONS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "sixth": 6,
    "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8, "ninth": 9, "ninths": 9,
    "tenth": 10, "tenths": 10, "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "siebtel": 7, "achtel": 8,
    "neuntel": 9, "zehntel": 10,
}  # fmt: skip
_ONE = r"(?:one|an?|eine?[nmrs]?)"
_WORD = "|".join((*_ENGLISH, *_TENS, *_SCALES))
_RUN = re.compile(rf"(?<![\w-])(?:an? (?=hundred|thousand|million))?(?:{_WORD})(?:(?:-| and | )(?:{_WORD}))*(?![\w-])")
_SINGLE = re.compile(r"(?<![\w-])[a-zäöüß]{3,40}(?![\w-])")
_PARTS = re.compile(
    rf"(?<![\w-])(\d+|{_ONE}) ({'|'.join(_FRACTIONS)})(?: of)?"
    r"(?= (?:plus|minus|times|and|und|mal|divided|away from|from|as a|als)(?!\w)"
    r"|,? (?:bitte|please)|[,?.!]+ |[?.!]*$)"
)
_PARTS_OF = re.compile(rf"(?<![\w/.,-])([2-9]|[1-9]\d) ({'|'.join(_FRACTIONS)}) (?:of|von) (?=\d)")
_AND_A_HALF = re.compile(r"(?<![\w.,-])(\d+) (?:and a half|einhalb|und ein halbe[rsn]?)(?!\w)")
_HALF = re.compile(
    rf"(?<![\w-])(?:half (?:of )?an?|(?:{_ONE} )?half(?= [^\W\d_]{{2,}} (?:to|in|into))|{_ONE} halbe[nrs]?"
    rf"|halbe[nrs]?)(?= [^\W\d_])"
)
_ORDINALS = {
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_POWER = re.compile(rf"to the ({'|'.join(_ORDINALS)})(?: power)?(?!\w)")
_POINT = re.compile(r"(?<![\w.,-])(\d+) (?:point|komma) (\d(?: \d)*)(?![\w.,])")
_ONE_OF_A_UNIT = re.compile(rf"(?<![\w-]){_ONE} (?=([^\W\d_]{{2,}}(?: [^\W\d_]{{2,}})?))")


def with_digits(text: str) -> str:
    """Replace number words of a lower-case text by digits; `one` alone stays, because it is also a pronoun."""
    text = _RUN.sub(lambda found: _english(found.group()), text)
    text = _POWER.sub(lambda found: f"to the power of {_ORDINALS[found[1]]}", text)
    if any(piece in text for piece in _GERMAN_PIECES):
        text = _SINGLE.sub(lambda found: _german(found.group()), text)
    text = _AND_A_HALF.sub(r"\1.5", text.replace("anderthalb ", "1.5 "))
    text = _POINT.sub(lambda found: f"{found[1]}.{found[2].replace(' ', '')}", text)
    text = _PARTS_OF.sub(lambda found: f"{found[1]}/{_FRACTIONS[found[2]]} * ", text)
    text = _PARTS.sub(lambda found: f"{found[1] if found[1].isdigit() else 1}/{_FRACTIONS[found[2]]}", text)
    return _ONE_OF_A_UNIT.sub(_one, _HALF.sub("0.5", text))


def _one(found: re.Match[str]) -> str:
    words = found[1]
    return "1 " if unit_of(words) is not None or unit_of(words.split(" ")[0]) is not None else found.group()


def _english(run: str) -> str:
    """The number of a run of words; the words unchanged if they are several numbers, or `one` alone."""
    words = run.replace("-", " ").split()
    if words == ["one"] or words[-1] == "and":
        return run
    total = group = 0
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if word in ("a", "an"):
            group = 1
        elif word == "and" or word in _ENGLISH or word in _TENS:
            if not _may_follow(word, before, place):
                return _several(words)
            group += _ENGLISH.get(word, _TENS.get(word, 0))
        elif word == "hundred":
            group = (group or 1) * 100
        else:
            total, group = total + (group or 1) * _SCALES[word], 0
    return str(total + group)


def _may_follow(word: str, before: str, place: int) -> bool:
    if not place or before in _SCALES or (before == "and"):
        return word != "and" or before in _SCALES
    return before in _TENS and 0 < _ENGLISH.get(word, 0) < 10


def _several(words: list[str]) -> str:
    """Convert adjacent numbers, such as `six and eight` and `three five ten`, one by one."""
    found: list[str] = []
    rest = words
    while rest:
        size = next((size for size in range(len(rest), 0, -1) if _is_one(rest[:size])), 1)
        found.append(_english(" ".join(rest[:size])) if rest[0] != "and" else "and")
        rest = rest[size:]
    return " ".join(found)


def _is_one(words: list[str]) -> bool:
    if "and" in (words[0], words[-1]) or not set(words) <= {*_ENGLISH, *_TENS, *_SCALES, "and", "a", "an"}:
        return False
    return all(
        second in _SCALES
        or (second == "and" and first in _SCALES)
        or (first in (*_SCALES, "and"))
        or (first in _TENS and 0 < _ENGLISH.get(second, 0) < 10)
        for first, second in pairwise(words)
    )


def _german(word: str) -> str:
    number = _german_below_million(word)
    return word if number is None else str(number)


def _german_below_million(word: str) -> int | None:
    for name, scale in (("tausend", 1_000), ("hundert", 100)):
        before, found, after = word.partition(name)
        if found:
            first = 1 if before in ("", "ein") else _german_below_million(before)
            rest = 0 if not after else _german_below_million(after.removeprefix("und"))
            return None if first is None or rest is None or first * scale >= 10**6 else first * scale + rest
    if word in _GERMAN:
        return _GERMAN[word]
    below = _GERMAN_BELOW_HUNDRED.fullmatch(word)
    if below is None:
        return None
    unit = below["unit"]
    return _GERMAN_TENS[below["tens"]] + (0 if unit is None else 1 if unit == "ein" else _GERMAN[unit])
