"""`date_diff`: how far apart two dates are."""

from datetime import date

from services.mcp.tools.contract import Bilingual, ErrorExample, Example, Limit, Tool
from services.mcp.tools.date_diff.answer import FOCUSES, phrase
from services.mcp.tools.date_diff.calendar import calendar_span, read_date
from services.mcp.tools.date_diff.models import (
    DAY_RULE,
    MAX_DATE_CHARS,
    SPAN_RULE,
    DatedDay,
    DateDiffArguments,
    DateDiffResult,
    WeeksAndDays,
    YearsMonthsDays,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date_diff(arguments: DateDiffArguments) -> DateDiffResult:
    """Return the distance from date1 to date2. Raises ToolError."""
    first, second = read_date(arguments.date1, "date1"), read_date(arguments.date2, "date2")
    days = (second - first).days
    span = calendar_span(min(first, second), max(first, second))
    return DateDiffResult(
        date1=_dated(first),
        date2=_dated(second),
        days=days,
        absolute_days=abs(days),
        weeks_and_days=WeeksAndDays(weeks=abs(days) // 7, days=abs(days) % 7),
        calendar=YearsMonthsDays(years=span.years, months=span.months, days=span.days),
    )


def _dated(day: date) -> DatedDay:
    return DatedDay(date=day.isoformat(), weekday=_WEEKDAYS[day.weekday()], iso_weekday=day.isoweekday())


DATE_DIFF = Tool(
    name="date_diff",
    description=Bilingual(
        en="Days, weeks and calendar months between two dates",
        de="Tage, Wochen und Kalendermonate zwischen zwei Daten",
    ),
    arguments=DateDiffArguments,
    result=DateDiffResult,
    run=date_diff,
    answer=phrase,
    limits=(Limit(name="date_chars", value=MAX_DATE_CHARS, unit="characters"),),
    example=Example(
        args={"date1": "2024-01-15", "date2": "2024-03-10"},
        result={
            "date1": {"date": "2024-01-15", "weekday": "Monday", "iso_weekday": 1},
            "date2": {"date": "2024-03-10", "weekday": "Sunday", "iso_weekday": 7},
            "days": 55,
            "absolute_days": 55,
            "weeks_and_days": {"weeks": 7, "days": 6},
            "calendar": {"years": 0, "months": 1, "days": 24},
            "calendar_system": "proleptic_gregorian",
            "day_rule": DAY_RULE,
            "calendar_rule": SPAN_RULE,
        },
        answer=(
            "From 2024-01-15 (Monday) to 2024-03-10 (Sunday) it is 55 days (7 weeks and 6 days; 1 month and 24 days)."
        ),
    ),
    error_example=ErrorExample(args={"date1": "01/02/2024", "date2": "2024-03-10"}, code="ambiguous"),
    focuses=FOCUSES,
)
