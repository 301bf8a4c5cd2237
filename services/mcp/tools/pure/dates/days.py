"""A day as tools of this family show it in their results."""

from datetime import date
from typing import Literal

from services.mcp.contract import Limit, ToolModel
from services.mcp.tools.pure.dates.names import weekday_name

MAX_DATE_CHARS = 40
DATE_CHARS = Limit(name="date_chars", value=MAX_DATE_CHARS, unit="characters")
DATE_FORMS = "YYYY-MM-DD, YYYY/MM/DD, DD.MM.YYYY or with the month's name; years 0001 to 9999"

CalendarSystem = Literal["proleptic_gregorian"]


class DatedDay(ToolModel):
    """A date with its weekday; Monday is 1, as in ISO 8601."""

    date: str
    weekday: str
    iso_weekday: int


def dated_day(day: date) -> DatedDay:
    return DatedDay(date=day.isoformat(), weekday=weekday_name(day, "en"), iso_weekday=day.isoweekday())
