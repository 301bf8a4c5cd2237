"""`date_diff`: how far apart two dates are."""

from services.mcp.contract import Bilingual, ErrorExample, Example, Tool
from services.mcp.tools.pure.dates.calendar import calendar_span, read_date
from services.mcp.tools.pure.dates.date_diff.answer import FOCUSES, phrase
from services.mcp.tools.pure.dates.date_diff.models import (
    DAY_RULE,
    SPAN_RULE,
    DateDiffArguments,
    DateDiffResult,
    WeeksAndDays,
    YearsMonthsDays,
)
from services.mcp.tools.pure.dates.days import DATE_CHARS, dated_day


def date_diff(arguments: DateDiffArguments) -> DateDiffResult:
    """Distance from date1 to date2. Raises ToolError."""
    first, second = read_date(arguments.date1, "date1"), read_date(arguments.date2, "date2")
    days = (second - first).days
    span = calendar_span(min(first, second), max(first, second))
    return DateDiffResult(
        date1=dated_day(first),
        date2=dated_day(second),
        days=days,
        absolute_days=abs(days),
        weeks_and_days=WeeksAndDays(weeks=abs(days) // 7, days=abs(days) % 7),
        calendar=YearsMonthsDays(years=span.years, months=span.months, days=span.days),
    )


DATE_DIFF = Tool(
    name="date_diff",
    description=Bilingual(
        en="Days, weeks and calendar months between two dates",
        de="Tage, Wochen und Kalendermonate zwischen zwei Daten",
    ),
    keywords=Bilingual(
        en="days between weeks months from until date difference how long",
        de="tage zwischen wochen monate von bis datum differenz abstand wie lange",
    ),
    arguments=DateDiffArguments,
    result=DateDiffResult,
    run=date_diff,
    answer=phrase,
    limits=(DATE_CHARS,),
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
