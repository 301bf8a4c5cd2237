"""Arguments and result of `date_diff`."""

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.dates.days import DATE_FORMS, MAX_DATE_CHARS, CalendarSystem, DatedDay

DAY_RULE = "days = date2 - date1: the first day does not count, the last one does; negative if date2 is earlier"
SPAN_RULE = (
    "whole months from the earlier date, a day that the month does not have falls on its last day; then the days left"
)


class DateDiffArguments(ToolModel):
    """Two dates."""

    date1: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    date2: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)


class WeeksAndDays(ToolModel):
    weeks: int
    days: int


class YearsMonthsDays(ToolModel):
    years: int
    months: int
    days: int


class DateDiffResult(ToolModel):
    """The distance, counted in three ways. Only `days` has a sign."""

    date1: DatedDay
    date2: DatedDay
    days: int = Field(description="date2 - date1 in days; negative if date2 is earlier")
    absolute_days: int
    weeks_and_days: WeeksAndDays
    calendar: YearsMonthsDays
    calendar_system: CalendarSystem = "proleptic_gregorian"
    day_rule: str = DAY_RULE
    calendar_rule: str = SPAN_RULE
