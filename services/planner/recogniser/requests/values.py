"""Patterns of the values that requests take, and the readers that validate them."""

import re

from services.planner.recogniser.days import ANY_DAY, iso_date
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
DATE = rf"(?<![\w.])(?i:{ANY_DAY})(?![\w-])"
YEAR = r"(?<![\w.,/-])(?:19|20|21)\d\d(?![\w-]|[.,]\d)"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::00)?(?: ?(?i:[ap]m)(?!\w| \d\d?\.))?|(?:1[0-2]|[1-9]) ?(?i:[ap]m)(?!\w)"
CLOCK = rf"(?<![\w.:])(?:{_CLOCK})(?![\w:])"
_GAP = r"(?: (?:at|um|@|ab) |, ?(?:at |um )?|T| )"
MOMENT = (
    rf"(?<![\w.])(?i:{ANY_DAY}){_GAP}(?:{_CLOCK})(?:Z(?!\w)| ?(?:Uhr|h)(?!\w))?"
    rf"|(?<![\w.:])(?:{_CLOCK})(?: ?(?:Uhr|h)(?!\w))?(?: (?:on|am|of|vom|at|den)|,)? (?:the )?(?i:{ANY_DAY})(?![\w-])"
)
INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})(?!\w)"
ZONE = rf"(?<!\w)(?i:{ANY_ZONE})(?!\w)"
PLACE = rf"(?<!\w)(?i:{ANY_PLACE})(?!\w)"
NUMBER_WORD = "|".join(
    word for word in COUNT_WORD.split("|") if word[:2] not in ("a", "an", "on", "ei") or word == "eight"
)
COUNT = rf"(?<![\w.,])(?:\d{{1,6}}{END}|(?i:{NUMBER_WORD})(?!\w))"
_ENTRY = r"-?\d+(?:\.\d+|/\d+)?"
VECTOR = rf"\[ ?{_ENTRY}(?: ?[,;] ?{_ENTRY})* ?\]"
MATRIX = rf"\[ ?{VECTOR}(?: ?[,;] ?{VECTOR})* ?\]"

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::00)?(?: ?([ap])m)?", re.IGNORECASE)
_DAY = re.compile(ANY_DAY, re.IGNORECASE)


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
    return iso_date(text.lower().removeprefix("the "))


def moment_of(text: str) -> str | None:
    """YYYY-MM-DDThh:mm of a date and a time of day in any order."""
    found = _DAY.search(text)
    if found is None:
        return None
    date, rest = date_of(found.group()), text[: found.start()] + " " + text[found.end() :]
    clock = _TIME.search(rest.lstrip("T "))
    if date is None or clock is None:
        return None
    hours, minutes = int(clock[1]), int(clock[2] or 0)
    if clock[3]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if clock[3].lower() == "p" else 0)
    return f"{date}T{hours:02}:{minutes:02}" if hours < 24 else None


def count_of(text: str) -> int | None:
    return count(text.lower(), None)


def share_of(text: str, tongue: Tongue) -> float | None:
    """0.95 for `95 %`."""
    read = decimal(re.sub(r"[\s-]*(?:%|percent|prozent)[\s-]*", "", text, flags=re.IGNORECASE), tongue)
    return None if read is None or not 0 < float(read) < 100 else round(float(read) / 100, 6)
