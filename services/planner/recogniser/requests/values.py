"""Patterns of the values that requests take, and the readers that validate them."""

import re
from collections.abc import Sequence
from datetime import date

from services.planner.recogniser.days import ANY_DAY, MONTH_NAMES, iso_date
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.numbers import COUNT_WORD, count, decimal, listed
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.places import ANY_PLACE, ANY_ZONE

END = r"(?![\w]|[.,]\d)"
WHOLE = rf"(?<![\w.,-])\d+(?:[.,]\d{{3}})*{END}"
NUMBER = rf"(?<![\w.,])-?\d+(?:[.,]\d+)*{END}"
_ITEM = r"-?\d+(?:[.,]\d+)*(?![\w%/])"
_SLASHED = rf"(?<![\w.,]){_ITEM}(?: / {_ITEM}){{2,}}"
LIST = rf"{_SLASHED}|(?<![\w.,])[\[(]?{_ITEM}(?:(?: ?[;,|] ?(?:(?:and|und) )?| (?:and|und|&) |[ \t]){_ITEM})+[\])]?"
# several lists follow each other, so `and` is between them
ROW = rf"{_SLASHED}|(?<![\w.,])[\[(]?{_ITEM}(?:(?: ?[;,|] ?|[ \t]){_ITEM})+[\])]?"
QUOTED = MARK
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)(?=[,. ])"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|(?:mo|di|mi|do|fr|sa|so)(?=[,.]))"
)
_ON_A_WEEKDAY = rf"(?:{_WEEKDAY}[,.]? (?:the |den |dem |der )?)?"
DATE = rf"(?<![\w.])(?i:{_ON_A_WEEKDAY}(?:{ANY_DAY}))(?!\w|-(?!\d{{1,2}}\.\d))"
_LINK = r"(?: ?[-\u2013\u2014] ?| (?:to|until|till|through|thru|and|bis|und)(?: zum| dem| den| the)? )"
_MONTH_NAME = rf"(?:{MONTH_NAMES})\.?"
# the first day of a span that shares its month or year with the last one: `vom 1. bis 15.05.2025`
_PART = (
    rf"(?<![\w.,/:-])(?i:\d{{1,2}}\.\d{{1,2}}\.|\d{{1,2}}(?:st|nd|rd|th|\.)?(?: {_MONTH_NAME})?"
    rf"|{_MONTH_NAME} \d{{1,2}}(?:st|nd|rd|th)?)(?={_LINK}(?i:{ANY_DAY})(?!\w))"
)
SPANNED = rf"{DATE}|{_PART}"
YEAR = r"(?<![\w.,/-])(?:19|20|21)\d\d(?![\w-]|[.,]\d)"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::00)?(?: ?(?i:[ap]m)(?!\w| \d\d?\.))?|(?:1[0-2]|[1-9]) ?(?i:[ap]m)(?!\w)"
_NAMED_CLOCK = r"(?i:noon|midday|midnight|mitternacht)(?!\w)"
CLOCK = rf"(?<![\w.:])(?:{_CLOCK})(?![\w:])"
_GAP = r"(?: (?:at|um|@|ab) |, ?(?:at |um )?|T| )"
MOMENT = (
    rf"(?<![\w.])(?i:{ANY_DAY}){_GAP}(?:{_CLOCK}|{_NAMED_CLOCK})(?:Z(?!\w)| ?(?:Uhr|h)(?!\w))?"
    rf"|(?<![\w.:])(?:{_CLOCK})(?: ?(?:Uhr|h)(?!\w))?(?: (?:on|am|of|vom|at|den)|,)? (?:the )?(?i:{ANY_DAY})(?![\w-])"
)
INSTANT = r"(?<![\w-])\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})(?!\w)"
ZONE = rf"(?<!\w)(?i:{ANY_ZONE})(?:(?!\w)|er(?= (?:Orts|Uhr)?(?:Zeit|zeit)(?!\w)))"
PLACE = rf"(?<!\w)(?i:{ANY_PLACE})(?!\w)"
NUMBER_WORD = "|".join(
    word for word in COUNT_WORD.split("|") if word[:2] not in ("a", "an", "on", "ei") or word == "eight"
)
COUNT = rf"(?<![\w.,])(?:\d{{1,6}}{END}|(?i:{NUMBER_WORD})(?!\w))"
_ORDINALS = {
    name: number
    for number, names in enumerate(
        (
            "first erste", "second zweite", "third dritte", "fourth vierte", "fifth fünfte", "sixth sechste",
            "seventh siebte", "eighth achte", "ninth neunte", "tenth zehnte", "eleventh elfte", "twelfth zwölfte",
            "thirteenth dreizehnte", "fourteenth vierzehnte", "fifteenth fünfzehnte", "twentieth zwanzigste",
        ), start=1
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS |= {"twentieth": 20, "zwanzigste": 20}
ORDINAL = rf"(?<![\w.,])(?:\d{{1,3}}(?:\.|st|nd|rd|th)|(?i:(?:{'|'.join(_ORDINALS)})[nrs]?)(?!\w))"
_ENTRY = r"-?\d+(?:\.\d+|/\d+)?"
VECTOR = rf"\[ ?{_ENTRY}(?: ?[,;] ?{_ENTRY})* ?\]"
MATRIX = rf"\[ ?{VECTOR}(?: ?[,;] ?{VECTOR})* ?\]"

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::00)?(?: ?([ap])m)?", re.IGNORECASE)
_NAMES_OF_HOURS = re.compile(_NAMED_CLOCK)
_DAY = re.compile(ANY_DAY, re.IGNORECASE)
_BEFORE_A_DAY = re.compile(rf"{_ON_A_WEEKDAY}(?:the )?")


def numbers_of(text: str, tongue: Tongue) -> tuple[str, ...] | None:
    """The numbers of a list, as decimals with a point."""
    return listed(text.replace(" ;", ";").replace("|", ";").replace(" /", ";").strip(" ,"), tongue)


def several_lists(text: str) -> list[str]:
    """The lists of `1, 2, 3; 4, 5, 6`; the text alone if `;` is between its numbers."""
    parts = [part.strip() for part in text.strip("[]() ").split(";")]
    return parts if len(parts) > 1 and all(_APART.search(part) for part in parts) else [text]


_APART = re.compile(r"\d,? -?\d")


def last_number(text: str, tongue: Tongue) -> str | None:
    """The number at the end of a labelled value: 4.1 of `mean = 4.1`."""
    found = _AT_THE_END.search(text)
    return None if found is None else decimal(found.group(), tongue)


_AT_THE_END = re.compile(r"(?<![\d.,])-?\d+(?:[.,]\d+)*$")


def date_of(text: str) -> str | None:
    return iso_date(_BEFORE_A_DAY.sub("", text.lower(), count=1))


def span_of(texts: Sequence[str]) -> list[str | None]:
    """The dates of `SPANNED` texts; a day without a month or a year has those of the next date."""
    return [
        date_of(text) or _in_the_span(text.lower(), following)
        for text, following in zip(texts, [*(date_of(text) for text in texts[1:]), None], strict=False)
    ]


def _in_the_span(text: str, last: str | None) -> str | None:
    if last is None:
        return None
    end = date.fromisoformat(last)
    number, name = re.search(r"\d+", text), re.search(r"[a-zä]{3,}", text)
    month = re.fullmatch(r"\d+\.(\d+)\.", text)
    day = f"{number[0] if number else ''}."
    if month is None and name is None:
        start = date_of(f"{day}{end.month}.{end.year}")
        return start if start is not None and start < last else None
    years = (end.year, end.year - 1)
    starts = (date_of(f"{text}{year}" if month else f"{day} {name[0] if name else ''} {year}") for year in years)
    return next((start for start in starts if start is not None and start < last), None)


def moment_of(text: str) -> str | None:
    """YYYY-MM-DDThh:mm of a date and a time of day in any order."""
    found = _DAY.search(text)
    if found is None:
        return None
    day, rest = date_of(found.group()), text[: found.start()] + " " + text[found.end() :]
    rest = _NAMES_OF_HOURS.sub(lambda name: "12:00" if name[0].lower() in ("noon", "midday") else "0:00", rest)
    clock = _TIME.search(rest.lstrip("T "))
    if day is None or clock is None:
        return None
    hours, minutes = int(clock[1]), int(clock[2] or 0)
    if clock[3]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if clock[3].lower() == "p" else 0)
    return f"{day}T{hours:02}:{minutes:02}" if hours < 24 else None


def ordinal_of(text: str) -> int | None:
    """The number of `8th`, `8.`, `eighth`, `achten`."""
    if digits := re.match(r"\d+", text):
        return int(digits[0])
    name = text.lower()
    return _ORDINALS.get(name) or _ORDINALS.get(name[:-1])


def count_of(text: str) -> int | None:
    return count(text.lower(), None)


def share_of(text: str, tongue: Tongue) -> float | None:
    """0.95 for `95 %`."""
    read = decimal(re.sub(r"[\s-]*(?:%|percent|prozent)[\s-]*", "", text, flags=re.IGNORECASE), tongue)
    return None if read is None or not 0 < float(read) < 100 else round(float(read) / 100, 6)
