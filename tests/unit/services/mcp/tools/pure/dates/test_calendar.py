"""`day_of_week`, `calendar_facts` and `iso_week` against day numbers and weeks found by other means."""

import random
from collections.abc import Iterator
from datetime import date

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.dates.calendar_facts import CalendarFactsArguments, calendar_facts
from services.mcp.tools.pure.dates.day_of_week import DayOfWeekArguments, day_of_week
from services.mcp.tools.pure.dates.iso_week import IsoWeekArguments, IsoWeekResult, iso_week
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp import day_numbers
from tests.support.mcp.exactness import Exactness

SEED = 15821015
ENDS = [date(1, 1, 1), date(9999, 12, 25), date(2000, 2, 29), date(1900, 3, 1), date(2020, 12, 31), date(2021, 1, 3)]


def some_days(exact: Exactness, tool: str, number: int) -> Iterator[date]:
    """Yield the ends of the calendar and of some years, then chance days, many of them near the turn of a year."""
    chance = random.Random(SEED)
    last = date(9999, 12, 25).toordinal()
    exact.table(tool, len(ENDS))
    yield from ENDS
    for _ in exact.cases(tool, number):
        turn = date(chance.randint(2, 9998), 1, 1).toordinal() + chance.randint(-8, 8)
        yield date.fromordinal(chance.choice((turn, chance.randint(1, last))))


def parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def test_weekdays_are_those_of_the_day_number(exact: Exactness) -> None:
    english = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    german = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
    for day in some_days(exact, "day_of_week", 4_000):
        found = day_of_week(DayOfWeekArguments(date_str=str(day)))
        number = day_numbers.iso_weekday(*parts(day))
        assert found.iso_weekday == number
        assert (found.weekday, found.weekday_de) == (english[number - 1], german[number - 1])
        assert found.weekend == (number > 5)


