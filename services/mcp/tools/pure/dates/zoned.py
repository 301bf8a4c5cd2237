"""Local time of a zone at an instant, for results and for sentences."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from services.mcp.contract import Language, ToolModel
from services.mcp.tools.pure.dates.names import Locale, short_day, weekday_name
from services.mcp.tools.pure.dates.zones import state


class ZonedTime(ToolModel):
    """Clocks of one zone at one instant."""

    timezone: str
    local: str = Field(description="ISO 8601 with the offset")
    weekday: str = Field(description="In the language of the locale")
    utc_offset: str
    utc_offset_seconds: int
    abbreviation: str
    dst: bool = Field(description="Daylight saving, as the database counts it: Irish winter time is its exception")


class ZoneChange(ToolModel):
    """A change of the clocks."""

    utc: str
    offset_before: str
    offset_after: str
    abbreviation_after: str
    dst_after: bool


def zoned_time(instant: datetime, where: ZoneInfo, locale: Locale) -> ZonedTime:
    """Clock reading. `instant` is in UTC."""
    local, clocks = instant.astimezone(where), state(where, instant)
    return ZonedTime(
        timezone=where.key,
        local=local.isoformat(),
        weekday=weekday_name(local.date(), locale),
        utc_offset=offset_text(clocks.offset),
        utc_offset_seconds=int(clocks.offset.total_seconds()),
        abbreviation=clocks.abbreviation,
        dst=clocks.dst,
    )


def zone_change(where: ZoneInfo, instant: datetime | None) -> ZoneChange | None:
    """Change of the clocks at an instant."""
    if instant is None:
        return None
    before, after = state(where, instant - timedelta(seconds=1)), state(where, instant)
    return ZoneChange(
        utc=utc_text(instant),
        offset_before=offset_text(before.offset),
        offset_after=offset_text(after.offset),
        abbreviation_after=after.abbreviation,
        dst_after=after.dst,
    )


def utc_text(instant: datetime) -> str:
    """ISO 8601 with a Z."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def offset_text(offset: timedelta) -> str:
    """`+01:00`, or `+00:19:32` for local mean times."""
    seconds = int(offset.total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")


def zoned_text(shown: ZonedTime, language: Language) -> str:
    """`2024-07-01 14:30:00 in Europe/Berlin (CEST, UTC+02:00)`."""
    local = datetime.fromisoformat(shown.local)
    day, clock = short_day(local.date(), language), local.time().isoformat()
    return f"{day} {clock} in {shown.timezone} ({shown.abbreviation}, UTC{shown.utc_offset})"
