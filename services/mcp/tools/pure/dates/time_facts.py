"""`time_facts`: local time of a zone at an instant."""

from datetime import timedelta

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.dates.instants import MAX_TIME_CHARS, TIME_CHARS, YEARS_RULE, epoch_seconds, read_instant
from services.mcp.tools.pure.dates.names import Locale
from services.mcp.tools.pure.dates.zoned import ZoneChange, ZonedTime, utc_text, zone_change, zoned_text, zoned_time
from services.mcp.tools.pure.dates.zones import (
    MAX_ZONE_CHARS,
    SEARCH_DAYS,
    TZ_DATABASE,
    ZONE_CHARS,
    last_change,
    next_change,
    require_own_clocks,
    zone,
)


class TimeFactsArguments(ToolModel):
    """An instant and a time zone."""

    instant: str = Field(
        min_length=1,
        max_length=MAX_TIME_CHARS,
        description=f"ISO 8601 with Z or an offset, or Unix seconds as @1700000000; {YEARS_RULE}",
    )
    timezone_name: str = Field(default="UTC", min_length=1, max_length=MAX_ZONE_CHARS, description="IANA name")
    locale: Locale = "de"


class TimeFactsResult(ToolModel):
    """An instant, the clocks of a zone, and the changes before and after it."""

    utc: str
    unix_seconds: str
    clocks: ZonedTime
    last_change: ZoneChange | None = Field(description=f"Null if there was none in the {SEARCH_DAYS} days before")
    next_change: ZoneChange | None = Field(description=f"Null if there is none in the next {SEARCH_DAYS} days")
    locale: Locale
    tz_database: str = TZ_DATABASE


def time_facts(arguments: TimeFactsArguments) -> TimeFactsResult:
    """Raises ToolError."""
    instant = read_instant(arguments.instant, "instant")
    where = zone(arguments.timezone_name, "timezone_name")
    require_own_clocks(where, instant - timedelta(days=SEARCH_DAYS), "timezone_name")
    return TimeFactsResult(
        utc=utc_text(instant),
        unix_seconds=epoch_seconds(instant),
        clocks=zoned_time(instant, where, arguments.locale),
        last_change=zone_change(where, last_change(where, instant)),
        next_change=zone_change(where, next_change(where, instant)),
        locale=arguments.locale,
    )


def phrase(result: TimeFactsResult, style: AnswerStyle) -> str:
    """One sentence with the local time and whether daylight saving is on."""
    saving = Bilingual(en="daylight saving time", de="Sommerzeit")
    standard = Bilingual(en="no daylight saving time", de="keine Sommerzeit")
    season = (saving if result.clocks.dst else standard).text(style.language)
    verb = "ist" if style.language == "de" else "is"
    return f"{result.utc} {verb} {zoned_text(result.clocks, style.language)}, {season}."


TIME_FACTS = Tool(
    name="time_facts",
    description=Bilingual(
        en="Local time, UTC offset, daylight saving and clock changes of a time zone at an instant",
        de="Ortszeit, UTC-Abstand, Sommerzeit und Zeitumstellungen einer Zeitzone zu einem Zeitpunkt",
    ),
    keywords=Bilingual(
        en="time local time zone utc offset daylight saving summer time unix timestamp epoch clock change",
        de="uhrzeit ortszeit zeitzone utc abstand sommerzeit winterzeit unix zeitstempel zeitumstellung",
    ),
    arguments=TimeFactsArguments,
    result=TimeFactsResult,
    run=time_facts,
    answer=phrase,
    limits=(TIME_CHARS, ZONE_CHARS, Limit(name="change_search", value=SEARCH_DAYS, unit="days")),
    example=Example(
        args={"instant": "2024-07-01T12:00:00Z", "timezone_name": "Europe/Berlin"},
        result={
            "utc": "2024-07-01T12:00:00Z",
            "unix_seconds": "1719835200",
            "clocks": {
                "timezone": "Europe/Berlin",
                "local": "2024-07-01T14:00:00+02:00",
                "weekday": "Montag",
                "utc_offset": "+02:00",
                "utc_offset_seconds": 7200,
                "abbreviation": "CEST",
                "dst": True,
            },
            "last_change": {
                "utc": "2024-03-31T01:00:00Z",
                "offset_before": "+01:00",
                "offset_after": "+02:00",
                "abbreviation_after": "CEST",
                "dst_after": True,
            },
            "next_change": {
                "utc": "2024-10-27T01:00:00Z",
                "offset_before": "+02:00",
                "offset_after": "+01:00",
                "abbreviation_after": "CET",
                "dst_after": False,
            },
            "locale": "de",
            "tz_database": TZ_DATABASE,
        },
        answer="2024-07-01T12:00:00Z is 2024-07-01 14:00:00 in Europe/Berlin (CEST, UTC+02:00), daylight saving time.",
    ),
    error_example=ErrorExample(args={"instant": "2024-07-01T12:00:00"}, code="ambiguous"),
)
