"""`holidays_list` and `business_days` against the laws, and against counting by numpy."""

import random
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, TypeVar

import numpy
import pytest
from holidays import country_holidays, list_supported_countries
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, Language, ToolError
from services.mcp.tools.pure.dates.business_days.counting import business_days
from services.mcp.tools.pure.dates.business_days.models import BusinessDaysArguments, BusinessDaysResult
from services.mcp.tools.pure.dates.holiday_calendar import HolidayCalendar
from services.mcp.tools.pure.dates.holidays_list import HolidaysListArguments, HolidaysListResult, holidays_list
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import CUT, Exactness
from tests.support.mcp.holiday_laws import LAENDER, american, austrian, french, german

T = TypeVar("T")
YEARS = range(1995, 2101)
LAWS: dict[str, tuple[Callable[[int], set[date]], range]] = {
    "AT": (austrian, range(1995, 2101)),
    "FR": (french, range(2008, 2101)),
    "US": (american, range(2022, 2101)),
}


def listed(country: str, year: int, region: str | None = None) -> HolidaysListResult:
    return holidays_list(HolidaysListArguments(country=country, year=year, region=region))


def worked(
    start: object, end: object = None, days: int | None = None, region: str | None = None, country: str = "DE"
) -> BusinessDaysResult:
    last = None if end is None else str(end)
    return business_days(
        BusinessDaysArguments(start_date=str(start), end_date=last, days=days, region=region, country=country)
    )


def on_weekdays(days: set[date]) -> set[date]:
    return {day for day in days if day.weekday() < 5}


def dates_of(found: HolidaysListResult) -> set[date]:
    return {date.fromisoformat(day.date) for day in found.holidays}


def test_german_holidays_of_a_century_are_those_of_the_laws(exact: Exactness) -> None:
    known = [(land, year) for land in (*LAENDER, None) for year in YEARS]
    for land, year in some(exact, known):
        assert on_weekdays(dates_of(listed("DE", year, land))) == on_weekdays(german(year, land)), (land, year)


def test_holidays_of_other_countries_are_those_of_the_laws(exact: Exactness) -> None:
    known = [(country, law, year) for country, (law, years) in LAWS.items() for year in years]
    for country, law, year in some(exact, known):
        assert on_weekdays(dates_of(listed(country, year))) == on_weekdays(law(year)), (country, year)


def some(exact: Exactness, known: list[T]) -> Iterator[T]:
    """Yield cases in an order by chance, so that a cut has some of all."""
    shuffled = random.Random(1995).sample(known, len(known))
    yield from (shuffled[turn] for turn in exact.cases("holidays_list", len(known)))


@lru_cache
def off(country: str, land: str | None, first: int, last: int) -> list[date]:
    """Holidays of the laws from one year to another."""
    years = range(first, last + 1)
    if country == "DE":
        return sorted({day for year in years for day in german(year, land)})
    return sorted({day for year in years for day in LAWS[country][0](year)})


def some_place(chance: random.Random) -> tuple[str, str | None, date]:
    """Country, a region and a day whose holidays are written down, with some years before and after."""
    country = chance.choice(("DE", "DE", *LAWS))
    first = date(1997 if country == "DE" else LAWS[country][1][2], 1, 1).toordinal()
    day = date.fromordinal(chance.randint(first, date(2098, 1, 1).toordinal()))
    return country, chance.choice((*LAENDER, None)) if country == "DE" else None, day


def test_business_days_are_those_that_numpy_counts_with_the_holidays_of_the_laws(exact: Exactness) -> None:
    chance = random.Random(1995)
    for _ in exact.cases("business_days", 1_250):
        country, land, start = some_place(chance)
        end = start + timedelta(days=chance.choice((chance.randint(0, 10), chance.randint(0, 400))))
        days = off(country, land, start.year, end.year)
        until = numpy.busday_count(start, end + timedelta(days=1), holidays=days)
        after = numpy.busday_count(start + timedelta(days=1), end + timedelta(days=1), holidays=days)
        before = numpy.busday_count(start, end, holidays=days)
        there, back = worked(start, end, region=land, country=country), worked(end, start, region=land, country=country)
        assert (there.business_days, there.after_start) == (int(until), int(after)), (start, end, country, land)
        assert (abs(back.business_days), abs(back.after_start)) == (int(until), int(before)), (
            start,
            end,
            country,
            land,
        )
        assert there.skipped_count == len({day for day in on_weekdays(set(days)) if start <= day <= end})


