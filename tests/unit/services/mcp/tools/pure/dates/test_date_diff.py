"""`date_diff`: forms, distances, and the calendar rule."""

import random
from collections.abc import Iterator
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, Language, ToolError
from services.mcp.tools.pure.dates.date_diff.models import DateDiffArguments, DateDiffResult
from services.mcp.tools.pure.dates.date_diff.tool import date_diff
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp import day_numbers
from tests.support.mcp.exactness import Exactness


def result(date1: str, date2: str) -> DateDiffResult:
    return date_diff(DateDiffArguments(date1=date1, date2=date2))


def code(date1: str, date2: str = "2024-03-10") -> str:
    with pytest.raises(ToolError) as caught:
        result(date1, date2)
    assert "date1" in str(caught.value)
    return caught.value.code


def test_the_distance_in_days_weeks_and_calendar_units() -> None:
    found = result("2024-01-15", "2024-03-10")
    assert (found.days, found.absolute_days) == (55, 55)
    assert (found.weeks_and_days.weeks, found.weeks_and_days.days) == (7, 6)
    assert (found.calendar.years, found.calendar.months, found.calendar.days) == (0, 1, 24)
    assert (found.date1.weekday, found.date1.iso_weekday) == ("Monday", 1)
    assert (found.date2.weekday, found.date2.iso_weekday) == ("Sunday", 7)


@pytest.mark.parametrize("form", ["2024-01-15", "2024/01/15", "15.01.2024", "15.1.2024", "  2024-01-15\n"])
def test_unambiguous_forms_mean_the_same_day(form: str) -> None:
    assert result(form, "2024-03-10").date1.date == "2024-01-15"


@pytest.mark.parametrize("form", ["01/02/2024", "13/02/2024", "1-2-2024", "01/02/24", "24-01-15", "2/30/2024"])
def test_a_form_in_which_day_or_month_may_come_first_is_refused(form: str) -> None:
    assert code(form) == "ambiguous"


@pytest.mark.parametrize(
    "form",
    [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-01-32",
        "0000-01-01",
        "31.04.2024",
        "20240115",
        "2024-1-5",
        "2024-01-15T00:00",
        "2024-W03-1",
        "yesterday",
        "12024-01-01",
        "-2024-01-01",
        "2024.01.15",
        "２０２４-01-15",  # noqa: RUF001 - full-width digits
        "\u0662024-01-15",
        "2024-01-15; rm -rf /",
    ],
)
def test_what_is_no_date_is_refused(form: str) -> None:
    assert code(form) == "invalid_argument"


@pytest.mark.parametrize(
    ("date1", "date2", "days", "years_months_days"),
    [
        ("2024-02-28", "2024-03-01", 2, (0, 0, 2)),
        ("2023-02-28", "2023-03-01", 1, (0, 0, 1)),
        ("1900-02-28", "1900-03-01", 1, (0, 0, 1)),
        ("2000-02-28", "2000-03-01", 2, (0, 0, 2)),
        ("2024-01-31", "2024-02-29", 29, (0, 1, 0)),
        ("2024-01-31", "2024-03-01", 30, (0, 1, 1)),
        ("2023-01-31", "2023-02-28", 28, (0, 1, 0)),
        ("2020-02-29", "2021-02-28", 365, (1, 0, 0)),
        ("2020-02-29", "2024-02-29", 1461, (4, 0, 0)),
        ("2023-12-31", "2024-01-01", 1, (0, 0, 1)),
        ("2024-12-31", "2024-01-01", -365, (0, 11, 30)),
        ("2024-05-05", "2024-05-05", 0, (0, 0, 0)),
        ("0001-01-01", "9999-12-31", 3652058, (9998, 11, 30)),
        ("1582-10-04", "1582-10-15", 11, (0, 0, 11)),
    ],
)
def test_leap_years_month_ends_and_the_ends_of_the_calendar(
    date1: str, date2: str, days: int, years_months_days: tuple[int, int, int]
) -> None:
    found = result(date1, date2)
    assert found.days == days
    assert (found.calendar.years, found.calendar.months, found.calendar.days) == years_months_days


