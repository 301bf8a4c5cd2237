"""Arguments and result of `business_days`."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.dates.days import DATE_FORMS, MAX_DATE_CHARS, DatedDay
from services.mcp.tools.pure.dates.holiday_calendar import (
    BUSINESS_RULE,
    HOLIDAY_CALENDAR,
    MAX_COUNTRY_CHARS,
    MAX_REGION_CHARS,
)

MAX_SPAN_DAYS = 36_600
MAX_BUSINESS_DAYS = 20_000
MAX_LISTED = 50
COUNT_RULE = "both ends count in business_days, the first one does not in after_start; negative if end is earlier"
ADD_RULE = "start does not count; 0 is start itself, or the next business day; negative numbers go back"


class BusinessDaysArguments(ToolModel):
    """A start, and either the end to count to or the number of business days to go."""

    start_date: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    end_date: str | None = Field(default=None, min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    days: int | None = Field(default=None, ge=-MAX_BUSINESS_DAYS, le=MAX_BUSINESS_DAYS)
    country: str = Field(default="DE", min_length=2, max_length=MAX_COUNTRY_CHARS, description="ISO 3166 code")
    region: str | None = Field(
        default=None, min_length=1, max_length=MAX_REGION_CHARS, description="ISO 3166-2 code or name: BY, Bayern"
    )


class SkippedHoliday(ToolModel):
    """A holiday that would have been a business day."""

    date: str
    weekday: str
    name: str
    estimated: bool = Field(description="Whether its date is estimated, as those of lunar calendars are")


class BusinessDaysResult(ToolModel):
    """The business days from start to end; `asked` says whether the end was given or found."""

    asked: Literal["count", "add"]
    start: DatedDay
    end: DatedDay
    business_days: int
    after_start: int
    calendar_days: int = Field(description="end - start in days")
    start_is_business_day: bool
    end_is_business_day: bool
    country: str
    region: str | None
    weekend: tuple[str, ...] = Field(description="At the time of start")
    skipped_count: int = Field(description="Holidays between start and end that are not on the weekend")
    skipped: tuple[SkippedHoliday, ...] = Field(description=f"The first {MAX_LISTED} of them")
    business_rule: str = BUSINESS_RULE
    rule: str
    calendar: str = HOLIDAY_CALENDAR
