"""Written times: random combinations of forms with one meaning, and texts that are no instant."""

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.dates.instants import read_instant
from services.mcp.tools.pure.dates.time_facts import TimeFactsArguments, time_facts
from tests.support.mcp.exactness import Exactness
from tests.unit.services.mcp.tools.pure.dates.test_calendar import ENGLISH, FORMS, GERMAN

CLOCKS = (
    *("{H:02}:{M:02}", "{H}:{M:02}", "{H:02}:{M:02}:{S:02}", "{H:02}:{M:02}:{S:02}.{part:06}", "{H}:{M:02} Uhr"),
    *("{h}:{M:02} {half}", "{h}:{M:02}:{S:02} {HALF}", "{h}:{M:02}{half}"),
)
OFFSETS = {
    **{"Z": 0, " Z": 0, " UTC": 0, " GMT": 0, "+00:00": 0},
    **{"+02:00": 120, " +0530": 330, " -0330": -210, "-12:00": -720, " +14:00": 840},
}


def some_time(chance: random.Random) -> datetime:
    """Time of the years known, to the microsecond."""
    span = timedelta(days=chance.randint(0, 73_000), microseconds=chance.randrange(86_400_000_000))
    return datetime(1900, 1, 3) + span


def written(chance: random.Random, moment: datetime, clock: str) -> str:
    english, german = ENGLISH[moment.month - 1], GERMAN[moment.month - 1]
    names = {"en": english, "de": german, "short": english[:3].upper(), "kurz": german[:3]}
    half = "am" if moment.hour < 12 else "pm"
    day = chance.choice(FORMS).format(y=moment.year, m=moment.month, d=moment.day, **names)
    shown = clock.format(
        H=moment.hour,
        h=moment.hour % 12 or 12,
        M=moment.minute,
        S=moment.second,
        part=moment.microsecond,
        half=chance.choice((half, f"{half[0]}.m.")),
        HALF=half.upper(),
    )
    return f"{day}{chance.choice((' ', 'T', ', '))}{shown}"


def test_every_way_to_write_a_time_that_has_one_meaning_is_read(exact: Exactness) -> None:
    chance = random.Random(1972)
    for _ in exact.cases("time_facts", 3_000):
        moment, clock, offset = some_time(chance), chance.choice(CLOCKS), chance.choice(sorted(OFFSETS))
        kept = moment.replace(
            microsecond=moment.microsecond if "part" in clock else 0, second=moment.second if "S" in clock else 0
        )
        text = written(chance, moment, clock) + offset
        expected = kept.replace(tzinfo=timezone(timedelta(minutes=OFFSETS[offset]))).astimezone(UTC)
        found = time_facts(TimeFactsArguments(instant=text, timezone_name="UTC"))
        assert datetime.fromisoformat(found.utc) == expected, text


@pytest.mark.parametrize(
    ("instant", "utc"),
    [
        ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00Z"),
        ("2024-07-01 14:00+02:00", "2024-07-01T12:00:00Z"),
        ("2024-07-01T12:00:00.5Z", "2024-07-01T12:00:00.500000Z"),
        ("1.7.2024 7:00 -0500", "2024-07-01T12:00:00Z"),
        ("@0", "1970-01-01T00:00:00Z"),
        ("1719835200", "2024-07-01T12:00:00Z"),
        ("@-1", "1969-12-31T23:59:59Z"),
        ("2024-07-01 12:00 UTC", "2024-07-01T12:00:00Z"),
        ("1. Juli 2024, 14:00 Uhr +0200", "2024-07-01T12:00:00Z"),
        ("September 1, 2024 3:05 pm Z", "2024-09-01T15:05:00Z"),
        ("2024-07-01 12:30 a.m. UTC", "2024-07-01T00:30:00Z"),
        ("2024-07-01 12:30:15 PM +00:00", "2024-07-01T12:30:15Z"),
        ("1 oct 2024t08:00z", "2024-10-01T08:00:00Z"),
    ],
)
def test_an_instant_has_many_forms(instant: str, utc: str) -> None:
    assert time_facts(TimeFactsArguments(instant=instant, timezone_name="UTC")).utc == utc


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        ("2024-07-01T12:00:00", "ambiguous"),
        ("01/02/2024 12:00Z", "ambiguous"),
        ("now", "invalid_argument"),
        ("2024-07-01", "invalid_argument"),
        ("2024-07-01T24:00Z", "invalid_argument"),
        ("2024-07-01T12:60Z", "invalid_argument"),
        ("2024-07-01 13:00 pm Z", "invalid_argument"),
        ("2024-07-01 0:30 am Z", "invalid_argument"),
        ("tomorrow at noon 12:00Z", "invalid_argument"),
        ("12:00Z", "invalid_argument"),
        ("2024-07-01T12:00+16:00", "invalid_argument"),
        ("2016-12-31T23:59:60Z", "domain_error"),
        ("1899-12-31T23:59:59Z", "domain_error"),
        ("2101-01-01T00:00:00Z", "domain_error"),
        ("99999999999", "domain_error"),
        ("20240701", "ambiguous"),
        ("1719835200000", "ambiguous"),
        ("２０２４-07-01T12:00:00Z", "invalid_argument"),  # noqa: RUF001 - full-width digits
    ],
)
def test_what_is_no_instant_is_refused(instant: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        read_instant(instant, "instant")
    assert caught.value.code == code
