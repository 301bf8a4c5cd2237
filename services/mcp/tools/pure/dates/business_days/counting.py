"""Counting business days, and finding the n-th."""

from datetime import date, timedelta

from services.mcp.contract import ToolError
from services.mcp.tools.pure.dates.business_days.models import (
    ADD_RULE,
    COUNT_RULE,
    MAX_LISTED,
    MAX_SPAN_DAYS,
    BusinessDaysArguments,
    BusinessDaysResult,
    SkippedHoliday,
)
from services.mcp.tools.pure.dates.calendar import read_date
from services.mcp.tools.pure.dates.days import dated_day
from services.mcp.tools.pure.dates.holiday_calendar import HolidayCalendar


def business_days(arguments: BusinessDaysArguments) -> BusinessDaysResult:
    """Count to the end, or find it. Raises ToolError."""
    calendar = HolidayCalendar(arguments.country, arguments.region)
    start = read_date(arguments.start_date, "start_date")
    calendar.check(start.year)
    end = _end(arguments, start, calendar)
    first, last = min(start, end), max(start, end)
    worked, skipped = _sorted_out(first, last, calendar)
    sign = -1 if end < start else 1
    starts, ends = calendar.is_business_day(start), calendar.is_business_day(end)
    return BusinessDaysResult(
        asked="count" if arguments.days is None else "add",
        start=dated_day(start),
        end=dated_day(end),
        business_days=sign * worked,
        after_start=sign * (worked - starts),
        calendar_days=(end - start).days,
        start_is_business_day=starts,
        end_is_business_day=ends,
        country=calendar.country,
        region=calendar.region,
        weekend=calendar.weekend(start),
        skipped_count=len(skipped),
        skipped=skipped[:MAX_LISTED],
        rule=COUNT_RULE if arguments.days is None else ADD_RULE,
    )


def _end(arguments: BusinessDaysArguments, start: date, calendar: HolidayCalendar) -> date:
    if (arguments.end_date is None) == (arguments.days is None):
        raise ToolError("invalid_argument", "give either end_date or days")
    if arguments.days is not None:
        return _walked(start, arguments.days, calendar)
    end = read_date(arguments.end_date or "", "end_date")
    calendar.check(end.year)
    if abs((end - start).days) > MAX_SPAN_DAYS:
        raise ToolError("limit_exceeded", f"days from start to end: the limit is {MAX_SPAN_DAYS}")
    return end


def _walked(start: date, days: int, calendar: HolidayCalendar) -> date:
    """n-th business day after start; before it if n is negative."""
    step = timedelta(days=-1 if days < 0 else 1)
    day, left = (start, abs(days)) if days else (start - step, 1)
    while left:
        day += step
        calendar.check(day.year)
        left -= calendar.is_business_day(day)
    return day


def _sorted_out(first: date, last: date, calendar: HolidayCalendar) -> tuple[int, tuple[SkippedHoliday, ...]]:
    """Number of working days, and the holidays on other days than the weekend's."""
    worked, skipped = 0, []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if calendar.is_business_day(day):
            worked += 1
        elif not calendar.is_weekend(day):
            skipped.append(_skipped(day, calendar))
    return worked, tuple(skipped)


def _skipped(day: date, calendar: HolidayCalendar) -> SkippedHoliday:
    shown, name = dated_day(day), calendar.name(day) or ""
    return SkippedHoliday(date=shown.date, weekday=shown.weekday, name=name, estimated=calendar.is_estimated(name))
