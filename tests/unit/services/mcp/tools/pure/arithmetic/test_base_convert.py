"""`base_convert` against the standard library's `int`, `format` and fractions."""

import random
from fractions import Fraction

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_103
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def convert(value: str, from_base: int, to_base: int) -> dict[str, JsonValue]:
    return invoke("base_convert", {"value": value, "from_base": from_base, "to_base": to_base}).result


def converted(value: str, from_base: int, to_base: int) -> str:
    return str(convert(value, from_base, to_base)["exact"])


def value_of(text: str, base: int) -> Fraction:
    """Read fixed and repeating digits as a geometric series: written apart from the tool."""
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("+-").partition(".")
    fixed, _, period = fraction.rstrip(")").partition("(")
    value = Fraction(int(whole, base))
    for place, digit in enumerate(fixed, 1):
        value += Fraction(DIGITS.index(digit), base**place)
    for place, digit in enumerate(period, 1):
        first = Fraction(DIGITS.index(digit), base ** (len(fixed) + place))
        value += first / (1 - Fraction(1, base ** len(period)))
    return sign * value


def test_integers_are_those_of_the_standard_library(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("base_convert", 1_000):
        number = source.getrandbits(source.randrange(1, 200))
        assert converted(str(number), 10, 2) == f"{number:b}"
        assert converted(f"{number:X}", 16, 10) == str(number)
        assert converted(f"-0o{number:o}", 8, 16) == (f"-{number:X}" if number else "0")


def test_every_pair_of_bases_leads_there_and_back(exact: Exactness) -> None:
    source = random.Random(SEED)
    exact.table("base_convert", 35 * 35)
    for from_base in range(2, 37):
        for to_base in range(2, 37):
            digits = "".join(source.choice(DIGITS[:from_base]) for _ in range(8))
            text = converted(digits, from_base, to_base)
            assert int(text, to_base) == int(digits, from_base)


def test_fractions_have_the_same_value_in_both_bases(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("base_convert", 1_200):
        from_base, to_base = source.randint(2, 36), source.randint(2, 36)
        fixed = "".join(source.choice(DIGITS[:from_base]) for _ in range(source.choice((1, 2, 2, 9))))
        text = f"{source.choice(('', '-', '+'))}{source.choice('01')}{source.choice('.,')}{fixed}"
        result = convert(text, from_base, to_base)
        truth = value_of(text.replace(",", "."), from_base)
        if result["exact"] is not None:
            assert value_of(str(result["exact"]), to_base) == truth
        rounded = value_of(str(result["rounded"]), to_base)
        assert 2 * abs(rounded - truth) <= Fraction(1, to_base**40)
        assert result["is_exact"] == (rounded == truth)


def test_periods_come_back_from_any_base(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("base_convert", 400):
        base, denominator = source.randint(2, 36), source.randint(2, 60)
        numerator = source.randrange(denominator)
        other = converted(_long_division(numerator, denominator), 10, base)
        assert value_of(other, base) == Fraction(numerator, denominator)


def _long_division(numerator: int, denominator: int) -> str:
    digits, seen, rest = "", dict[int, int](), numerator
    while rest and rest not in seen:
        seen[rest] = len(digits)
        digits += str(rest * 10 // denominator)
        rest = rest * 10 % denominator
    return f"0.{digits[: seen[rest]]}({digits[seen[rest] :]})" if rest else f"0.{digits}"


@pytest.mark.parametrize(
    ("value", "from_base", "to_base", "text"),
    [
        ("0.1", 10, 2, "0.0(0011)"),
        ("0,5", 10, 2, "0.1"),
        ("0.(3)", 10, 3, "0.1"),
        ("0.1(6)", 10, 12, "0.2"),
        ("ff", 16, 10, "255"),
        ("0xFF", 16, 2, "11111111"),
        ("-0b101", 2, 10, "-5"),
        ("Z", 36, 10, "35"),
        ("0", 10, 2, "0"),
        ("-0", 10, 2, "0"),
        ("0.(9)", 10, 2, "1"),
    ],
)
def test_known_conversions(value: str, from_base: int, to_base: int, text: str) -> None:
    assert converted(value, from_base, to_base) == text


@pytest.mark.parametrize("value", ["", ".", "1.2.3", "12A", "(3)", "1(3)", "0x1F", "--1", "1 2", "½", "٣", "1e5"])
def test_what_is_no_number_in_the_base_is_refused(value: str) -> None:
    with pytest.raises(ToolError) as caught:
        convert(value, 10, 2)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("value", ["ß", "\u017f", "\ufb01"])
def test_letters_that_only_become_digits_as_capitals_are_none(value: str) -> None:
    with pytest.raises(ToolError) as caught:
        convert(value, 36, 10)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("value", ["1,000", "-12,345"])
def test_a_comma_that_may_group_thousands_is_refused(value: str) -> None:
    with pytest.raises(ToolError) as caught:
        convert(value, 10, 2)
    assert caught.value.code == "ambiguous"


def test_a_period_beyond_the_limit_leaves_the_rounded_value() -> None:
    result = convert("0." + "0" * 8 + "1", 10, 3)
    assert (result["exact"], result["period"], result["is_exact"]) == (None, None, False)


@pytest.mark.parametrize("base", [1, 0, -2, 37, 10**9])
def test_other_bases_are_refused(base: int) -> None:
    with pytest.raises(ToolError) as caught:
        convert("1", 10, base)
    assert caught.value.code == "invalid_argument"


def test_the_answer_has_the_decimal_mark_of_the_language() -> None:
    answer = invoke("base_convert", {"value": "2,5"}, AnswerStyle(language="de")).answer
    assert answer == "2,5 (Basis 10) = 10,1 (Basis 2)."
