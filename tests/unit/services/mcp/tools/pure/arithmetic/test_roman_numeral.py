"""`roman_numeral`: all 3,999 numerals, and every spelling that is not the standard one."""

from itertools import product

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness


def digits(one: str, five: str, ten: str) -> tuple[str, ...]:
    """Numerals of 0 to 9 with the signs of one decimal place."""
    low = ("", one, one * 2, one * 3)
    return (*low, one + five, *(five + ones for ones in low), one + ten)


DIGITS = (digits("I", "V", "X"), digits("X", "L", "C"), digits("C", "D", "M"), ("", "M", "MM", "MMM"))


def standard(number: int) -> str:
    """Numeral from a table of decimal digits: another way than the tool's."""
    places = [int(digit) for digit in reversed(f"{number:04}")]
    return "".join(DIGITS[place][digit] for place, digit in reversed(list(enumerate(places))))


ALL = {standard(number): number for number in range(1, 4_000)}


def test_every_number_is_written_as_the_table_has_it_and_read_back(exact: Exactness) -> None:
    exact.table("roman_numeral", 2 * len(ALL))
    for numeral, number in ALL.items():
        assert invoke("roman_numeral", {"value": str(number)}).result["roman"] == numeral
        assert invoke("roman_numeral", {"value": numeral.lower()}).result["number"] == number


def test_of_all_words_of_up_to_four_letters_only_standard_numerals_are_read(exact: Exactness) -> None:
    exact.table("roman_numeral", sum(7**length for length in range(1, 5)))
    for length in range(1, 5):
        for letters in product("IVXLCDM", repeat=length):
            word = "".join(letters)
            try:
                assert invoke("roman_numeral", {"value": word}).result["number"] == ALL[word]
            except ToolError:
                assert word not in ALL


@pytest.mark.parametrize("value", ["0", "4000", "-1", "9" * 40])
def test_numbers_without_a_numeral_are_refused(value: str) -> None:
    with pytest.raises(ToolError, match="3999") as caught:
        invoke("roman_numeral", {"value": value})
    assert caught.value.code == "domain_error"


@pytest.mark.parametrize("value", ["IIII", "VV", "IC", "ABC", "X I", "Ⅻ", "1.5", "\u0131v", " "])
def test_what_is_no_numeral_is_refused(value: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("roman_numeral", {"value": value})
    assert caught.value.code == "invalid_argument"
