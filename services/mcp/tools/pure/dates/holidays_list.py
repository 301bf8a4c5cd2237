"""`holidays_list`: the public holidays of a year."""

from datetime import date

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Tool, ToolModel
from services.mcp.tools.pure.dates.holiday_calendar import (
    COUNTRY_CHARS,
    HOLIDAY_CALENDAR,
    MAX_COUNTRY_CHARS,
    MAX_REGION_CHARS,
    REGION_CHARS,
    HolidayCalendar,
)
from services.mcp.tools.pure.dates.names import short_day, weekday_name

_RULE = (
    "public holidays, substitute days among them; half days, bank and school holidays are not; what governments decide "
    "year by year is known up to the release of the calendar"
)


class HolidaysListArguments(ToolModel):
    """A country, a year, and a region if its holidays are wanted too."""

    country: str = Field(min_length=2, max_length=MAX_COUNTRY_CHARS, description="ISO 3166 code of two letters: DE")
    year: int = Field(ge=1, le=9999)
    region: str | None = Field(
        default=None, min_length=1, max_length=MAX_REGION_CHARS, description="ISO 3166-2 code or name: BY, Bayern"
    )


class Holiday(ToolModel):
    """One holiday; several that fall on one day share an entry."""

    date: str
    weekday: str
    name: str = Field(description="In the country's own language")
    name_en: str | None
    name_de: str | None
    estimated: bool = Field(description="Whether its date is estimated, as those of lunar calendars are")


class HolidaysListResult(ToolModel):
    """The holidays of a year, in order."""

    country: str
    region: str | None
    year: int
    count: int
    holidays: tuple[Holiday, ...]
    rule: str = _RULE
    calendar: str = HOLIDAY_CALENDAR


def holidays_list(arguments: HolidaysListArguments) -> HolidaysListResult:
    """Raises ToolError."""
    calendar = HolidayCalendar(arguments.country, arguments.region)
    own = calendar.of_year(arguments.year, "own") or {}
    english, german = (calendar.of_year(arguments.year, language) or {} for language in ("en", "de"))
    listed = tuple(
        Holiday(
            date=day.isoformat(),
            weekday=weekday_name(day, "en"),
            name=name,
            name_en=english.get(day),
            name_de=german.get(day),
            estimated=calendar.is_estimated(name),
        )
        for day, name in own.items()
    )
    return HolidaysListResult(
        country=calendar.country, region=calendar.region, year=arguments.year, count=len(listed), holidays=listed
    )


def phrase(result: HolidaysListResult, style: AnswerStyle) -> str:
    """One sentence that names every holiday."""
    german = style.language == "de"
    where = result.country if result.region is None else f"{result.country} ({result.region})"
    days = "; ".join(
        f"{short_day(date.fromisoformat(day.date), style.language)} "
        f"{(day.name_de if german else day.name_en) or day.name_en or day.name}"
        for day in result.holidays
    )
    if german:
        return f"Feiertage in {where} {result.year}: {days or 'keine'}."
    return f"Public holidays in {where} in {result.year}: {days or 'none'}."


HOLIDAYS_LIST = Tool(
    name="holidays_list",
    description=Bilingual(
        en="Public holidays of a country or region in a year",
        de="Gesetzliche Feiertage eines Landes oder einer Region in einem Jahr",
    ),
    keywords=Bilingual(
        en="public holidays holiday list bank holidays country region state year when is easter christmas",
        de="feiertage feiertag gesetzliche liste land bundesland jahr wann ist ostern pfingsten weihnachten",
    ),
    arguments=HolidaysListArguments,
    result=HolidaysListResult,
    run=holidays_list,
    answer=phrase,
    limits=(COUNTRY_CHARS, REGION_CHARS),
    example=Example(
        args={"country": "CH", "year": 2026},
        result={
            "country": "CH",
            "region": None,
            "year": 2026,
            "count": 4,
            "holidays": [
                {
                    "date": "2026-01-01",
                    "weekday": "Thursday",
                    "name": "Neujahrstag",
                    "name_en": "New Year's Day",
                    "name_de": "Neujahrstag",
                    "estimated": False,
                },
                {
                    "date": "2026-05-14",
                    "weekday": "Thursday",
                    "name": "Auffahrt",
                    "name_en": "Ascension Day",
                    "name_de": "Auffahrt",
                    "estimated": False,
                },
                {
                    "date": "2026-08-01",
                    "weekday": "Saturday",
                    "name": "Nationalfeiertag",
                    "name_en": "National Day",
                    "name_de": "Nationalfeiertag",
                    "estimated": False,
                },
                {
                    "date": "2026-12-25",
                    "weekday": "Friday",
                    "name": "Weihnachten",
                    "name_en": "Christmas Day",
                    "name_de": "Weihnachten",
                    "estimated": False,
                },
            ],
            "rule": _RULE,
            "calendar": HOLIDAY_CALENDAR,
        },
        answer=(
            "Public holidays in CH in 2026: 2026-01-01 New Year's Day; 2026-05-14 Ascension Day; "
            "2026-08-01 National Day; 2026-12-25 Christmas Day."
        ),
    ),
    error_example=ErrorExample(args={"country": "DE", "year": 1980}, code="domain_error"),
)
