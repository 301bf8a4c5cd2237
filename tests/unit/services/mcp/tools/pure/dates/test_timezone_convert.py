"""`time_facts` and `timezone_convert` against the C library, which reads the same database with separate code."""

import json
import random
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.dates.time_facts import TimeFactsArguments, TimeFactsResult, time_facts
from services.mcp.tools.pure.dates.timezone_convert import (
    TimezoneConvertArguments,
    TimezoneConvertResult,
    timezone_convert,
)
from services.mcp.tools.pure.dates.zoned import ZoneChange
from services.mcp.tools.pure.dates.zones import STEP_DAYS
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul"),
    *("America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Caracas", "America/Santiago"),
    *("America/Phoenix", "America/Anchorage", "America/Havana", "America/Asuncion", "America/Scoresbysund"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Tehran", "Asia/Gaza", "Asia/Amman", "Asia/Pyongyang"),
    *("Africa/Casablanca", "Africa/Cairo", "Africa/Monrovia", "Africa/Windhoek"),
    *("Australia/Lord_Howe", "Australia/Sydney", "Australia/Adelaide", "Pacific/Apia", "Pacific/Chatham"),
    *("Pacific/Kiritimati", "Pacific/Kwajalein", "Antarctica/Troll", "Antarctica/Casey", "UTC"),
)
FIRST, LAST = -2_208_988_800, 4_133_980_799  # 1900-01-01 and 2100-12-31 in Unix seconds
LINKED = 40_000_000  # in 1971: the changes of a year before are those of the zone itself as well
SOURCE = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text()
LINKS = {line.split()[2] for line in SOURCE.splitlines() if line.startswith("L ")}
PROGRAM = """
import json, os, sys, time
for zone, seconds in json.load(sys.stdin):
    os.environ["TZ"] = zone
    time.tzset()
    shown = [time.localtime(second) for second in seconds]
    print(json.dumps([[t.tm_gmtoff, t.tm_isdst, t.tm_zone, list(t[:6])] for t in shown]))
"""
Shown = tuple[int, int, str, tuple[int, ...]]  # offset, DST flag, abbreviation, fields of the local time


def shown_by_libc(wanted: Sequence[tuple[str, Sequence[int]]]) -> list[list[Shown]]:
    """Clock readings of the C library in each zone at each of its Unix seconds."""
    root = str(files("tzdata") / "zoneinfo")
    asked = json.dumps([(f":{root}/{zone}", list(seconds)) for zone, seconds in wanted])
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=asked, capture_output=True, text=True, check=True)
    return [[(o, d, z, tuple(f)) for o, d, z, f in json.loads(line)] for line in done.stdout.splitlines()]


def facts(instant: str, zone: str) -> TimeFactsResult:
    return time_facts(TimeFactsArguments(instant=instant, timezone_name=zone))


def converted(local: str, source: str, target: str, fold: int | None = None) -> TimezoneConvertResult:
    return timezone_convert(
        TimezoneConvertArguments(local_datetime=local, from_timezone=source, to_timezone=target, fold=fold)
    )


def refusal(local: str, source: str, fold: int | None = None) -> ToolError:
    with pytest.raises(ToolError) as caught:
        converted(local, source, "UTC", fold)
    return caught.value


@lru_cache
def corpus(number: int) -> list[tuple[str, int, Shown]]:
    """Zones with instants of two centuries, and the C library's result for them."""
    chance, every = random.Random(19000101), (files("tzdata") / "zones").read_text().split()
    drawn = [(zone := chance.choice(chance.choice((ZONES, every))), instant(chance, zone)) for _ in range(number)]
    shown = shown_at(drawn)
    return [(zone, second, shown[zone, second]) for zone, second in drawn]


def instant(chance: random.Random, zone: str) -> int:
    """Unix seconds of a time for which the database has clocks of the zone itself."""
    return chance.randint(known_from(zone), LAST)


def known_from(zone: str) -> int:
    return LINKED if zone in LINKS else FIRST


def shown_at(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Shown]:
    """Clock readings of the C library at each pair of a zone and Unix seconds."""
    by_zone: defaultdict[str, list[int]] = defaultdict(list)
    for zone, second in wanted:
        by_zone[zone].append(second)
    pairs = [(zone, second) for zone, seconds in by_zone.items() for second in seconds]
    return dict(zip(pairs, chain.from_iterable(shown_by_libc(list(by_zone.items()))), strict=True))


