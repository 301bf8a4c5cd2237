"""Parser of written times: an instant, or a local time."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from services.mcp.contract import Limit, ToolError
from services.mcp.tools.pure.dates.calendar import read_date

MAX_TIME_CHARS = 48
TIME_CHARS = Limit(name="time_chars", value=MAX_TIME_CHARS, unit="characters")
FIRST_YEAR, LAST_YEAR = 1900, 2100
YEARS_RULE = f"years {FIRST_YEAR} to {LAST_YEAR}"

_UNIX_SECONDS = re.compile(r"@-?\d{1,11}|-?\d{9,11}", re.ASCII)
_NUMBER = re.compile(r"-?\d+", re.ASCII)  # a short one may be a date, a long one milliseconds
_DATE_AND_TIME = re.compile(
    r"(?P<date>[^\s:].{5,22}?)(?:T|,? +)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6}))?)?(?: ?(?P<half>[AP])\.?M\.?| UHR)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2}(?::\d{2})?|UTC|GMT)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_instant(text: str, argument: str) -> datetime:
    """UTC instant of a time with an offset or of Unix seconds. Raises ToolError, which names the argument."""
    if found := _UNIX_SECONDS.fullmatch(text.strip()):
        return _bounded(_after_epoch(int(found[0].removeprefix("@")), argument), argument)
    if _NUMBER.fullmatch(text.strip()):
        raise ToolError("ambiguous", f"{argument}: write Unix seconds as @1700000000")
    moment = read_time(text, argument)
    if moment.tzinfo is None:
        raise ToolError("ambiguous", f"{argument}: add Z or an offset, as in 2024-01-15T14:30:00+01:00")
    return moment


def read_local(text: str, argument: str) -> datetime:
    """Naive local time. Raises ToolError, which names the argument."""
    moment = read_time(text, argument)
    if moment.tzinfo is not None:
        raise ToolError("ambiguous", f"{argument}: has an offset and a time zone, leave out the offset")
    return moment


def read_time(text: str, argument: str) -> datetime:
    """Naive local time, or the UTC instant of one with an offset. Raises ToolError, which names the argument."""
    found = _DATE_AND_TIME.fullmatch(text.strip().upper())
    if found is None:
        raise ToolError("invalid_argument", f"{argument}: not a date and time, write it as YYYY-MM-DDTHH:MM:SS")
    local = datetime.combine(read_date(found["date"], argument), _clock(found, argument))
    offset = found["offset"]
    if offset is None:
        return _bounded(local, argument)
    _bounded(local, argument)
    return _bounded(local.replace(tzinfo=_fixed(offset, argument)).astimezone(UTC), argument)


def _clock(found: re.Match[str], argument: str) -> time:
    hour, minute, second = _hour(found, argument), int(found["minute"]), int(found["second"] or 0)
    if second == 60:
        raise ToolError("domain_error", f"{argument}: leap seconds have no place in this calendar")
    try:
        return time(hour, minute, second, int((found["part"] or "").ljust(6, "0")))
    except ValueError as error:
        raise ToolError("invalid_argument", f"{argument}: clocks show 00:00:00 to 23:59:59") from error


def _hour(found: re.Match[str], argument: str) -> int:
    """Hour of the day; with AM or PM, 12 is the hour before 1."""
    hour = int(found["hour"])
    if not found["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ToolError("invalid_argument", f"{argument}: hours with AM or PM are 1 to 12")
    return hour % 12 + (12 if found["half"] == "P" else 0)


def _fixed(offset: str, argument: str) -> timezone:
    if not offset.startswith(("+", "-")):
        return UTC
    digits = offset[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 15 or minutes > 59 or seconds > 59:  # none has ever been more than 15:14 away from UTC
        raise ToolError("invalid_argument", f"{argument}: offsets are between -15:59:59 and +15:59:59")
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-span if offset.startswith("-") else span)


def _after_epoch(seconds: int, argument: str) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise _outside(argument) from error


def _bounded(moment: datetime, argument: str) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _outside(argument)
    return moment


def _outside(argument: str) -> ToolError:
    return ToolError("domain_error", f"{argument}: time zones are known for the {YEARS_RULE}")


def epoch_seconds(instant: datetime) -> str:
    """Unix seconds as a decimal string, with microseconds if not zero."""
    micros = (instant - _EPOCH) // timedelta(microseconds=1)
    whole, part = divmod(abs(micros), 1_000_000)
    fraction = f".{part:06}".rstrip("0").rstrip(".")
    return f"{'-' if micros < 0 else ''}{whole}{fraction}"


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())
