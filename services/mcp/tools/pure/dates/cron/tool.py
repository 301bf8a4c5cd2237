"""`cron_next`: when a cron expression runs next."""

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.dates.cron.runs import Run, runs_after
from services.mcp.tools.pure.dates.cron.schedule import Schedule, read_schedule
from services.mcp.tools.pure.dates.instants import LAST_YEAR, MAX_TIME_CHARS, TIME_CHARS, YEARS_RULE, read_time
from services.mcp.tools.pure.dates.names import dated
from services.mcp.tools.pure.dates.zoned import utc_text
from services.mcp.tools.pure.dates.zones import (
    MAX_ZONE_CHARS,
    TZ_DATABASE,
    ZONE_CHARS,
    instants_of,
    require_own_clocks,
    zone,
)

MAX_EXPRESSION_CHARS = 200
MAX_RUNS = 100
EITHER_DAY = "neither day field begins with *: a day that fits one of them is enough"
BOTH_DAYS = "a day field begins with *: a day has to fit both"
BY_THE_CLOCK = (
    "minute and hour are fixed: a time that clocks skip runs at the first minute after the gap, "
    "a time that they show twice runs the first time only"
)
BY_TIME_PASSING = (
    "minute or hour begins with *: it runs whenever clocks show a time that fits, twice if they show it twice, "
    "and not at times that they skip"
)


class CronNextArguments(ToolModel):
    """A cron expression and the time after which its runs are wanted."""

    expression: str = Field(
        min_length=1,
        max_length=MAX_EXPRESSION_CHARS,
        description="minute hour day-of-month month day-of-week, or @hourly @daily @weekly @monthly @yearly",
    )
    after: str = Field(
        min_length=1,
        max_length=MAX_TIME_CHARS,
        description=f"YYYY-MM-DDTHH:MM[:SS] in the time zone, or with Z or an offset; {YEARS_RULE}",
    )
    count: int = Field(default=1, ge=1, le=MAX_RUNS)
    timezone_name: str = Field(default="UTC", min_length=1, max_length=MAX_ZONE_CHARS, description="IANA name")


class CronFields(ToolModel):
    """The numbers that fit each field; Sunday is 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days_of_month: tuple[int, ...]
    months: tuple[int, ...]
    days_of_week: tuple[int, ...]


class CronRun(ToolModel):
    """One run. `moved` says that clocks skip its own time."""

    local: str
    utc: str
    moved: bool


class CronNextResult(ToolModel):
    """The runs later than `after`, in order; fewer than asked for if the years known end before."""

    expression: str
    fields: CronFields
    after: str
    timezone: str
    runs: tuple[CronRun, ...]
    day_rule: str
    clock_rule: str
    tz_database: str = TZ_DATABASE


def cron_next(arguments: CronNextArguments) -> CronNextResult:
    """Raises ToolError."""
    schedule, where = read_schedule(arguments.expression), zone(arguments.timezone_name, "timezone_name")
    after = _instant(arguments.after, where)
    require_own_clocks(where, after, "timezone_name")
    runs = tuple(islice(runs_after(schedule, after, where), arguments.count))
    if not runs:
        raise ToolError("domain_error", f"expression: no day fits until the end of {LAST_YEAR}")
    return CronNextResult(
        expression=schedule.text,
        fields=_fields(schedule),
        after=after.astimezone(where).isoformat(),
        timezone=where.key,
        runs=tuple(_shown(run, where) for run in runs),
        day_rule=EITHER_DAY if schedule.either_day else BOTH_DAYS,
        clock_rule=BY_THE_CLOCK if schedule.by_the_clock else BY_TIME_PASSING,
    )


def _instant(text: str, where: ZoneInfo) -> datetime:
    moment = read_time(text, "after")
    if moment.tzinfo is not None:
        return moment
    instants = instants_of(moment, where)
    if len(instants) != 1:
        twice = "shows this time twice" if instants else "skips this time"
        raise ToolError("ambiguous" if instants else "domain_error", f"after: {where.key} {twice}, add an offset")
    return instants[0]


def _fields(schedule: Schedule) -> CronFields:
    return CronFields(
        minutes=schedule.minutes,
        hours=schedule.hours,
        days_of_month=schedule.days,
        months=schedule.months,
        days_of_week=schedule.weekdays,
    )


def _shown(run: Run, where: ZoneInfo) -> CronRun:
    return CronRun(local=run.instant.astimezone(where).isoformat(), utc=utc_text(run.instant), moved=run.moved)


def phrase(result: CronNextResult, style: AnswerStyle) -> str:
    """One sentence with the first runs."""
    shown = ", ".join(_sentence(run, style) for run in result.runs[:5])
    more = len(result.runs) - 5
    if style.language == "de":
        rest = f" und {more} weitere" if more > 0 else ""
        return f"{result.expression} läuft als Nächstes: {shown}{rest} ({result.timezone})."
    rest = f" and {more} more" if more > 0 else ""
    return f"{result.expression} runs next: {shown}{rest} ({result.timezone})."


def _sentence(run: CronRun, style: AnswerStyle) -> str:
    local = datetime.fromisoformat(run.local)
    return f"{dated(local.date(), style.language)} {local:%H:%M}"


CRON_NEXT = Tool(
    name="cron_next",
    description=Bilingual(
        en="The next runs of a cron expression in a time zone, through clock changes",
        de="Die nächsten Läufe eines Cron-Ausdrucks in einer Zeitzone, auch über Zeitumstellungen",
    ),
    keywords=Bilingual(
        en="cron crontab next run schedule expression when does it run job timer",
        de="cron crontab nächster lauf zeitplan ausdruck wann läuft job ausführung",
    ),
    arguments=CronNextArguments,
    result=CronNextResult,
    run=cron_next,
    answer=phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        TIME_CHARS,
        ZONE_CHARS,
        Limit(name="count", value=MAX_RUNS, unit="runs"),
        Limit(name="last_year", value=LAST_YEAR, unit="year"),
    ),
    example=Example(
        args={"expression": "30 2 * * 0", "after": "2024-03-30T12:00", "timezone_name": "Europe/Berlin"},
        result={
            "expression": "30 2 * * 0",
            "fields": {
                "minutes": [30],
                "hours": [2],
                "days_of_month": [
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    10,
                    11,
                    12,
                    13,
                    14,
                    15,
                    16,
                    17,
                    18,
                    19,
                    20,
                    21,
                    22,
                    23,
                    24,
                    25,
                    26,
                    27,
                    28,
                    29,
                    30,
                    31,
                ],
                "months": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                "days_of_week": [0],
            },
            "after": "2024-03-30T12:00:00+01:00",
            "timezone": "Europe/Berlin",
            "runs": [{"local": "2024-03-31T03:00:00+02:00", "utc": "2024-03-31T01:00:00Z", "moved": True}],
            "day_rule": BOTH_DAYS,
            "clock_rule": BY_THE_CLOCK,
            "tz_database": TZ_DATABASE,
        },
        answer="30 2 * * 0 runs next: 2024-03-31 (Sunday) 03:00 (Europe/Berlin).",
    ),
    error_example=ErrorExample(args={"expression": "0 0 30 2 *", "after": "2024-01-01T00:00"}, code="domain_error"),
)
