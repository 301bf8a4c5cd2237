"""Dates in the proleptic Gregorian calendar: what a written date means, and how far two are apart."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from services.mcp.tools.contract import ToolError

_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII),
)
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The way from one date to a later one in whole months, then days."""

    years: int
    months: int
    days: int


def read_date(text: str, argument: str) -> date:
    """Return the date of `2024-01-15`, `2024/01/15` or `15.01.2024`. Raises ToolError naming the argument."""
    stripped = text.strip()
    found = next((match for form in _FORMS if (match := form.fullmatch(stripped))), None)
    if found is None:
        raise _unreadable(stripped, argument)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError as error:
        raise ToolError("invalid_argument", f"{argument}: there is no such day in the years 0001 to 9999") from error


def calendar_span(earlier: date, later: date) -> Span:
    """Return the span from `earlier` to `later`: whole months first, a day that is missing falls on the month's end."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if _months_after(earlier, months) > later:
        months -= 1
    rest: timedelta = later - _months_after(earlier, months)
    return Span(years=months // 12, months=months % 12, days=rest.days)


def _months_after(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _unreadable(text: str, argument: str) -> ToolError:
    if _DAY_OR_MONTH_FIRST.fullmatch(text):
        return ToolError("ambiguous", f"{argument}: day or month may come first, write it as YYYY-MM-DD")
    return ToolError("invalid_argument", f"{argument}: not a date, write it as YYYY-MM-DD")
