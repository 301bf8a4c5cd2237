"""Parser of cron expressions: five fields, or a name such as `@daily`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.mcp.contract import ToolError

MACROS: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(
    r"(?:(?P<star>\*)|(?P<low>\d{1,2}|[a-z]{3})(?:-(?P<high>\d{1,2}|[a-z]{3}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII
)
_EXTENSION = re.compile(r"[?#]|(?<![a-z])(?:l|lw|w)(?![a-z])|\d[lw]")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five fields: its bounds, and the names of its numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Number of a name or of digits. Raises ToolError if it is outside the field."""
        if text in self.names:
            return self.names.index(text) + self.low
        if not text.isdigit() or not self.low <= int(text) <= self.high:
            raise ToolError("invalid_argument", f"expression: {self.name} is {self.low} to {self.high}{self._named()}")
        return int(text)

    def _named(self) -> str:
        return f" or {self.names[0].upper()} to {self.names[-1].upper()}" if self.names else ""


_FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of month", 1, 31),
    Field("month", 1, 12, _MONTHS),
    Field("day of week", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A read expression. Weekdays count from Sunday, 0. `starred` are the fields that begin with a star."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    starred: tuple[bool, bool, bool, bool, bool]

    @property
    def either_day(self) -> bool:
        """Whether one of day of month and day of week is enough: so if neither field begins with a star."""
        return not (self.starred[2] or self.starred[4])

    @property
    def by_the_clock(self) -> bool:
        """Whether minute and hour are fixed, so that a run belongs to its day and not to time that passes."""
        return not (self.starred[0] or self.starred[1])

    def runs_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (in_month or in_week) if self.either_day else (in_month and in_week)


def read_schedule(expression: str) -> Schedule:
    """Raises ToolError."""
    text = " ".join(expression.lower().split())
    if text.startswith("@") and text not in MACROS:
        raise ToolError("invalid_argument", f"expression: there are {', '.join(MACROS)}")
    parts = MACROS.get(text, text).split(" ")
    if len(parts) != len(_FIELDS):
        raise ToolError("invalid_argument", "expression: write five fields, minute hour day month weekday")
    minutes, hours, days, months, weekdays = (_values(*pair) for pair in zip(parts, _FIELDS, strict=True))
    minute, hour, day, month, weekday = (part.startswith("*") for part in parts)
    return Schedule(
        text=" ".join(parts).upper(),
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=tuple(sorted({number % 7 for number in weekdays})),
        starred=(minute, hour, day, month, weekday),
    )


def _values(part: str, field: Field) -> tuple[int, ...]:
    return tuple(sorted({number for item in part.split(",") for number in _range(item, field)}))


def _range(item: str, field: Field) -> range:
    """Numbers of `*`, `5`, `1-5`, each with `/step`; `5/10` runs to the end of the field."""
    found = _ITEM.fullmatch(item)
    if found is None:
        raise _unreadable(item, field)
    step = int(found["step"] or 1)
    if step == 0:
        raise ToolError("invalid_argument", f"expression: a step of {field.name} is at least 1")
    if found["star"]:
        return range(field.low, field.high + 1, step)
    low = field.number(found["low"])
    last = field.high if found["step"] else low
    high = field.number(found["high"]) if found["high"] else last
    if high < low:
        raise ToolError("invalid_argument", f"expression: a range of {field.name} goes up, as in {high}-{low}")
    return range(low, high + 1, step)


def _unreadable(item: str, field: Field) -> ToolError:
    if _EXTENSION.search(item):
        return ToolError(
            "invalid_argument", f"expression: {field.name} has an extension (L W # ?) that is not standard"
        )
    return ToolError("invalid_argument", f"expression: {field.name} is not a number, range, list, step or *")
