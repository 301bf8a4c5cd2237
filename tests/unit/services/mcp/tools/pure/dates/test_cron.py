"""`cron_next` against cronsim, against trying every minute, and through changes of the clocks."""

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from cronsim import CronSim
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.dates.cron.schedule import MACROS, Schedule, read_schedule
from services.mcp.tools.pure.dates.cron.tool import BOTH_DAYS, EITHER_DAY, CronNextArguments, CronNextResult, cron_next
from services.mcp.tools.pure.dates.zones import zone
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

CHANGES = {
    "UTC": ("2024-02-28",),
    "Asia/Kolkata": ("2023-12-31",),
    "Europe/Berlin": ("2024-03-30", "2024-10-26"),
    "America/New_York": ("2024-03-09", "2024-11-02"),
    "Australia/Lord_Howe": ("2024-04-06", "2024-10-05"),
    "America/Sao_Paulo": ("2018-11-03", "2019-02-16"),
    "America/St_Johns": ("2005-04-02", "2005-10-29"),
    "Asia/Amman": ("2021-03-25", "2021-10-28"),
    "Pacific/Apia": ("2011-12-28", "2012-03-31"),
    "Africa/Cairo": ("2024-04-25", "2024-10-31"),
    "America/Asuncion": ("2023-03-25", "2023-09-30"),
}


DAYS = [(where, day) for where, days in CHANGES.items() for day in days]


def runs(expression: str, after: str, where: str = "UTC", count: int = 1) -> CronNextResult:
    return cron_next(CronNextArguments(expression=expression, after=after, count=count, timezone_name=where))


def refusal(expression: str, after: str = "2024-01-01T00:00", where: str = "UTC") -> ToolError:
    with pytest.raises(ToolError) as caught:
        runs(expression, after, where)
    return caught.value


def field(chance: random.Random, low: int, high: int, *, star: bool) -> str:
    """One field; with `star`, one that begins with it."""
    if star:
        return chance.choice(["*", f"*/{chance.randint(1, high)}"])
    items = []
    for _ in range(chance.randint(1, 3)):
        one, two = sorted(chance.sample(range(low, high + 1), 2))
        step = chance.randint(1, 9)
        items.append(chance.choice([f"{one}", f"{one}-{two}", f"{one}-{two}/{step}", f"{one}/{step}"]))
    return ",".join(items)


def expression(chance: random.Random, *, fixed: bool) -> str:
    """Expression with an existing day, minute and hour fixed, or one of them with a star in front."""
    starred = (False, False) if fixed else chance.choice([(True, False), (False, True), (True, True)])
    written = " ".join(
        (
            field(chance, 0, 59, star=starred[0]),
            field(chance, 0, 23, star=starred[1]),
            field(chance, 1, 31, star=chance.random() < 0.6),
            field(chance, 1, 12, star=chance.random() < 0.7),
            field(chance, 0, 7, star=chance.random() < 0.6),
        )
    )
    return written if can_run(read_schedule(written)) else expression(chance, fixed=fixed)


def can_run(schedule: Schedule) -> bool:
    """Whether a day ever fits; each day of the year falls on each weekday within some years."""
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return schedule.either_day or any(day <= lengths[month - 1] for month in schedule.months for day in schedule.days)


def of_cronsim(expression: str, after: datetime, count: int) -> list[str]:
    """First runs by cronsim, in UTC; runs moved to one minute are one run."""
    found: list[str] = []
    simulated = CronSim(expression, after)
    while len(found) < count:
        try:
            utc = next(simulated).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except StopIteration:
            return found
        if utc not in found:
            found.append(utc)
    return found


def test_expressions_run_in_utc_as_cronsim_says(exact: Exactness) -> None:
    chance = random.Random(5)
    for _ in exact.cases("cron_next", 1_500):
        written = expression(chance, fixed=chance.random() < 0.5)
        after = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 50_000_000))
        found = runs(written, after.isoformat(), count=5)
        assert [run.utc for run in found.runs] == of_cronsim(written, after, 5), (written, after)


