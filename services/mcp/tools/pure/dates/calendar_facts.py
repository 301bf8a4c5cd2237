"""`calendar_facts`: calendar facts of one day."""

from calendar import isleap, monthrange
from datetime import date

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Tool, ToolModel
from services.mcp.tools.pure.dates.calendar import read_date
from services.mcp.tools.pure.dates.days import DATE_CHARS, DATE_FORMS, MAX_DATE_CHARS, CalendarSystem
from services.mcp.tools.pure.dates.names import Locale, long_day, month_name, weekday_name

JULIAN_DAY_OF_YEAR_ONE = 1_721_426  # the Julian day that begins at noon of 0001-01-01
FOCUSES = ("iso_week", "day_of_year", "leap_year", "quarter")


class CalendarFactsArguments(ToolModel):
    """One date, and the language of the names in the result."""

    date_str: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    locale: Locale = "de"


class CalendarFactsResult(ToolModel):
    """One day in its week, month, quarter and year."""

    date: str
    locale: Locale
    written: str = Field(description="The date in words of the locale")
    weekday: str
    iso_weekday: int = Field(description="Monday is 1")
    iso_year: int = Field(description="The year that the ISO week belongs to")
    iso_week: int
    iso_date: str = Field(description="The date as year, week and weekday: 2024-W03-1")
    month: str
    days_in_month: int
    quarter: int
    day_of_year: int
    days_in_year: int
    days_left_in_year: int
    leap_year: bool
    julian_day_number: int = Field(description="Of the Julian day that begins at noon of this day")
    unix_day: int = Field(description="Days since 1970-01-01")
    calendar_system: CalendarSystem = "proleptic_gregorian"


def calendar_facts(arguments: CalendarFactsArguments) -> CalendarFactsResult:
    """Raises ToolError."""
    day, locale = read_date(arguments.date_str, "date_str"), arguments.locale
    iso = day.isocalendar()
    days_in_year = 366 if isleap(day.year) else 365
    day_of_year = day.timetuple().tm_yday
    return CalendarFactsResult(
        date=day.isoformat(),
        locale=locale,
        written=long_day(day, locale),
        weekday=weekday_name(day, locale),
        iso_weekday=iso.weekday,
        iso_year=iso.year,
        iso_week=iso.week,
        iso_date=f"{iso.year:04}-W{iso.week:02}-{iso.weekday}",
        month=month_name(day, locale),
        days_in_month=monthrange(day.year, day.month)[1],
        quarter=(day.month + 2) // 3,
        day_of_year=day_of_year,
        days_in_year=days_in_year,
        days_left_in_year=days_in_year - day_of_year,
        leap_year=days_in_year == 366,
        julian_day_number=day.toordinal() - 1 + JULIAN_DAY_OF_YEAR_ONE,
        unix_day=(day - date(1970, 1, 1)).days,
    )


def phrase(result: CalendarFactsResult, style: AnswerStyle) -> str:
    """One sentence whose first fact is the one in focus."""
    year = int(result.date[:4])
    facts = {
        "iso_week": Bilingual(
            en=f"ISO week {result.iso_week} of {result.iso_year}",
            de=f"Kalenderwoche {result.iso_week} des Jahres {result.iso_year}",
        ),
        "day_of_year": Bilingual(
            en=f"day {result.day_of_year} of {result.days_in_year}",
            de=f"Tag {result.day_of_year} von {result.days_in_year}",
        ),
        "quarter": Bilingual(en=f"quarter {result.quarter}", de=f"{result.quarter}. Quartal"),
        "leap_year": Bilingual(
            en=f"{year} is {'a' if result.leap_year else 'no'} leap year",
            de=f"{year} ist {'ein' if result.leap_year else 'kein'} Schaltjahr",
        ),
    }
    order = sorted(facts, key=lambda name: name != style.focus)
    listed = ", ".join(facts[name].text(style.language) for name in order)
    return f"{long_day(date.fromisoformat(result.date), style.language)}: {listed}."


CALENDAR_FACTS = Tool(
    name="calendar_facts",
    description=Bilingual(
        en="Weekday, ISO week, day of the year, quarter, leap year and length of the month of a date",
        de="Wochentag, Kalenderwoche, Tag des Jahres, Quartal, Schaltjahr und Monatslänge eines Datums",
    ),
    keywords=Bilingual(
        en="calendar week day of year quarter leap year days in month julian day number date",
        de="kalenderwoche kw tag des jahres quartal schaltjahr tage im monat julianisches datum",
    ),
    arguments=CalendarFactsArguments,
    result=CalendarFactsResult,
    run=calendar_facts,
    answer=phrase,
    limits=(DATE_CHARS,),
    example=Example(
        args={"date_str": "2024-12-30"},
        result={
            "date": "2024-12-30",
            "locale": "de",
            "written": "Montag, 30. Dezember 2024",
            "weekday": "Montag",
            "iso_weekday": 1,
            "iso_year": 2025,
            "iso_week": 1,
            "iso_date": "2025-W01-1",
            "month": "Dezember",
            "days_in_month": 31,
            "quarter": 4,
            "day_of_year": 365,
            "days_in_year": 366,
            "days_left_in_year": 1,
            "leap_year": True,
            "julian_day_number": 2460675,
            "unix_day": 20087,
            "calendar_system": "proleptic_gregorian",
        },
        answer="Monday, 30 December 2024: ISO week 1 of 2025, day 365 of 366, quarter 4, 2024 is a leap year.",
    ),
    error_example=ErrorExample(args={"date_str": "2023-02-29"}, code="invalid_argument"),
    focuses=FOCUSES,
)