def test_facts_of_thousands_of_days(exact: Exactness) -> None:
    for day in some_days(exact, "calendar_facts", 4_000):
        found = calendar_facts(CalendarFactsArguments(date_str=str(day), locale="en"))
        year, month, _ = parts(day)
        assert (found.iso_year, found.iso_week) == day_numbers.iso_week(*parts(day))
        assert found.iso_weekday == day_numbers.iso_weekday(*parts(day))
        assert found.julian_day_number == day_numbers.julian_day(*parts(day))
        assert found.unix_day == day_numbers.julian_day(*parts(day)) - day_numbers.julian_day(1970, 1, 1)
        assert found.day_of_year == day_numbers.julian_day(*parts(day)) - day_numbers.julian_day(year, 1, 1) + 1
        assert found.days_in_month == day_numbers.month_length(year, month)
        assert (found.leap_year, found.days_in_year) == (
            day_numbers.is_leap(year),
            366 if day_numbers.is_leap(year) else 365,
        )
        assert found.days_left_in_year + found.day_of_year == found.days_in_year
        assert found.quarter == {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(month, 4)


@pytest.mark.parametrize(
    ("text", "written", "month"),
    [("2024-03-01", "Freitag, 1. März 2024", "März"), ("31.12.1999", "Freitag, 31. ", "D")],
)
def test_names_are_german_unless_asked_otherwise(text: str, written: str, month: str) -> None:
    found = calendar_facts(CalendarFactsArguments(date_str=text))
    assert found.written.startswith(written)
    assert found.month.startswith(month)
    assert calendar_facts(CalendarFactsArguments(date_str="2024-03-01", locale="en")).written == "Friday, 1 March 2024"


FORMS = (
    "{y:04}-{m:02}-{d:02}",
    "{y:04}/{m:02}/{d:02}",
    "{d:02}.{m:02}.{y:04}",
    "{d}.{m}.{y:04}",
    "{d}. {m}. {y:04}",
    "{d}. {de} {y:04}",
    "{d} {en} {y:04}",
    "{en} {d}, {y:04}",
    "{en} {d} {y:04}",
    "{d} {short} {y:04}",
    "{short}. {d}, {y:04}",
    "{d}. {kurz}. {y:04}",
    "{d} {kurz} {y:04}",
    "{d}th of {en} {y:04}",
)
ENGLISH = "January February March April May June July August September October November December".split()  # noqa: SIM905
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905


def test_every_way_to_write_a_date_that_has_one_meaning_is_read(exact: Exactness) -> None:
    chance = random.Random(SEED)
    for day in some_days(exact, "day_of_week", 3_600):
        form, (year, month, number) = chance.choice(FORMS), parts(day)
        english, german = ENGLISH[month - 1], GERMAN[month - 1]
        names = {"en": english, "de": german, "short": english[:3].upper(), "kurz": german[:3]}
        text = form.format(y=year, m=month, d=number, **names)
        assert day_of_week(DayOfWeekArguments(date_str=text)).date == str(day), text


@pytest.mark.parametrize("text", ["1. J\u00e4nner 2024", "1 Jaenner 2024", "1. Feber 2024"])
def test_austrian_months_are_read(text: str) -> None:
    month = "2024-02-01" if "Feber" in text else "2024-01-01"
    assert day_of_week(DayOfWeekArguments(date_str=text)).date == month


@pytest.mark.parametrize(
    "text", ["5. Brumaire 2024", "31 April 2024", "Mayonnaise 3, 2024", "March 2024", "3. März 24"]
)
def test_a_month_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        day_of_week(DayOfWeekArguments(date_str=text))
    assert caught.value.code == "invalid_argument"


def week(**arguments: int) -> IsoWeekResult:
    return iso_week(IsoWeekArguments.model_validate(arguments))


def test_the_week_of_a_date_and_the_date_of_a_week_are_inverse(exact: Exactness) -> None:
    for day in some_days(exact, "iso_week", 3_000):
        there = iso_week(IsoWeekArguments(date_str=str(day)))
        assert (there.iso_year, there.iso_week) == day_numbers.iso_week(*parts(day))
        assert day_numbers.julian_day(*parts(date.fromisoformat(there.first_day))) % 7 == 0
        back = week(year=there.iso_year, week=there.iso_week, weekday=there.day.iso_weekday)
        assert back.day.date == str(day)


def test_years_have_53_weeks_if_they_begin_or_end_on_a_thursday(exact: Exactness) -> None:
    years = random.Random(SEED).sample(range(1, 9999), 9998)
    for year in (years[turn] for turn in exact.cases("iso_week", 9_998)):
        long = 4 in (day_numbers.iso_weekday(year, 1, 1), day_numbers.iso_weekday(year, 12, 31))
        assert week(year=year, week=10).weeks_in_iso_year == (53 if long else 52)


def test_weeks_are_added_as_seven_days(exact: Exactness) -> None:
    chance = random.Random(SEED)
    for _ in exact.cases("iso_week", 1_000):
        weeks = chance.choice((chance.randint(-50, 50), chance.randint(-100_000, 100_000)))
        moved = date.fromordinal(chance.randint(700_001, 2_900_000))
        found = iso_week(IsoWeekArguments(date_str=str(moved), add_weeks=weeks))
        shown = date.fromisoformat(found.day.date)
        assert day_numbers.julian_day(*parts(shown)) - day_numbers.julian_day(*parts(moved)) == 7 * weeks


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "invalid_argument"),
        ({"year": 2024}, "invalid_argument"),
        ({"week": 3}, "invalid_argument"),
        ({"year": 2024, "week": 53}, "domain_error"),
        ({"year": 9999, "week": 52, "add_weeks": 1}, "domain_error"),
        ({"year": 1, "week": 1, "add_weeks": -1}, "domain_error"),
    ],
)
def test_a_week_that_is_not_there_is_refused(arguments: dict[str, int], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        week(**arguments)
    assert caught.value.code == code


def test_the_answer_names_the_week_first_that_was_asked_for() -> None:
    german = invoke("calendar_facts", {"date_str": "2024-02-29"}, AnswerStyle(language="de", focus="leap_year")).answer
    assert german.startswith("Donnerstag, 29. Februar 2024: 2024 ist ein Schaltjahr, ")
    english = invoke("iso_week", {"year": 2020, "week": 53}).answer
    assert english.startswith("2020-12-28 (Monday) is in ISO week 53 of 2020: 2020-12-28 (Monday) to 2021-01-03 ")