def test_fixed_times_pass_changes_of_the_clocks_as_in_cronsim(exact: Exactness) -> None:
    chance = random.Random(100)
    for _ in exact.cases("cron_next", 1_000):
        where, day = chance.choice(DAYS)
        written = expression(chance, fixed=True)
        after = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone(where, "zone"))
        found = runs(written, f"{day}T12:00", where, count=20)
        assert [run.utc for run in found.runs] == of_cronsim(written, after, 20), (written, where, day)


def fits(schedule: Schedule, local: datetime) -> bool:
    return local.minute in schedule.minutes and local.hour in schedule.hours and schedule.runs_on(local.date())


@lru_cache
def minutes_shown(where: str, day: str) -> list[tuple[datetime, datetime]]:
    """Minutes of three days in UTC, and what clocks show at each."""
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=zone(where, "zone")).astimezone(UTC)
    minutes = [start + timedelta(minutes=minute) for minute in range(3 * 24 * 60)]
    return [(instant, instant.astimezone(zone(where, "zone"))) for instant in minutes]


def test_starred_times_run_at_every_minute_that_clocks_show_a_fitting_time(exact: Exactness) -> None:
    chance = random.Random(200)
    for _ in exact.cases("cron_next", 500):
        (where, day), written = chance.choice(DAYS), expression(chance, fixed=False)
        schedule, (start, *later) = read_schedule(written), minutes_shown(where, day)
        expected = [instant for instant, local in later if fits(schedule, local)][:100]
        found = runs(written, start[0].isoformat(), where, count=max(len(expected), 1))
        if expected:
            assert [datetime.fromisoformat(run.utc) for run in found.runs] == expected, (written, where, day)
        else:
            assert datetime.fromisoformat(found.runs[0].utc) > later[-1][0], (written, where, day)


def test_a_time_in_a_gap_runs_at_its_end_once_and_says_so() -> None:
    found = runs("0,30 2,3 * * *", "2024-03-30T12:00", "Europe/Berlin", count=3)
    assert [(run.local[:16], run.moved) for run in found.runs] == [
        ("2024-03-31T03:00", False),
        ("2024-03-31T03:30", False),
        ("2024-04-01T02:00", False),
    ]
    moved = runs("30 2 * * *", "2024-03-30T12:00", "Europe/Berlin").runs[0]
    assert (moved.local, moved.moved) == ("2024-03-31T03:00:00+02:00", True)


def test_a_time_shown_twice_runs_once_if_it_is_fixed_and_twice_if_not() -> None:
    fixed = runs("30 2 * * *", "2024-10-26T12:00", "Europe/Berlin", count=2)
    assert [run.utc for run in fixed.runs] == ["2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"]
    starred = runs("*/30 2 * * *", "2024-10-26T12:00", "Europe/Berlin", count=4)
    assert [run.utc[11:16] for run in starred.runs] == ["00:00", "00:30", "01:00", "01:30"]


def test_runs_stay_in_order_where_clocks_go_back_over_midnight() -> None:
    """At 00:01 on 30 October 2005 clocks in Newfoundland showed 23:01 of the day before."""
    found = runs("*/15 * * * *", "2005-10-29T21:59", "America/St_Johns", count=30)
    instants = [datetime.fromisoformat(run.utc) for run in found.runs]
    assert {later - earlier for earlier, later in pairwise(instants)} == {timedelta(minutes=15)}
    assert [run.local[8:16] for run in found.runs][7:11] == ["29T23:45", "30T00:00", "29T23:15", "29T23:30"]


def test_a_day_that_was_skipped_runs_at_the_beginning_of_the_next() -> None:
    found = runs("15 12 30 12 *", "2011-12-01T00:00", "Pacific/Apia", count=2)
    assert [(run.local[:16], run.moved) for run in found.runs] == [
        ("2011-12-31T00:00", True),
        ("2012-12-30T12:15", False),
    ]