def pairs(exact: Exactness, number: int) -> Iterator[tuple[date, date]]:
    """Yield pairs of dates: any, near each other, and at ends of months."""
    chance = random.Random(20240229)
    for _ in exact.cases("date_diff", number):
        one = date.fromordinal(chance.randint(1, date.max.toordinal()))
        near = min(max(one.toordinal() + chance.randint(-1500, 1500), 1), date.max.toordinal())
        two = date.fromordinal(chance.choice((near, chance.randint(1, date.max.toordinal()))))
        yield chance.choice(((one, two), (month_end(one), two), (month_end(one), month_end(two))))


def month_end(day: date) -> date:
    return day.replace(day=day_numbers.month_length(day.year, day.month))


def number_of(day: date) -> int:
    return day_numbers.julian_day(day.year, day.month, day.day)


def test_days_and_weekdays_equal_those_of_the_julian_day_number(exact: Exactness) -> None:
    for first, second in pairs(exact, 2_500):
        found = result(str(first), str(second))
        one, two = number_of(first), number_of(second)
        assert found.days == two - one
        assert found.absolute_days == found.weeks_and_days.weeks * 7 + found.weeks_and_days.days == abs(two - one)
        assert 0 <= found.weeks_and_days.days < 7
        assert (found.date1.iso_weekday, found.date2.iso_weekday) == (one % 7 + 1, two % 7 + 1)


def test_the_distance_back_is_the_same_with_the_other_sign(exact: Exactness) -> None:
    for first, second in pairs(exact, 500):
        there, back = result(str(first), str(second)), result(str(second), str(first))
        assert there.days == -back.days
        assert there.calendar == back.calendar


def test_calendar_spans_are_those_of_dateutil(exact: Exactness) -> None:
    for first, second in pairs(exact, 2_500):
        earlier, later = sorted((first, second))
        span, expected = result(str(earlier), str(later)).calendar, relativedelta(later, earlier)
        found = (span.years, span.months, span.days)
        assert found == (expected.years, expected.months, expected.days), (earlier, later)


ARGS: dict[str, JsonValue] = {"date1": "2024-01-15", "date2": "2024-03-10"}
START = "From 2024-01-15 (Monday) to 2024-03-10 (Sunday) it is "
END = "Vom 15.01.2024 (Montag) bis zum 10.03.2024 (Sonntag) "


@pytest.mark.parametrize(
    ("language", "focus", "answer"),
    [
        ("en", None, START + "55 days (7 weeks and 6 days; 1 month and 24 days)."),
        ("en", "weeks", START + "7 weeks and 6 days (55 days; 1 month and 24 days)."),
        ("en", "calendar", START + "1 month and 24 days (55 days; 7 weeks and 6 days)."),
        ("de", "days", END + "sind es 55 Tage (7 Wochen und 6 Tage; 1 Monat und 24 Tage)."),
        ("de", "calendar", END + "sind es 1 Monat und 24 Tage (55 Tage; 7 Wochen und 6 Tage)."),
    ],
)
def test_the_answer_says_first_what_was_asked_for(language: Language, focus: str | None, answer: str) -> None:
    assert invoke("date_diff", ARGS, AnswerStyle(language=language, focus=focus)).answer == answer


def test_one_day_no_day_and_a_way_back_are_said_properly() -> None:
    def answer(date1: str, date2: str, language: Language) -> str:
        return invoke("date_diff", {"date1": date1, "date2": date2}, AnswerStyle(language=language)).answer

    assert answer("2024-01-01", "2024-01-02", "en").endswith("it is 1 day.")
    assert answer("2024-01-01", "2024-01-02", "de").endswith("ist es 1 Tag.")
    assert answer("2024-01-01", "2024-01-01", "en").endswith("it is 0 days.")
    assert answer("2024-01-03", "2024-01-01", "en").endswith("it is 2 days back.")
    assert answer("2024-01-03", "2024-01-01", "de").endswith("sind es 2 Tage zurück.")
