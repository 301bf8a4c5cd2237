"""`business_days`: how many business days there are, or which day is the n-th."""

from services.mcp.contract import Bilingual, ErrorExample, Example, Limit, Tool
from services.mcp.tools.pure.dates.business_days.answer import phrase
from services.mcp.tools.pure.dates.business_days.counting import business_days
from services.mcp.tools.pure.dates.business_days.models import (
    COUNT_RULE,
    MAX_BUSINESS_DAYS,
    MAX_SPAN_DAYS,
    BusinessDaysArguments,
    BusinessDaysResult,
)
from services.mcp.tools.pure.dates.days import DATE_CHARS
from services.mcp.tools.pure.dates.holiday_calendar import BUSINESS_RULE, COUNTRY_CHARS, HOLIDAY_CALENDAR, REGION_CHARS

BUSINESS_DAYS = Tool(
    name="business_days",
    description=Bilingual(
        en="Business days between two dates, or the n-th business day after one, with the holidays of a country",
        de="Arbeitstage zwischen zwei Daten oder der n-te Arbeitstag nach einem, mit den Feiertagen eines Landes",
    ),
    keywords=Bilingual(
        en="business days working days workdays between count add holidays weekdays deadline",
        de="arbeitstage werktage geschäftstage bankarbeitstage zwischen zählen feiertage frist",
    ),
    arguments=BusinessDaysArguments,
    result=BusinessDaysResult,
    run=business_days,
    answer=phrase,
    limits=(
        DATE_CHARS,
        COUNTRY_CHARS,
        REGION_CHARS,
        Limit(name="span", value=MAX_SPAN_DAYS, unit="days"),
        Limit(name="days", value=MAX_BUSINESS_DAYS, unit="business days"),
    ),
    example=Example(
        args={"start_date": "2024-12-20", "end_date": "2025-01-02", "country": "DE"},
        result={
            "asked": "count",
            "start": {"date": "2024-12-20", "weekday": "Friday", "iso_weekday": 5},
            "end": {"date": "2025-01-02", "weekday": "Thursday", "iso_weekday": 4},
            "business_days": 7,
            "after_start": 6,
            "calendar_days": 13,
            "start_is_business_day": True,
            "end_is_business_day": True,
            "country": "DE",
            "region": None,
            "weekend": ["Saturday", "Sunday"],
            "skipped_count": 3,
            "skipped": [
                {"date": "2024-12-25", "weekday": "Wednesday", "name": "Erster Weihnachtstag", "estimated": False},
                {"date": "2024-12-26", "weekday": "Thursday", "name": "Zweiter Weihnachtstag", "estimated": False},
                {"date": "2025-01-01", "weekday": "Wednesday", "name": "Neujahr", "estimated": False},
            ],
            "business_rule": BUSINESS_RULE,
            "rule": COUNT_RULE,
            "calendar": HOLIDAY_CALENDAR,
        },
        answer=(
            "From 2024-12-20 (Friday) to 2025-01-02 (Thursday): 7 business days (DE), both ends counted; "
            "6 without the first day."
        ),
    ),
    error_example=ErrorExample(args={"start_date": "2024-12-20"}, code="invalid_argument"),
)