def test_clocks_of_two_centuries_are_those_of_the_c_library(exact: Exactness) -> None:
    for zone, second, (offset, dst, abbreviation, fields) in corpus(len(exact.cases("time_facts", 4_000))):
        found = facts(f"@{second}", zone)
        local = datetime.fromisoformat(found.clocks.local)
        assert found.clocks.utc_offset_seconds == offset, (zone, second)
        assert found.clocks.dst == bool(dst), (zone, second)
        assert found.clocks.abbreviation == abbreviation, (zone, second)
        assert tuple(local.timetuple()[:6]) == fields
        assert found.unix_seconds == str(second)


def test_local_times_are_the_instant_they_were_shown_at_and_show_the_clocks_elsewhere(exact: Exactness) -> None:
    chance = random.Random(21)
    drawn = corpus(len(exact.cases("timezone_convert", 4_000)))
    asked = [
        (zone, second, chance.choice(ZONES), shown) for zone, second, shown in drawn if 1900 <= shown[3][0] <= 2100
    ]
    there = shown_at((target, second) for _, second, target, _ in asked)
    for zone, second, target, (offset, _, _, fields) in asked:
        local = datetime(*fields).isoformat()  # type: ignore[arg-type]  # six numbers
        both = [converted(local, zone, target, fold) for fold in (0, 1)]
        found = next(one for one in both if int(datetime.fromisoformat(one.utc).timestamp()) == second)
        shown = datetime.fromisoformat(found.target.local)
        assert found.source.utc_offset_seconds == offset, (zone, second)
        assert tuple(shown.timetuple()[:6]) == there[target, second][3], (zone, second, target)
        assert found.target.utc_offset_seconds == there[target, second][0], (zone, second, target)


@pytest.mark.parametrize(
    ("local", "source", "target", "named"),
    [
        ("1947-06-20T12:00", "Europe/Stockholm", "UTC", "Europe/Berlin"),
        ("1960-07-01T12:00", "UTC", "Europe/Oslo", "Europe/Berlin"),
        ("1937-06-01T12:00", "Europe/Amsterdam", "UTC", "Europe/Brussels"),
        ("1950-01-01T12:00", "Iceland", "UTC", "Africa/Abidjan"),
        ("1950-01-01T12:00", "CET", "UTC", "Europe/Brussels"),
    ],
)
def test_clocks_of_another_place_are_not_shown_for_those_of_a_linked_one(
    local: str, source: str, target: str, named: str
) -> None:
    with pytest.raises(ToolError, match=named) as caught:
        converted(local, source, target)
    assert caught.value.code == "domain_error"


def test_a_linked_place_is_known_from_1970_on_and_a_name_of_utc_ever() -> None:
    assert converted("1970-01-02T12:00", "Europe/Oslo", "UTC").utc == "1970-01-02T11:00:00Z"
    assert converted("1947-06-20T12:00", "Zulu", "Europe/Berlin").target.utc_offset == "+03:00"
    with pytest.raises(ToolError, match="Europe/Berlin"):
        facts("1970-06-01T12:00Z", "Europe/Oslo")  # the last change of the clocks may lie before 1970


def test_gaps_and_overlaps_are_where_the_c_library_has_them(exact: Exactness) -> None:
    asked = [(zone, local) for zone in ZONES for local in around_changes(zone, 24 if exact.whole else 2)]
    exact.table("timezone_convert", len(asked))
    offsets = [(zone, [local + shift for shift in range(-100_000, 100_001, 20_000)]) for zone, local in asked]
    candidates = [
        (zone, sorted({local - offset for offset, *_ in shown}))
        for (zone, local), shown in zip(asked, shown_by_libc(offsets), strict=True)
    ]
    confirmed = shown_by_libc(candidates)
    kinds = set()
    for (zone, local), (_, seconds), shown in zip(asked, candidates, confirmed, strict=True):
        expected = [second for second, (offset, *_) in zip(seconds, shown, strict=True) if second + offset == local]
        text = datetime.fromtimestamp(local, UTC).replace(tzinfo=None).isoformat()
        kinds.add(len(expected))
        if not expected:
            assert refusal(text, zone).code == "domain_error", (zone, text)
        elif len(expected) == 1:
            found = converted(text, zone, "UTC")
            assert int(datetime.fromisoformat(found.utc).timestamp()) == expected[0], (zone, text)
        else:
            assert refusal(text, zone).code == "ambiguous", (zone, text)
            both = [converted(text, zone, "UTC", fold).utc for fold in (0, 1)]
            assert [int(datetime.fromisoformat(utc).timestamp()) for utc in both] == expected
    assert kinds == {0, 1, 2}