def test_the_nth_business_day_is_the_one_that_numpy_reaches(exact: Exactness) -> None:
    chance = random.Random(1996)
    for _ in exact.cases("business_days", 1_250):
        country, land, start = some_place(chance)
        days = chance.choice([-1, 1, *range(-150, 0), *range(1, 150)])
        roll: Literal["backward", "forward"] = "backward" if days > 0 else "forward"
        holidays = off(country, land, start.year - 1, start.year + 1)
        reached = numpy.busday_offset(numpy.datetime64(start), days, roll=roll, holidays=holidays)
        found = worked(start, days=days, region=land, country=country)
        assert found.end.date == str(reached), (start, days, country, land)
        assert found.after_start == days
        assert found.end_is_business_day


@pytest.mark.parametrize(
    ("start", "expected"), [("2024-05-31", "2024-05-31"), ("2024-06-01", "2024-06-03"), ("2024-12-25", "2024-12-27")]
)
def test_no_business_days_on_is_the_day_itself_or_the_next(start: str, expected: str) -> None:
    assert worked(start, days=0).end.date == expected


def test_counting_back_is_counting_with_the_other_sign() -> None:
    there, back = worked("2024-12-20", "2025-01-02"), worked("2025-01-02", "2024-12-20")
    assert there.business_days == -back.business_days == 7
    assert (there.after_start, back.after_start) == (6, -6)


@pytest.mark.parametrize("region", ["BY", "by", "DE-BY", "Bayern", " bayern "])
def test_a_region_has_a_code_and_a_name(region: str) -> None:
    assert listed("de", 2026, region).region == "BY"


@pytest.mark.parametrize(
    ("country", "region", "hint"),
    [
        ("XX", None, "two letters"),
        ("DE", "Bavarya", "not known in DE"),
        ("DK", "BY", "no regions"),
        ("ZZ", "BY", "code"),
    ],
)
def test_a_country_or_region_that_is_not_known_is_refused(country: str, region: str | None, hint: str) -> None:
    with pytest.raises(ToolError, match=hint) as caught:
        listed(country, 2026, region)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize(
    ("country", "year"), [("DE", 1990), ("DE", 2101), ("JP", 2100), ("IN", 2036), ("IN", 2000), ("SA", 1924)]
)
def test_years_without_known_holidays_are_refused_and_not_empty(country: str, year: int) -> None:
    with pytest.raises(ToolError) as caught:
        listed(country, year)
    assert caught.value.code == "domain_error"
    with pytest.raises(ToolError) as caught:
        business_days(BusinessDaysArguments(start_date=f"{year}-06-01", days=1, country=country))
    assert caught.value.code == "domain_error"


@pytest.mark.parametrize("arguments", [{}, {"end_date": "2024-12-31", "days": 3}])
def test_an_end_and_a_number_of_days_exclude_each_other(arguments: dict[str, str | int]) -> None:
    with pytest.raises(ToolError) as caught:
        business_days(BusinessDaysArguments.model_validate({"start_date": "2024-12-20", **arguments}))
    assert caught.value.code == "invalid_argument"


def test_the_last_days_known_are_counted_without_a_look_at_the_next_year() -> None:
    found = business_days(BusinessDaysArguments(start_date="2035-12-28", end_date="2035-12-31", country="IN"))
    assert (found.business_days, found.weekend) == (2, ("Saturday", "Sunday"))


def test_a_span_has_a_limit() -> None:
    with pytest.raises(ToolError) as caught:
        worked("1995-01-01", "2099-01-01")
    assert caught.value.code == "limit_exceeded"


def test_names_are_given_in_the_languages_there_are() -> None:
    german_day = listed("DE", 2026).holidays[0]
    assert (german_day.name, german_day.name_en, german_day.name_de) == ("Neujahr", "New Year's Day", "Neujahr")
    swiss = listed("CH", 2026).holidays[0]
    assert (swiss.name_en, swiss.name_de) == ("New Year's Day", "Neujahrstag")
    american_day = listed("US", 2026).holidays[0]
    assert (american_day.name, american_day.name_de) == ("New Year's Day", None)


