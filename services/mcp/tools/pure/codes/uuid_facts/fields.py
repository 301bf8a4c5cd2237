"""The fields of a UUID as a number of 128 bits: RFC 9562, sections 4 and 5."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.mcp.tools.pure.codes.uuid_facts.models import Special, Variant

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MILLISECOND = 253_402_300_799_999  # of the year 9999


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the UUID counts it, and written out unless it is past the year 9999."""

    count: int
    utc: str | None


def special(number: int) -> Special | None:
    """Name of a nil or max UUID, else None."""
    if number == 0:
        return "nil"
    return "max" if number == (1 << 128) - 1 else None


def variant(number: int) -> Variant:
    """From the highest bits of the ninth byte."""
    bits = number >> 61 & 0b111
    if bits < 0b100:
        return "ncs"
    if bits < 0b110:
        return "rfc9562"
    return "microsoft" if bits == 0b110 else "future"


def moment(number: int, version: int | None) -> Moment | None:
    """Time in a UUID of version 1, 6 or 7."""
    if version == 7:
        return _of_milliseconds(number >> 80)
    low, middle, high = number >> 96, number >> 80 & 0xFFFF, number >> 64 & 0xFFF
    if version == 1:
        return _of_ticks(high << 48 | middle << 32 | low)
    return _of_ticks(low << 28 | middle << 12 | high) if version == 6 else None


def _of_ticks(ticks: int) -> Moment:
    seconds, rest = divmod(ticks, 10_000_000)
    whole = (_GREGORIAN + timedelta(seconds=seconds)).replace(tzinfo=None)
    return Moment(ticks, f"{whole.isoformat()}.{rest:07}Z")


def _of_milliseconds(count: int) -> Moment:
    if count > _LAST_MILLISECOND:
        return Moment(count, None)
    whole = (_UNIX + timedelta(milliseconds=count)).replace(tzinfo=None)
    return Moment(count, f"{whole.isoformat(timespec='milliseconds')}Z")
