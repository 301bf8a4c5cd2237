"""Time zones of the pinned package `tzdata`; the zones of the system are never used."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.mcp.contract import Limit, ToolError

MAX_ZONE_CHARS = 64
ZONE_CHARS = Limit(name="zone_chars", value=MAX_ZONE_CHARS, unit="characters")
SEARCH_DAYS = 400  # every rule of the database that still changes clocks does so at least once a year
_LINKED_FROM = datetime(1970, 1, 1, tzinfo=UTC)
STEP_DAYS = 6  # no two changes of one zone are as close as this, from 1900 to 2100


_PACKAGE = files("tzdata")


def _read_database() -> Mapping[str, bytes]:
    names = (_PACKAGE / "zones").read_text().split()
    return {name: (_PACKAGE / "zoneinfo").joinpath(*name.split("/")).read_bytes() for name in names}


def _read_source() -> tuple[str, Mapping[str, str]]:
    """Release, such as 2026f, and the zone of each link.

    The database's source begins with `# version 2026f`; a link is a line `L Europe/Berlin Europe/Oslo`. Links to clocks
    that never change are ignored.
    """
    first, *lines = (_PACKAGE / "zoneinfo" / "tzdata.zi").read_text().splitlines()
    links = (line.split() for line in lines if line.startswith("L "))
    return first.split()[-1], {name: target for _, target, name in links if not target.startswith("Etc/")}


class ZoneState(NamedTuple):
    """How the clocks of a zone are set."""

    offset: timedelta
    dst: bool
    abbreviation: str


_VERSION, _LINKS = _read_source()
TZ_DATABASE = f"IANA {_VERSION}"
_DATABASE = _read_database()
_BY_FOLDED_NAME = {name.casefold(): name for name in _DATABASE}


def zone(name: str, argument: str) -> ZoneInfo:
    """Zone of an IANA name, in any case. Raises ToolError, which names the argument."""
    key = _BY_FOLDED_NAME.get(name.strip().casefold())
    if key is None:
        raise ToolError("invalid_argument", f"{argument}: no such time zone; {_hint(name.strip().casefold())}")
    return _loaded(key)


def require_own_clocks(where: ZoneInfo, since: datetime, argument: str) -> None:
    """Raise ToolError where the clocks of another place would be shown.

    IANA links places whose clocks have been alike from 1970 on, whatever they were before: Oslo's are Berlin's.
    """
    if since < _LINKED_FROM and (target := _LINKS.get(where.key)) is not None:
        raise ToolError(
            "domain_error",
            f"{argument}: before 1970 only the clocks of {target} are known here, not those of {where.key}; "
            "name that zone if it is meant",
        )


def state(where: ZoneInfo, instant: datetime) -> ZoneState:
    """Offset, DST and abbreviation at an instant."""
    local = instant.astimezone(where)
    return ZoneState(local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or "")


def instants_of(local: datetime, where: ZoneInfo) -> tuple[datetime, ...]:
    """Instants in UTC at which clocks show a naive local time: none in a gap, two in an overlap."""
    guesses = {local.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(guess for guess in guesses if guess.astimezone(where).replace(tzinfo=None) == local))


def gap_around(local: datetime, where: ZoneInfo) -> tuple[datetime, datetime]:
    """Clock states before and after a jump over a naive local time."""
    before = local.replace(tzinfo=where, fold=0).utcoffset() or timedelta()  # in a gap, fold 0 is the offset before it
    change = next_change(where, (local - before).replace(tzinfo=UTC) - timedelta(days=1))
    change = change or local.replace(tzinfo=UTC)
    return (change + before).replace(tzinfo=None), change.astimezone(where).replace(tzinfo=None)


def next_change(where: ZoneInfo, after: datetime) -> datetime | None:
    """First instant later than `after` at which offset, DST or abbreviation change, within 400 days."""
    return _first_change(where, after, after + timedelta(days=SEARCH_DAYS))


def last_change(where: ZoneInfo, until: datetime) -> datetime | None:
    """Last instant not later than `until` at which offset, DST or abbreviation changed, within 400 days."""
    end = until
    for _ in range(SEARCH_DAYS // STEP_DAYS):
        start = end - timedelta(days=STEP_DAYS)
        if state(where, start) != state(where, end):
            return _bisected(where, start, end)
        end = start
    return None


def _first_change(where: ZoneInfo, start: datetime, limit: datetime) -> datetime | None:
    while start < limit:
        end = start + timedelta(days=STEP_DAYS)
        if state(where, start) != state(where, end):
            return _bisected(where, start, end)
        start = end
    return None


def _bisected(where: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """First instant in (start, end] whose state is that of `end`; changes fall on whole seconds."""
    low, high = floor(start.timestamp()), floor(end.timestamp())
    wanted = state(where, end)
    while high - low > 1:
        middle = (low + high) // 2
        if state(where, datetime.fromtimestamp(middle, UTC)) == wanted:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


@lru_cache(maxsize=128)
def _loaded(key: str) -> ZoneInfo:
    return ZoneInfo.from_file(BytesIO(_DATABASE[key]), key=key)


def _hint(wanted: str) -> str:
    """Name a zone that may have been meant: by its city, or by a name that is nearly the same."""
    cities = [name for name in _DATABASE if name.casefold().rpartition("/")[2] == wanted.replace(" ", "_")]
    near = cities or [_BY_FOLDED_NAME[match] for match in get_close_matches(wanted, _BY_FOLDED_NAME, n=2)]
    return f"did you mean {' or '.join(near[:2])}?" if near else "write it as Europe/Berlin or UTC"