@pytest.mark.parametrize("year", [2010, 2026])
def test_names_and_days_of_all_countries_are_those_of_the_package_itself(exact: Exactness, year: int) -> None:
    translated, codes = 0, some_countries(exact)
    for code in codes:
        own = country_holidays(code, years=year)
        first, last = HolidayCalendar(code, None).known_years
        if not first <= year <= last:
            continue
        found = listed(code, year)
        assert dates_of(found) == set(own)
        for language, names in (
            ("en_US", [day.name_en for day in found.holidays]),
            (own.default_language or "en_US", [day.name for day in found.holidays]),
        ):
            if language in own.supported_languages:
                expected = country_holidays(code, years=year, language=language)
                assert names == [expected[day] for day in sorted(expected)], (code, language)
                translated += 1
    assert translated > len(codes)


def some_countries(exact: Exactness) -> list[str]:
    codes = list(list_supported_countries(include_aliases=False))
    return codes if exact.whole else codes[::CUT]


def test_no_holiday_that_comes_every_year_ends_before_the_years_known(exact: Exactness) -> None:
    """Lunar calendars are tables in the package, which does not state where they end."""
    for code in {*some_countries(exact), "IN", "ID", "NZ"}:
        last = HolidayCalendar(code, None).known_years[1]
        first = min(2027, last - 9)
        kept = set.intersection(*(names_of(code, year) for year in range(first, first + 6)))
        lately = {name for year in range(last - 2, last + 1) for name in names_of(code, year)}
        missing = kept - lately
        assert missing == set(), (code, last)


def names_of(country: str, year: int) -> set[str]:
    try:
        return {
            re.split(r" ?[(\uff08]", name)[0] for day in listed(country, year).holidays for name in day.name.split("; ")
        }
    except ToolError:  # the first years of a country whose holidays are known for few
        return set()


def test_dates_that_hang_on_the_moon_are_marked_as_estimated() -> None:
    for country in ("TR", "MY", "EG", "ID"):
        found = listed(country, 2045).holidays
        assert {day.estimated for day in found if "Eid" in (day.name_en or "")} == {True}
    assert {day.estimated for day in listed("DE", 2090).holidays} == {False}


def test_weekends_are_those_of_the_country() -> None:
    friday = business_days(BusinessDaysArguments(start_date="2026-02-06", end_date="2026-02-06", country="IL"))
    assert (friday.weekend, friday.business_days) == (("Friday", "Saturday"), 0)


def test_a_weekend_that_is_worked_by_decree_counts() -> None:
    """Saturday 2024-12-07 was worked in Hungary in place of Tuesday 2024-12-24."""
    saturday = business_days(BusinessDaysArguments(start_date="2024-12-07", end_date="2024-12-07", country="HU"))
    assert saturday.business_days == 1
    ordinary = business_days(BusinessDaysArguments(start_date="2024-11-30", end_date="2024-11-30", country="HU"))
    assert ordinary.business_days == 0


def test_a_call_reads_no_file_and_no_environment() -> None:
    opened: list[str] = []
    watching = [True]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching[0] and event == "open":
            opened.append(str(arguments[0]))

    sys.addaudithook(watch)
    for country in ("DE", "CH", "JP", "SA", "AX", "GF", "NZ", "TH"):
        listed(country, 2026)
        business_days(BusinessDaysArguments(start_date="2026-01-01", days=5, country=country))
    watching[0] = False
    assert opened == []


def test_the_package_and_its_version_are_told() -> None:
    from holidays.version import __version__

    assert listed("DE", 2026).calendar == f"holidays {__version__}"


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("en", "2024-12-20 (Friday) + 3 business days (DE): 2024-12-27 (Friday)."),
        ("de", "20.12.2024 (Freitag) + 3 Arbeitstage (DE): 27.12.2024 (Freitag)."),
    ],
)
def test_the_day_reached_is_told_in_one_sentence(language: Language, answer: str) -> None:
    args: dict[str, JsonValue] = {"start_date": "2024-12-20", "days": 3}
    assert invoke("business_days", args, AnswerStyle(language=language)).answer == answer
