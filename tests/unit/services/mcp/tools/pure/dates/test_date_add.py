"""`date_add`: months that are too short, the ends of the calendar, thousands of sums against dateutil."""

import random
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from services.mcp.contract import AnswerStyle, Language, ToolError
from services.mcp.tools.pure.dates.date_add import DateAddArguments, DateAddResult, date_add
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness


def added(base: str, *, years: int = 0, months: int = 0, days: int = 0) -> DateAddResult:
    return date_add(DateAddArguments(base_date=base, years=years, months=months, days=days))


@pytest.mark.parametrize(
    ("base", "months", "expected", "clamped"),
    [
        ("2024-01-31", 1, "2024-02-29", True),
        ("2023-01-31", 1, "2023-02-28", True),
        ("2024-03-31", -1, "2024-02-29", True),
        ("2024-02-29", 12, "2025-02-28", True),
        ("2024-02-29", 48, "2028-02-29", False),
        ("2024-05-31", 1, "2024-06-30", True),
        ("2024-05-30", 1, "2024-06-30", False),
        ("2024-12-31", 2, "2025-02-28", True),
        ("1900-01-31", 1, "1900-02-28", True),
        ("2000-01-31", 1, "2000-02-29", True),
    ],
)
def test_a_day_that_the_month_does_not_have_becomes_its_last(
    base: str, months: int, expected: str, clamped: bool
) -> None:
    found = added(base, months=months)
    assert (found.result.date, found.clamped) == (expected, clamped)


def test_years_and_months_come_before_days() -> None:
    assert added("2024-01-31", months=1, days=1).result.date == "2024-03-01"
    assert added("2023-02-28", years=1, days=1).result.date == "2024-02-29"


def test_years_and_months_are_one_number_of_months() -> None:
    found = added("2024-02-29", years=1, months=-12)
    assert (found.result.date, found.clamped) == ("2024-02-29", False)


def test_thousands_of_sums_equal_those_of_dateutil(exact: Exactness) -> None:
    chance = random.Random(20240229)
    checked, turns = 0, exact.cases("date_add", 8_000)
    for _ in turns:
        base = date.fromordinal(chance.randint(1, date.max.toordinal()))
        years, months, days = chance.randint(-300, 300), chance.randint(-500, 500), chance.randint(-40000, 40000)
        expected = reached(base, years, months, days)
        if expected is None:
            with pytest.raises(ToolError) as caught:
                added(str(base), years=years, months=months, days=days)
            assert caught.value.code == "domain_error"
            continue
        found = added(str(base), years=years, months=months, days=days)
        assert found.result.date == str(expected), (base, years, months, days)
        assert found.day_difference == expected.toordinal() - base.toordinal()
        checked += 1
    assert checked > len(turns) * 0.85


def reached(base: date, years: int, months: int, days: int) -> date | None:
    """Result of dateutil, whose steps are ours for months alone and then days."""
    try:
        in_month = base + relativedelta(months=years * 12 + months)
        return in_month + relativedelta(days=days)
    except (ValueError, OverflowError):
        return None


@pytest.mark.parametrize(("base", "days"), [("9999-12-31", 1), ("0001-01-01", -1)])
def test_the_calendar_has_ends(base: str, days: int) -> None:
    with pytest.raises(ToolError) as caught:
        added(base, days=days)
    assert caught.value.code == "domain_error"


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("en", "2024-01-31 (Wednesday) + 1 month - 2 days is 2024-02-27 (Tuesday); the day became the last one of"),
        ("de", "31.01.2024 (Mittwoch) + 1 Monat - 2 Tage ergibt 27.02.2024 (Dienstag); der Tag wurde zum"),
    ],
)
def test_the_answer_shows_each_step(language: Language, answer: str) -> None:
    told = invoke("date_add", {"base_date": "2024-01-31", "months": 1, "days": -2}, AnswerStyle(language=language))
    assert told.answer.startswith(answer)


def test_nothing_added_is_said_as_such() -> None:
    assert invoke("date_add", {"base_date": "2024-01-31"}).answer == (
        "2024-01-31 (Wednesday) + 0 days is 2024-01-31 (Wednesday)."
    )
