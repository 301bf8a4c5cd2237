"""Parsing of a written list of numbers, and its rejections."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.samples import MAX_VALUES, read_sample
from tests.support.mcp.exactness import Exactness


def values(text: str) -> list[Fraction]:
    return list(read_sample(text, "data").values)


def fractions(*numbers: str) -> list[Fraction]:
    return [Fraction(number) for number in numbers]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1, 2, 3", ("1", "2", "3")),
        ("1,2,3", ("1", "2", "3")),
        ("1.5,2.5", ("1.5", "2.5")),
        ("1,5; 2,5", ("1.5", "2.5")),
        ("1.5; 2.5;", ("1.5", "2.5")),
        ("1,5 2,5 3", ("1.5", "2.5", "3")),
        ("1,5\n2,5", ("1.5", "2.5")),
        ("1.5 2.5\t3", ("1.5", "2.5", "3")),
        ("1,2,3\n4,5,6", ("1", "2", "3", "4", "5", "6")),
        ("1, 2,\n3, 4", ("1", "2", "3", "4")),
        ("[1, 2.5]", ("1", "2.5")),
        ("-1,-2", ("-1", "-2")),
        ("−1; +2", ("-1", "2")),  # noqa: RUF001 - the sign that people paste
        ("1.234; 5,6", ("1234", "5.6")),
        ("1e3 2E-3", ("1000", "0.002")),
        ("1'000; 2'000", ("1000", "2000")),
        ("7", ("7",)),
    ],
)
def test_a_list_means_its_numbers(text: str, numbers: tuple[str, ...]) -> None:
    assert values(text) == fractions(*numbers)


@pytest.mark.parametrize(
    "text",
    [
        "1,5",
        "1, 2,3",
        "1,5, 2",
        "1,234; 5",
        "1,000 2,000",
        "1.5; 2,5",
        "1 000 2 000",
        "12 050,5 3",
        "1,234,567 2,345,678",
        "1,250,000 980,000 950",
        "1,250,123 980 950",
        "1,000,000",
        "12,345,678.5 7",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        values(text)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize("text", ["1,,2", "1;;2", "a b", "1 2 x", "1 __import__", ";", "NaN 1", "inf"])
def test_what_is_no_number_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ToolError, match=r"number \d+") as caught:
        values(text)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("text", ["1 " * (MAX_VALUES + 1), "9" * 61, "1e999"])
def test_limits_are_named(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        values(text)
    assert caught.value.code == "limit_exceeded"


def test_thousands_of_lists_are_read_in_english_and_in_german(exact: Exactness) -> None:
    source = random.Random(61)
    for _ in exact.cases("statistics_calc", 2_000):
        numbers = [Decimal(source.randint(-99_999, 99_999)).scaleb(-source.randint(0, 4)) for _ in range(5)]
        written = [f"{number:f}" for number in numbers]
        expected = [Fraction(number) for number in numbers]
        assert values(", ".join(written)) == expected
        assert values(" ".join(written)) == expected
        german = [text.replace(".", ",") for text in written]
        if all(len(text.partition(",")[2]) in (0, 3) for text in german):
            continue  # three digits behind each comma may be thousands
        assert values("; ".join(german)) == expected