def around_changes(zone: str, number: int) -> list[int]:
    """Local seconds since 1970 near the changes after instants, within and beside gaps and overlaps."""
    chance = random.Random(f"{zone} changes")
    found = []
    for _ in range(number):
        change = facts(f"@{chance.randint(FIRST + 10**8, LAST - 10**8)}", zone).next_change
        if change is None:
            continue
        instant = int(datetime.fromisoformat(change.utc).timestamp())
        before, after = seconds_of(change.offset_before), seconds_of(change.offset_after)
        low, high = sorted((instant + before, instant + after))
        found += [low - 1, low, (low + high) // 2, high - 1, high]
    return found


def seconds_of(offset: str) -> int:
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    total = hours * 3600 + minutes * 60 + sum(seconds)
    return -total if offset.startswith("-") else total


def test_a_change_of_the_clocks_is_found_to_the_second(exact: Exactness) -> None:
    drawn = [(zone, second) for zone, second, _ in corpus(len(exact.cases("time_facts", 500)))]
    told = [(zone, change) for zone, second in drawn for change in changes_around(zone, second)]
    seconds = [int(datetime.fromisoformat(change.utc).timestamp()) for _, change in told]
    shown = shown_at((zone, at) for (zone, _), second in zip(told, seconds, strict=True) for at in (second - 1, second))
    for (zone, change), second in zip(told, seconds, strict=True):
        (before, *_), (after, dst, name, _) = shown[zone, second - 1], shown[zone, second]
        assert (seconds_of(change.offset_before), seconds_of(change.offset_after)) == (before, after), (zone, second)
        assert (change.abbreviation_after, change.dst_after) == (name, bool(dst)), (zone, second)
    assert len(told) > 10


def changes_around(zone: str, second: int) -> list[ZoneChange]:
    found = facts(f"@{second}", zone)
    return [change for change in (found.last_change, found.next_change) if change is not None]


def test_no_change_is_passed_over(exact: Exactness) -> None:
    """The next change is the next line of a zone's file at which what clocks show differs."""
    chance = random.Random(1918)
    zones = [zone for zone, *_ in corpus(len(exact.cases("time_facts", 500)))]
    written = {
        zone: [line for line in changes_written_out(zone) if line > known_from(zone) + 10**6] for zone in set(zones)
    }
    shown = shown_at((zone, line + step) for zone, lines in written.items() for line in lines for step in (-1, 0))
    for zone in zones:
        real = [line for line in written[zone] if shown[zone, line - 1][:3] != shown[zone, line][:3]]
        if not real:
            continue
        line = chance.choice(real)
        before, at = facts(f"@{line - chance.randint(1, 3 * 86_400)}", zone), facts(f"@{line}", zone)
        assert before.next_change == at.last_change, (zone, line)
        assert before.next_change is not None
        assert int(datetime.fromisoformat(before.next_change.utc).timestamp()) == line, (zone, line)


def changes_written_out(zone: str) -> tuple[int, ...]:
    """Unix seconds of the changes that a zone's file lists: RFC 9636, section 3, in its second part."""
    content = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    sizes = struct.unpack(">6l", content[20:44])
    utc, wall, leap, times, types, letters = sizes
    second = 44 + times * 5 + types * 6 + letters + leap * 8 + utc + wall
    number = struct.unpack(">6l", content[second + 20 : second + 44])[3]
    return struct.unpack(f">{number}q", content[second + 44 : second + 44 + 8 * number])


def test_no_two_changes_of_a_zone_are_closer_than_the_step_of_the_search() -> None:
    """Else a change and the one that undoes it might both be stepped over."""
    names = (files("tzdata") / "zones").read_text().split()
    known = [[second for second in changes_written_out(name) if second >= FIRST] for name in names]
    spans = [later - earlier for changes in known for earlier, later in pairwise(changes)]
    assert len(spans) > 20_000
    assert min(spans) > STEP_DAYS * 86_400


@pytest.mark.parametrize(
    ("name", "hint"), [("Berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("Europe/Berln", "Europe/Berlin")]
)
def test_a_zone_that_is_not_there_is_refused_with_one_that_is(name: str, hint: str) -> None:
    with pytest.raises(ToolError, match=hint) as caught:
        facts("@0", name)
    assert caught.value.code == "invalid_argument"


def test_a_zone_is_found_in_any_case() -> None:
    assert facts("@0", "europe/BERLIN").clocks.timezone == "Europe/Berlin"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/localtime", "posix/Europe/Berlin", "Europe/", "\x00"])
def test_a_zone_is_never_a_path(name: str) -> None:
    with pytest.raises(ToolError):
        facts("@0", name)


def test_a_skipped_time_is_refused_with_the_gap_named() -> None:
    assert "from 2024-03-31 02:00:00 to 2024-03-31 03:00:00" in str(refusal("2024-03-31T02:30", "Europe/Berlin", 1))
    assert "from 2011-12-30 00:00:00 to 2011-12-31 00:00:00" in str(refusal("2011-12-30T12:00", "Pacific/Apia"))


def test_a_time_shown_twice_asks_for_the_fold_with_both_offsets() -> None:
    error = refusal("2024-10-27T02:30", "Europe/Berlin")
    assert "fold 0 means UTC+02:00, fold 1 means UTC+01:00" in str(error)


def test_a_fold_for_a_time_shown_once_changes_nothing() -> None:
    once, other = (converted("2024-07-01T12:00", "Europe/Berlin", "Asia/Tokyo", fold) for fold in (None, 1))
    assert once == other
    assert (once.difference, once.day_shift, once.fold) == ("+07:00", 0, 0)


def test_an_offset_beside_a_zone_is_refused() -> None:
    assert refusal("2024-07-01T12:00Z", "Europe/Berlin").code == "ambiguous"


def test_the_database_is_the_packages_and_its_release_is_told() -> None:
    release = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text().split(maxsplit=3)[2]
    assert facts("@0", "UTC").tz_database == f"IANA {release}"


def test_the_answer_has_both_clocks() -> None:
    args = {"local_datetime": "2024-12-24T18:00", "from_timezone": "Europe/Berlin", "to_timezone": "Asia/Tokyo"}
    assert invoke("timezone_convert", dict(args), AnswerStyle(language="de")).answer == (
        "24.12.2024 18:00:00 in Europe/Berlin (CET, UTC+01:00) ist 25.12.2024 02:00:00 in Asia/Tokyo (JST, UTC+09:00)."
    )


def test_the_next_change_of_a_zone_without_changes_is_none() -> None:
    found = facts("2024-07-01T12:00:00Z", "Asia/Tokyo")
    assert found.last_change is None
    assert found.next_change is None


def test_a_change_belongs_to_its_own_second() -> None:
    at = facts("2024-03-31T01:00:00Z", "Europe/Berlin")
    assert at.last_change is not None
    assert at.last_change.utc == "2024-03-31T01:00:00Z"
    before = datetime(2024, 3, 31, 1, tzinfo=UTC) - timedelta(seconds=1)
    change = facts(before.isoformat(), "Europe/Berlin").next_change
    assert change is not None
    assert change.utc == "2024-03-31T01:00:00Z"


def test_a_change_right_after_a_fraction_of_a_second_before_1970_is_told_to_the_second() -> None:
    change = facts("1967-04-30T06:59:59.5Z", "America/New_York").next_change
    assert change is not None
    assert (change.utc, change.offset_before) == ("1967-04-30T07:00:00Z", "-05:00")


def test_a_change_that_is_soon_undone_is_not_stepped_over() -> None:
    first = facts("2000-10-01T00:00:00Z", "America/Boa_Vista").next_change
    assert first is not None
    assert first.utc == "2000-10-08T04:00:00Z"
    second = facts(first.utc, "America/Boa_Vista").next_change
    assert second is not None
    assert second.utc == "2000-10-15T03:00:00Z"
