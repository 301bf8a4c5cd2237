"""Numbers of a question as JSON values; None if a number has two readings."""

import re
from itertools import pairwise

from services.planner.recogniser.numerals import Tongue, read_numeral

MAX_DIGITS = 60

_SEPARATOR = re.compile(r"(?:,|;)? (?:and|und) ")
_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+")
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_MAY_BE_TWO = re.compile(r"\d{1,3},[1-9]\d{2}")  # 100,200 but not 1,000
_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "a an one ein eine einen einem einer",
            "two zwei",
            "three drei",
            "four vier",
            "five fünf",
            "six sechs",
            "seven sieben",
            "eight acht",
            "nine neun",
            "ten zehn",
            "eleven elf",
            "twelve zwölf",
        ),
        start=1,
    )
    for word in words.split()
}
COUNT_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))


def decimal(text: str, tongue: Tongue) -> str | None:
    """The number with a decimal point and without groups: `1.234,5` is `1234.5` in German."""
    numeral = read_numeral(text.removeprefix("-"), tongue)
    if numeral is None or len(numeral.whole) + len(numeral.fraction) > MAX_DIGITS:
        return None
    return ("-" if text.startswith("-") else "") + numeral.written(".")


def number(text: str, tongue: Tongue) -> int | float | None:
    """The number, if a JSON number represents it exactly as written; None otherwise."""
    written = decimal(text, tongue)
    if written is None:
        return None
    if "." not in written:
        return int(written)
    value = float(written)
    return value if format(value, "f").rstrip("0") == written.rstrip("0") else None


def whole(text: str, tongue: Tongue) -> int | None:
    """An integer, or None for anything else."""
    written = decimal(text, tongue)
    return None if written is None or "." in written else int(written)


def count(text: str, tongue: Tongue) -> int | None:
    """An integer, as digits or as a word up to twelve."""
    return _WORDS[text] if text in _WORDS else whole(text, tongue)


_SPACED_DECIMALS = re.compile(r"-?\d+,\d+(?: -?\d+,\d+){2,}")
_SPACED = re.compile(r"-?\d+(?:,\d+)?(?: -?\d+(?:,\d+)?)+")


def listed(text: str, tongue: Tongue) -> tuple[str, ...] | None:
    """The numbers of a list as decimals; None if its commas may be decimal commas, or if there are fewer than two.

    `;` or a comma and a space separate; so do commas alone, and spaces alone.
    """
    inner = text.strip()
    if inner[:1] in "[(" and inner[-1:] in "])":
        inner = inner[1:-1].strip()
    if (tongue == "de" and _SPACED.fullmatch(inner)) or (tongue is None and _SPACED_DECIMALS.fullmatch(inner)):
        inner = inner.replace(" ", "; ")
    both = _SEPARATOR.sub("; " if ";" in inner else ", ", inner)
    items = [item.strip() for item in _split(both, tongue)]
    read = [decimal(item, tongue) for item in items if item]
    kept = tuple(item for item in read if item is not None)
    return kept if len(kept) == len(items) >= 2 else None


def are_years(values: tuple[str, ...]) -> bool:
    """True for 2019, 2020, 2021, which name years."""
    numbers = [int(value) for value in values if _YEAR.fullmatch(value)]
    return len(numbers) == len(values) and all(second - first == 1 for first, second in pairwise(numbers))


_YEAR = re.compile(r"(?:19|20)\d\d")


def are_two(first: str, second: str, tongue: Tongue) -> bool:
    """True if `first` and `second` are one number each: `12,15 and 18` and `100,200 and 300` may be three."""
    grouped = [text for text in (first, second) if "," in text]
    if tongue == "de":
        return not grouped
    clear = len(grouped) == 2 or not any(_MAY_BE_TWO.fullmatch(text) for text in grouped)
    return clear and all(_THOUSANDS.fullmatch(text) for text in grouped)


def _split(text: str, tongue: Tongue) -> list[str]:
    if ";" in text:
        return text.split(";")
    if ", " in text:
        items = text.split(", ")
        is_clear = are_two(items[0], items[1], tongue) if len(items) == 2 else _are_grouped(items, tongue)
        return items if is_clear else []
    if "," in text:
        return [] if text.count(",") < 2 or _GROUPS.fullmatch(text) else text.split(",")
    return text.split()


def _are_grouped(items: list[str], tongue: Tongue) -> bool:
    """True if every remaining comma separates thousands."""
    return all("," not in item or (tongue == "en" and _THOUSANDS.fullmatch(item)) for item in items)
