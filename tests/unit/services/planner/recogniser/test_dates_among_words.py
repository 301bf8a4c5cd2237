"""Dates, times and weeks among other words: what they are taken for, and what stops a call."""

import pytest
from pydantic import JsonValue

from services.planner.recogniser import recognise


def arguments_of(question: str) -> dict[str, JsonValue]:
    """The arguments of the only call, without the language of the answer."""
    calls = recognise(question)
    assert calls is not None, question
    return {name: value for name, value in calls[0].arguments.items() if name != "locale"}


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("vom 1. bis 15. Mai 2025, wie viele Tage?", "2025-05-01", "2025-05-15"),
        ("days between 3 Feb and 19 May 2025", "2025-02-03", "2025-05-19"),
        ("from 20 December to 5 January 2026, how many nights?", "2025-12-20", "2026-01-05"),
        ("01.09. bis 15.11.2024 in Tagen", "2024-09-01", "2024-11-15"),
        ("days from Monday, 3 February 2025 to Fri 7 March 2025", "2025-02-03", "2025-03-07"),
        ("How old was she on 1 Oct 2024 if she was born on 15 July 2022?", "2022-07-15", "2024-10-01"),
    ],
)
def test_the_first_day_of_a_span_may_share_its_month_or_year_with_the_last(
    question: str, first: str, second: str
) -> None:
    assert arguments_of(question) == {"date1": first, "date2": second}


@pytest.mark.parametrize(
    ("question", "moved"),
    [
        ("The library lends books for 14 days. I borrowed one on 10 March 2025, when must it be back?", {"days": 14}),
        ("Dreimonatige Probezeit ab 10.03.2025, wann endet sie?", {"months": 3}),
        ("half a year after 10 March 2025", {"months": 6}),
        ("a fortnight from 10 March 2025, what date?", {"days": 14}),
        ("10.03.2025 in 14 Tagen", {"days": 14}),
        ("Which date is 6 weeks before the deadline of 10 March 2025?", {"days": -42}),
    ],
)
def test_a_period_has_a_direction(question: str, moved: dict[str, int]) -> None:
    assert arguments_of(question) == {"base_date": "2025-03-10", **moved}


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("Which week is 6 weeks after week 48 of 2025?", {"year": 2025, "week": 48, "add_weeks": 6}),
        ("KW 2 2026 minus 3 Wochen", {"year": 2026, "week": 2, "add_weeks": -3}),
        ("Ist der 30.12.2024 noch KW 52 oder schon KW 1?", {"date_str": "2024-12-30"}),
    ],
)
def test_weeks_are_added_to_a_week(question: str, arguments: dict[str, JsonValue]) -> None:
    assert arguments_of(question) == arguments


@pytest.mark.parametrize(
    ("question", "source", "target"),
    [
        ("If I call Tokyo on 14 Oct 2025 at 9:00 from Berlin, what time is it there?", "Europe/Berlin", "Asia/Tokyo"),
        ("The talk in Berlin is on 14 Oct 2025 at 16:00 and London joins when?", "Europe/Berlin", "Europe/London"),
        ("A call on 12 March 2025 at 8:00 am UK time. What time is that in Vienna?", "Europe/London", "Europe/Vienna"),
    ],
)
def test_a_moment_has_the_zone_that_the_words_between_them_name(question: str, source: str, target: str) -> None:
    found = arguments_of(question)
    assert (found["from_timezone"], found["to_timezone"]) == (source, target)


def test_an_ordinal_counts_business_days_and_before_goes_back() -> None:
    later = arguments_of("the eighth business day after 22 December 2025 in Austria, which date?")
    assert later == {"start_date": "2025-12-22", "days": 8, "country": "AT"}
    assert arguments_of("5 working days before 1 April 2026 in Germany")["days"] == -5


def test_a_city_has_the_holidays_of_its_state() -> None:
    assert arguments_of("Which days are public holidays in Stuttgart in 2027?")["region"] == "BW"


def test_a_zone_before_a_schedule_belongs_to_it() -> None:
    found = arguments_of("in New York time, next run of */10 6-22 * * * after 2025-11-30 22:55")
    assert found["timezone_name"] == "America/New_York"
