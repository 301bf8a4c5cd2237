"""Dates in the proleptic Gregorian calendar: parsing, and distances."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from services.mcp.contract import ToolError
from services.mcp.tools.pure.dates.names import MONTHS

_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<day>[0-9]{1,2})(?:\.|st|nd|rd|th)? (?:of )?(?P<name>[a-zä]{3,9})\.?,? (?P<year>[0-9]{4})"),
    re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})"),
)
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}", re.ASCII)
_MONTHS = {
    name: number
    for language in MONTHS.values()
    for number, month in enumerate(language, 1)
    for name in (month.lower(), month.lower()[:3])
} | {"sept": 9, "mrz": 3, "maerz": 3, "jänner": 1, "jaenner": 1, "feber": 2}


@dataclass(frozen=True, slots=True)
class Span:
    """Distance from one date to a later one in whole months, then days."""

    years: int
    months: int
    days: int


def read_date(text: str, argument: str) -> date:
    """Date of `2024-01-15`, `2024/01/15`, `15.01.2024`, `15. Januar 2024` or `January 15, 2024`.

    Raises ToolError, which names the argument.
    """
    stripped = " ".join(text.lower().split())
    found = next((match for form in _FORMS if (match := form.fullmatch(stripped))), None)
    month = _month(found) if found else None
    if found is None or month is None:
        raise _unreadable(stripped, argument)
    try:
        return date(int(found["year"]), month, int(found["day"]))
    except ValueError as error:
        raise ToolError("invalid_argument", f"{argument}: there is no such day in the years 0001 to 9999") from error


def _month(found: re.Match[str]) -> int | None:
    parts = found.groupdict()
    return int(parts["month"]) if parts.get("month") else _MONTHS.get(parts["name"])


def calendar_span(earlier: date, later: date) -> Span:
    """Span from `earlier` to `later`: whole months first, a day that is missing falls on the month's end."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if months_after(earlier, months) > later:
        months -= 1
    rest: timedelta = later - months_after(earlier, months)
    return Span(years=months // 12, months=months % 12, days=rest.days)


def months_after(start: date, months: int) -> date:
    """Same day of a later or earlier month, or its last day. Raises ValueError outside 0001 to 9999."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _unreadable(text: str, argument: str) -> ToolError:
    if _DAY_OR_MONTH_FIRST.fullmatch(text):
        return ToolError("ambiguous", f"{argument}: day or month may come first, write it as YYYY-MM-DD")
    return ToolError("invalid_argument", f"{argument}: not a date, write it as YYYY-MM-DD")