@pytest.mark.parametrize(
    ("expression", "days", "rule"),
    [
        ("0 0 13 * 5", ["2024-01-05", "2024-01-12", "2024-01-13"], EITHER_DAY),
        ("0 0 13 * *", ["2024-01-13", "2024-02-13", "2024-03-13"], BOTH_DAYS),
        ("0 0 * * 5", ["2024-01-05", "2024-01-12", "2024-01-19"], BOTH_DAYS),
        ("0 0 */10 * 5", ["2024-03-01", "2024-05-31", "2024-06-21"], BOTH_DAYS),
        ("0 0 29 2 *", ["2024-02-29", "2028-02-29", "2032-02-29"], BOTH_DAYS),
    ],
)
def test_the_rule_of_the_two_day_fields_is_told_and_kept(expression: str, days: list[str], rule: str) -> None:
    found = runs(expression, "2024-01-01T00:00", count=3)
    assert [run.utc[:10] for run in found.runs] == days
    assert found.day_rule == rule


@pytest.mark.parametrize("macro", sorted(MACROS))
def test_names_of_schedules_are_those_of_cron(macro: str) -> None:
    assert runs(macro, "2024-05-05T05:05").expression == MACROS[macro]


def test_names_of_months_and_days_are_numbers() -> None:
    named, numbered = (
        runs(expression, "2024-01-01T00:00", count=9)
        for expression in ("0 9 * jan-Mar,DEC MON-fri", "0 9 * 1-3,12 1-5")
    )
    assert named.runs == numbered.runs
    assert runs("0 0 * * 7", "2024-01-01T00:00").fields.days_of_week == (0,)
    assert runs("0 0 * * 5-7", "2024-01-01T00:00").fields.days_of_week == (0, 5, 6)


def test_a_run_is_later_than_the_time_given() -> None:
    assert runs("0 0 1 1 *", "2024-01-01T00:00").runs[0].utc == "2025-01-01T00:00:00Z"
    assert runs("0 0 1 1 *", "2023-12-31T23:59:59").runs[0].utc == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "expression",
    [
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "* * * * FRI-SUN",
        "* * * * L",
        "* * L * *",
        "* * 15W * *",
        "* * * * 5#2",
        "* * ? * *",
        "* * * FOO *",
        "1,,2 * * * *",
        "-1 * * * *",
        "1.5 * * * *",
        "@reboot",
        "@every 5m",
        "H * * * *",
        "٣ * * * *",
        "* * * * *; rm -rf /",
    ],
)
def test_what_is_no_standard_expression_is_refused(expression: str) -> None:
    assert refusal(expression).code == "invalid_argument"


@pytest.mark.parametrize("expression", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 2 */1"])
def test_a_day_that_never_comes_is_refused(expression: str) -> None:
    assert refusal(expression, "1900-01-01T00:00").code == "domain_error"


def test_the_years_known_have_an_end() -> None:
    assert len(runs("0 0 1 1 *", "2097-06-01T00:00", count=10).runs) == 3


def test_a_start_that_clocks_skip_or_show_twice_asks_for_an_offset() -> None:
    assert refusal("* * * * *", "2024-03-31T02:30", "Europe/Berlin").code == "domain_error"
    assert refusal("* * * * *", "2024-10-27T02:30", "Europe/Berlin").code == "ambiguous"
    assert runs("* * * * *", "2024-10-27T02:30+01:00", "Europe/Berlin").runs[0].utc == "2024-10-27T01:31:00Z"


def test_the_answer_names_five_runs_and_counts_the_others() -> None:
    args: dict[str, JsonValue] = {
        "expression": "@daily",
        "after": "2024-01-01T12:00",
        "count": 7,
        "timezone_name": "Europe/Berlin",
    }
    told = invoke("cron_next", args, AnswerStyle(language="de")).answer
    assert told.startswith("0 0 * * * läuft als Nächstes: 02.01.2024 (Dienstag) 00:00, ")
    assert told.endswith("06.01.2024 (Samstag) 00:00 und 2 weitere (Europe/Berlin).")
    assert told.count(", ") == 4
