"""`timezone_convert`: convert a local time to another zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Tool, ToolError, ToolModel
from services.mcp.tools.pure.dates.instants import MAX_TIME_CHARS, TIME_CHARS, YEARS_RULE, read_local
from services.mcp.tools.pure.dates.names import Locale
from services.mcp.tools.pure.dates.zoned import ZonedTime, offset_text, utc_text, zoned_text, zoned_time
from services.mcp.tools.pure.dates.zones import (
    MAX_ZONE_CHARS,
    TZ_DATABASE,
    ZONE_CHARS,
    gap_around,
    instants_of,
    require_own_clocks,
    state,
    zone,
)


class TimezoneConvertArguments(ToolModel):
    """A local time, where it is shown, and where it is wanted."""

    local_datetime: str = Field(
        min_length=1, max_length=MAX_TIME_CHARS, description=f"YYYY-MM-DDTHH:MM[:SS], no offset; {YEARS_RULE}"
    )
    from_timezone: str = Field(min_length=1, max_length=MAX_ZONE_CHARS, description="IANA name, as Europe/Berlin")
    to_timezone: str = Field(min_length=1, max_length=MAX_ZONE_CHARS, description="IANA name")
    fold: int | None = Field(
        default=None, ge=0, le=1, description="For a time that clocks show twice: 0 the first, 1 the second"
    )
    locale: Locale = "de"


class TimezoneConvertResult(ToolModel):
    """One instant on the clocks of two zones."""

    utc: str
    source: ZonedTime
    target: ZonedTime
    difference: str = Field(description="Clocks of the target minus those of the source")
    day_shift: int = Field(description="Date of the target minus that of the source, in days")
    shown_twice: bool = Field(description="Whether clocks of the source show this time twice")
    fold: int = Field(description="Which of the two is meant; 0 if there is one")
    locale: Locale
    tz_database: str = TZ_DATABASE


def timezone_convert(arguments: TimezoneConvertArguments) -> TimezoneConvertResult:
    """Raises ToolError: `domain_error` in a gap, `ambiguous` if shown twice without a fold."""
    local = read_local(arguments.local_datetime, "local_datetime")
    here, there = zone(arguments.from_timezone, "from_timezone"), zone(arguments.to_timezone, "to_timezone")
    require_own_clocks(here, local.replace(tzinfo=UTC), "from_timezone")
    require_own_clocks(there, local.replace(tzinfo=UTC), "to_timezone")
    instants = instants_of(local, here)
    if not instants:
        raise _skipped(local, here)
    if len(instants) == 2 and arguments.fold is None:
        raise _shown_twice(local, here, instants)
    fold = arguments.fold or 0 if len(instants) == 2 else 0
    instant = instants[fold]
    return TimezoneConvertResult(
        utc=utc_text(instant),
        source=zoned_time(instant, here, arguments.locale),
        target=zoned_time(instant, there, arguments.locale),
        difference=offset_text(state(there, instant).offset - state(here, instant).offset),
        day_shift=(instant.astimezone(there).date() - local.date()).days,
        shown_twice=len(instants) == 2,
        fold=fold,
        locale=arguments.locale,
    )


def _skipped(local: datetime, where: ZoneInfo) -> ToolError:
    before, after = gap_around(local, where)
    return ToolError(
        "domain_error",
        f"local_datetime: does not exist in {where.key}, clocks jump from {before} to {after}",
    )


def _shown_twice(local: datetime, where: ZoneInfo, instants: tuple[datetime, ...]) -> ToolError:
    first, second = (offset_text(state(where, instant).offset) for instant in instants)
    return ToolError(
        "ambiguous", f"local_datetime: shown twice in {where.key}; fold 0 means UTC{first}, fold 1 means UTC{second}"
    )


def phrase(result: TimezoneConvertResult, style: AnswerStyle) -> str:
    """One sentence with both clocks."""
    source, target = zoned_text(result.source, style.language), zoned_text(result.target, style.language)
    return f"{source} {'ist' if style.language == 'de' else 'is'} {target}."


TIMEZONE_CONVERT = Tool(
    name="timezone_convert",
    description=Bilingual(
        en="A local time in another time zone; times skipped or repeated by clock changes are told",
        de="Eine Ortszeit in einer anderen Zeitzone; übersprungene und doppelte Zeiten werden genannt",
    ),
    keywords=Bilingual(
        en="convert time zone time in new york tokyo london berlin what time is it when clock utc",
        de="zeitzone umrechnen uhrzeit in new york tokio london berlin wie spät ist es wenn utc",
    ),
    arguments=TimezoneConvertArguments,
    result=TimezoneConvertResult,
    run=timezone_convert,
    answer=phrase,
    limits=(TIME_CHARS, ZONE_CHARS),
    example=Example(
        args={
            "local_datetime": "2024-03-20T09:30",
            "from_timezone": "Europe/Berlin",
            "to_timezone": "America/New_York",
        },
        result={
            "utc": "2024-03-20T08:30:00Z",
            "source": {
                "timezone": "Europe/Berlin",
                "local": "2024-03-20T09:30:00+01:00",
                "weekday": "Mittwoch",
                "utc_offset": "+01:00",
                "utc_offset_seconds": 3600,
                "abbreviation": "CET",
                "dst": False,
            },
            "target": {
                "timezone": "America/New_York",
                "local": "2024-03-20T04:30:00-04:00",
                "weekday": "Mittwoch",
                "utc_offset": "-04:00",
                "utc_offset_seconds": -14400,
                "abbreviation": "EDT",
                "dst": True,
            },
            "difference": "-05:00",
            "day_shift": 0,
            "shown_twice": False,
            "fold": 0,
            "locale": "de",
            "tz_database": TZ_DATABASE,
        },
        answer=(
            "2024-03-20 09:30:00 in Europe/Berlin (CET, UTC+01:00) is "
            "2024-03-20 04:30:00 in America/New_York (EDT, UTC-04:00)."
        ),
    ),
    error_example=ErrorExample(
        args={"local_datetime": "2024-03-31T02:30", "from_timezone": "Europe/Berlin", "to_timezone": "UTC"},
        code="domain_error",
    ),
)
