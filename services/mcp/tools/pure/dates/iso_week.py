"""`iso_week`: week numbers of ISO 8601, from a date or from a year and a week."""

from datetime import date, timedelta

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.dates.calendar import read_date
from services.mcp.tools.pure.dates.days import DATE_CHARS, DATE_FORMS, MAX_DATE_CHARS, DatedDay, dated_day
from services.mcp.tools.pure.dates.names import dated

MAX_WEEKS = 521_700
WEEK_RULE = "ISO 8601: weeks begin on Monday; week 1 is the week with the first Thursday of the year"
_OUTSIDE = "the week reached is outside the years 0001 to 9999"


class IsoWeekArguments(ToolModel):
    """Either a date, or a year with a week and a weekday (Monday if none is given); then weeks are added."""

    date_str: str | None = Field(default=None, min_length=1, max_length=MAX_DATE_CHARS, description=DATE_FORMS)
    year: int | None = Field(default=None, ge=1, le=9999, description="ISO year")
    week: int | None = Field(default=None, ge=1, le=53)
    weekday: int | None = Field(default=None, ge=1, le=7, description="Monday is 1")
    add_weeks: int = Field(default=0, ge=-MAX_WEEKS, le=MAX_WEEKS)


class IsoWeekResult(ToolModel):
    """One day and the week that it is in."""

    day: DatedDay
    iso_year: int
    iso_week: int
    iso_date: str = Field(description="The day as year, week and weekday: 2024-W03-1")
    first_day: str = Field(description="Monday of the week")
    last_day: str = Field(description="Sunday of the week")
    weeks_in_iso_year: int
    added_weeks: int
    week_rule: str = WEEK_RULE


def iso_week(arguments: IsoWeekArguments) -> IsoWeekResult:
    """Raises ToolError."""
    try:
        day = _start(arguments) + timedelta(weeks=arguments.add_weeks)
        monday = day - timedelta(days=day.weekday())
        sunday = monday + timedelta(days=6)
    except OverflowError as error:
        raise ToolError("domain_error", _OUTSIDE) from error
    iso = day.isocalendar()
    return IsoWeekResult(
        day=dated_day(day),
        iso_year=iso.year,
        iso_week=iso.week,
        iso_date=f"{iso.year:04}-W{iso.week:02}-{iso.weekday}",
        first_day=monday.isoformat(),
        last_day=sunday.isoformat(),
        weeks_in_iso_year=weeks_in_year(iso.year),
        added_weeks=arguments.add_weeks,
    )


def weeks_in_year(iso_year: int) -> int:
    """52 or 53: 28 December is always in the last week of its ISO year."""
    return date(iso_year, 12, 28).isocalendar().week


def _start(arguments: IsoWeekArguments) -> date:
    if arguments.date_str is not None:
        if (arguments.year, arguments.week, arguments.weekday) != (None, None, None):
            raise ToolError("ambiguous", "give date_str, or year and week, not both")
        return read_date(arguments.date_str, "date_str")
    if arguments.year is None or arguments.week is None:
        raise ToolError("invalid_argument", "give date_str, or year and week")
    if arguments.week > weeks_in_year(arguments.year):
        raise ToolError("domain_error", f"week: the ISO year {arguments.year} has 52 weeks")
    try:
        return date.fromisocalendar(arguments.year, arguments.week, arguments.weekday or 1)
    except ValueError as error:
        raise ToolError("domain_error", _OUTSIDE) from error


def phrase(result: IsoWeekResult, style: AnswerStyle) -> str:
    """One sentence with the day, its week, and the week's ends."""
    day, first, last = (
        dated(date.fromisoformat(text), style.language) for text in (result.day.date, result.first_day, result.last_day)
    )
    if style.language == "de":
        return f"{day} liegt in Kalenderwoche {result.iso_week} des Jahres {result.iso_year}: {first} bis {last}."
    return f"{day} is in ISO week {result.iso_week} of {result.iso_year}: {first} to {last}."


ISO_WEEK = Tool(
    name="iso_week",
    description=Bilingual(
        en="ISO 8601 week of a date, the dates of a week, and weeks added or subtracted",
        de="Kalenderwoche eines Datums nach ISO 8601, die Tage einer Woche, Wochen addieren und abziehen",
    ),
    keywords=Bilingual(
        en="iso week number calendar week weeks of year monday of week",
        de="kalenderwoche kw wochennummer woche montag der woche wochen im jahr",
    ),
    arguments=IsoWeekArguments,
    result=IsoWeekResult,
    run=iso_week,
    answer=phrase,
    limits=(DATE_CHARS, Limit(name="add_weeks", value=MAX_WEEKS, unit="weeks")),
    example=Example(
        args={"date_str": "2021-01-03"},
        result={
            "day": {"date": "2021-01-03", "weekday": "Sunday", "iso_weekday": 7},
            "iso_year": 2020,
            "iso_week": 53,
            "iso_date": "2020-W53-7",
            "first_day": "2020-12-28",
            "last_day": "2021-01-03",
            "weeks_in_iso_year": 53,
            "added_weeks": 0,
            "week_rule": WEEK_RULE,
        },
        answer="2021-01-03 (Sunday) is in ISO week 53 of 2020: 2020-12-28 (Monday) to 2021-01-03 (Sunday).",
    ),
    error_example=ErrorExample(args={"date_str": "2021-01-03", "week": 1}, code="ambiguous"),
)
