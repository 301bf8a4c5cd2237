"""`day_of_week`: the weekday of a date."""

from datetime import date

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Tool, ToolModel
from services.mcp.tools.pure.dates.calendar import read_date
from services.mcp.tools.pure.dates.days import DATE_CHARS, DATE_FORMS, MAX_DATE_CHARS, CalendarSystem
from services.mcp.tools.pure.dates.names import short_day, weekday_name


class DayOfWeekArguments(ToolModel):
    """One date."""

    date_str: str = Field(min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)


class DayOfWeekResult(ToolModel):
    """The weekday, in both languages; Monday is 1, as in ISO 8601."""

    date: str
    weekday: str
    weekday_de: str
    iso_weekday: int
    weekend: bool = Field(description="Saturday or Sunday")
    calendar_system: CalendarSystem = "proleptic_gregorian"


def day_of_week(arguments: DayOfWeekArguments) -> DayOfWeekResult:
    """Raises ToolError."""
    day = read_date(arguments.date_str, "date_str")
    return DayOfWeekResult(
        date=day.isoformat(),
        weekday=weekday_name(day, "en"),
        weekday_de=weekday_name(day, "de"),
        iso_weekday=day.isoweekday(),
        weekend=day.isoweekday() >= 6,
    )


def phrase(result: DayOfWeekResult, style: AnswerStyle) -> str:
    """Tenseless: it is valid at any time of reading."""
    day = date.fromisoformat(result.date)
    if style.language == "de":
        return f"Der {short_day(day, 'de')} ist ein {result.weekday_de}."
    return f"{short_day(day, 'en')} is a {result.weekday}."


DAY_OF_WEEK = Tool(
    name="day_of_week",
    description=Bilingual(en="The weekday of a date", de="Der Wochentag eines Datums"),
    keywords=Bilingual(
        en="weekday day of the week what day was is monday tuesday wednesday thursday friday saturday sunday date",
        de="wochentag welcher tag war ist montag dienstag mittwoch donnerstag freitag samstag sonntag datum",
    ),
    arguments=DayOfWeekArguments,
    result=DayOfWeekResult,
    run=day_of_week,
    answer=phrase,
    limits=(DATE_CHARS,),
    example=Example(
        args={"date_str": "1989-11-09"},
        result={
            "date": "1989-11-09",
            "weekday": "Thursday",
            "weekday_de": "Donnerstag",
            "iso_weekday": 4,
            "weekend": False,
            "calendar_system": "proleptic_gregorian",
        },
        answer="1989-11-09 is a Thursday.",
    ),
    error_example=ErrorExample(args={"date_str": "30.02.2024"}, code="invalid_argument"),
)
