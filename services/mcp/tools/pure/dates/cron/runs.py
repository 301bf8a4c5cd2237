"""When a schedule runs in a time zone, through changes of the clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from services.mcp.tools.pure.dates.cron.schedule import Schedule
from services.mcp.tools.pure.dates.instants import LAST_YEAR
from services.mcp.tools.pure.dates.zones import gap_around, instants_of

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """One run. `moved`: a change of the clocks skipped its own time."""

    instant: datetime
    moved: bool = False


def runs_after(schedule: Schedule, after: datetime, where: ZoneInfo) -> Iterator[Run]:
    """Yield the runs later than an instant in UTC, in order, until the end of the last year that is known."""
    waiting: list[Run] = []
    last = after
    for day in _days(schedule, after.astimezone(where).date() - _DAY):
        coming = _runs_on(day, schedule, where)
        if not coming:
            continue
        done = [run for run in waiting if run < coming[0]]  # clocks set back over midnight show a day twice
        waiting = sorted({*waiting[len(done) :], *coming})
        for run in done:
            if run.instant > last:
                last = run.instant
                yield run
    yield from (run for run in waiting if run.instant > last)


def _days(schedule: Schedule, first: date) -> Iterator[date]:
    day, end = first, date(LAST_YEAR, 12, 31)
    while day <= end:
        if schedule.runs_on(day):
            yield day
        day += _DAY


def _runs_on(day: date, schedule: Schedule, where: ZoneInfo) -> list[Run]:
    """Run of one local day, in order."""
    locals_ = [datetime.combine(day, time(hour, minute)) for hour, minute in product(schedule.hours, schedule.minutes)]
    if (offset := _steady_offset(day, where)) is not None:
        return [Run((local - offset).replace(tzinfo=UTC)) for local in locals_]
    if schedule.by_the_clock:
        return _first_of_each_instant([_once(local, where) for local in locals_])
    return sorted(Run(instant) for local in locals_ for instant in instants_of(local, where))


def _steady_offset(day: date, where: ZoneInfo) -> timedelta | None:
    """UTC offset of a day if it does not change; two changes are never close enough to undo each other."""
    start = datetime.combine(day, time(), where)
    before, after = (start - _DAY).utcoffset(), (start + 2 * _DAY).utcoffset()
    return before if before == after == start.utcoffset() else None


def _once(local: datetime, where: ZoneInfo) -> Run:
    """The run at a local time: the first of two, or the first whole minute after a gap."""
    if instants := instants_of(local, where):
        return Run(instants[0])
    _, resumed = gap_around(local, where)
    whole = resumed if not resumed.second else resumed.replace(second=0) + _MINUTE
    return Run(instants_of(whole, where)[0], moved=True)


def _first_of_each_instant(runs: list[Run]) -> list[Run]:
    """Run that were moved to one instant, or to that of a run of its own, are one run."""
    return sorted({run.instant: run for run in sorted(runs, reverse=True)}.values())
