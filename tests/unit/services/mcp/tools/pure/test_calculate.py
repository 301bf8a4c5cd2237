"""`calculate` on fractions: the meaning and the exact value of an expression."""

import random

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.calculate.models import CalculateArguments, CalculateResult
from services.mcp.tools.pure.calculate.tool import calculate
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_402


def result(expression: str) -> CalculateResult:
    return calculate(CalculateArguments(expression=expression))


def value_of(expression: str) -> str | None:
    return result(expression).exact


def code(expression: str) -> str:
    with pytest.raises(ToolError) as caught:
        result(expression)
    return caught.value.code


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1+0.2", "0.3"),
        ("17 * 23", "391"),
        ("1/3", "1/3"),
        ("-7/14", "-0.5"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 4 - 3", "3"),
        ("100 / 10 / 2", "5"),
        ("2 ^ 3 ^ 2", "512"),
        ("2 ** 10", "1024"),
        ("-2 ^ 2", "-4"),
        ("(-2) ^ 2", "4"),
        ("2 ^ -3", "0.125"),
        ("--3", "3"),
        ("-+-3", "3"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "2"),
        ("7 % 3", "1"),
        ("7.5 % 2", "1.5"),
        ("5!", "120"),
        ("0!", "1"),
        ("-3!", "-6"),
        ("2 × 3 · 4", "24"),  # noqa: RUF001 - the sign that people paste
        ("9 ÷ 3", "3"),
        ("5 − 3", "2"),  # noqa: RUF001 - the sign that people paste
        ("5²+2³", "33"),
        ("√16", "4"),
        ("√(9 + 16)", "5"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        (".5 + .25", "0.75"),
        ("abs(-3.5)", "3.5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2.675, 2)", "2.68"),
        ("round(1234.5, -2)", "1200"),
        ("floor(-1.5)", "-2"),
        ("ceil(-1.5)", "-1"),
        ("min(3, 1, 2)", "1"),
        ("max(1/3; 0,34)", "0.34"),
        ("gcd(12, 18, 27)", "3"),
        ("lcm(4, 6)", "12"),
        ("factorial(20)", "2432902008176640000"),
        ("2000! / 1999!", "2000"),
        ("sqrt(2.25)", "1.5"),
        ("8 ^ (1/3)", "2"),
        ("(27/8) ^ (2/3)", "2.25"),
        ("log10(1000)", "3"),
        ("log2(1/8)", "-3"),
        ("log(81, 3)", "4"),
        ("ln(e^2)", "2"),
        ("exp(0)", "1"),
        ("0 ^ 0", "1"),
        ("2 ^ 100", "1267650600228229401496703205376"),
        ("SQRT(4) + Abs(-1)", "3"),
    ],
)
def test_arithmetic_is_exact(expression: str, value: str) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("15 % of 119.99", "17.9985"),
        ("15% von 119,99", "17.9985"),
        ("15 % von 119,99", "17.9985"),
        ("15 % of 200 + 50", "80"),
        ("100 + 20 %", "120"),
        ("100 - 20 %", "80"),
        ("100 - 20 % - 10 %", "72"),
        ("2 * 50 + 10 %", "110"),
        ("20 % + 5 %", "0.25"),
        ("20 % + 5 % + 1 %", "0.26"),
        ("50 % - 3", "-2.5"),
        ("20 % * 50", "10"),
        ("50 * 20 %", "10"),
        ("50 / 20 %", "250"),
        ("20 %", "0.2"),
        ("(20 %)", "0.2"),
        ("10 % (3)", "1"),
        ("10 % mod 3", "0.1"),
    ],
)
def test_percentages_follow_the_stated_rule(expression: str, value: str) -> None:
    assert value_of(expression) == value


def test_a_percentage_that_is_added_states_its_rule() -> None:
    assert [rule.name for rule in result("100 + 20 %").rules] == ["percent_of_left"]
    assert result("15 % of 200").rules == ()


@pytest.mark.parametrize("expression", ["10 % -3", "10%-3", "10 % +3"])
def test_a_percent_sign_that_may_be_a_remainder_is_refused(expression: str) -> None:
    assert code(expression) == "ambiguous"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("119,99 + 0", "119.99"),
        ("1.234,5 + 0", "1234.5"),
        ("1,234.5 + 0", "1234.5"),
        ("1,234,567 + 0", "1234567"),
        ("1.234.567 + 0", "1234567"),
        ("1,234 + 0.5", "1234.5"),
        ("1.234 + 0,5", "1234.5"),
        ("1.234 + 1", "2.234"),
        ("0,234 + 1", "1.234"),
        ("1234,567 + 0", "1234.567"),
        ("1'234'567 + 0", "1234567"),
        ("1_000 + 0", "1000"),
        ("1\u202f234\u202f567 + 0", "1234567"),
        ("1\u00a0234,5 + 0", "1234.5"),
        ("10 mod (2,5 + 1,5)", "2"),
        ("round(25; 0)", "25"),
    ],
)
def test_separators_are_read_where_only_one_reading_is_left(expression: str, value: str) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "1,234 + 1",
        "1,234",
        "15 % von 1.234",
        "0.1 + 0,2",
        ".5 + ,5",
        "12,34,567",
        "1.23.456",
        "1'23",
        "1,2.3,4",
        "round(2,5)",
    ],
)
def test_numbers_with_two_readings_are_refused(expression: str) -> None:
    assert code(expression) == "ambiguous"


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "+",
        "1 +",
        "* 2",
        "(1",
        "1)",
        "()",
        "1 2",
        "2pi",
        "2(3)",
        "3!!",
        "5%%",
        "sqrt()",
        "sqrt 4",
        "sqrt(1,2,3)",
        "sqrt(2,25)",
        "log(1,2,3)",
        "of 5",
        "5 of 10",
        "mod",
        "1e",
        "0x10",
        "1_",
        "five",
        "__import__('os').system('id')",
        "().__class__.__bases__[0]",
        "open('/etc/passwd').read()",
        "lambda: 1",
        "x = 1",
        "[1, 2]",
        "{1: 2}",
        "'a' * 3",
        "1; 2",
        "1 if 1 else 2",
        "1 < 2",
        "1 & 2",
        "a.b",
        "os",
        "eval(1)",
        "exec(1)",
        "１ + １",  # noqa: RUF001 - full-width digits
        "\u0661 + 1",
        "1\x00",
    ],
)
def test_what_is_not_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises((ToolError, ValueError)):
        result(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1/0", "division_by_zero"),
        ("1 mod 0", "division_by_zero"),
        ("1 // (2 - 2)", "division_by_zero"),
        ("0 ^ -1", "division_by_zero"),
        ("log(5, 1)", "division_by_zero"),
        ("sqrt(-1)", "domain_error"),
        ("(-8) ^ (1/3)", "domain_error"),
        ("ln(0)", "domain_error"),
        ("log10(-5)", "domain_error"),
        ("2.5!", "domain_error"),
        ("(-1)!", "domain_error"),
        ("gcd(1.5, 2)", "domain_error"),
        ("asin(2)", "domain_error"),
        ("acos(-1.01)", "domain_error"),
        ("tan(90°)", "domain_error"),
        ("round(1.5, 0.5)", "domain_error"),
        ("(0 - pi) ^ pi", "domain_error"),
    ],
)
def test_operations_without_a_value_have_their_own_code(expression: str, expected: str) -> None:
    assert code(expression) == expected


def test_exact_and_rounded_stand_side_by_side_with_the_rule() -> None:
    third = result("1/3")
    assert (third.exact, third.exact_kind, third.rounded) == ("1/3", "fraction", "0.333333333333333")
    assert (third.is_exact, third.rounding) == (False, "half_even_15_significant_digits")
    half = result("1/2")
    assert (half.exact, half.exact_kind, half.rounded) == ("0.5", "decimal", "0.5")
    assert (half.is_exact, half.rounding) == (True, "none")
    large = result("2^100")
    assert (large.exact_kind, large.rounded, large.is_exact) == ("integer", "1.26765060022823e+30", False)


def test_halves_round_to_even_in_the_fifteenth_digit() -> None:
    assert result("1.000000000000005").rounded == "1.00000000000000"
    assert result("1.000000000000015").rounded == "1.00000000000002"


def test_the_interpretation_can_be_read_in_one_way_only_and_gives_the_same_value() -> None:
    assert result("-2^2 + 15 % von 1.234,5").interpretation == "(-(2^2)) + (15% * 1234.5)"
    assert result("max(1,5; 2)").interpretation == "max(1.5; 2)"


def test_answers_are_sentences_with_the_value_in_the_mark_of_the_language() -> None:
    german = AnswerStyle(language="de")
    assert invoke("calculate", {"expression": "15 % von 119,99"}, german).answer == "15 % von 119,99 = 17,9985."
    assert invoke("calculate", {"expression": "1/3"}).answer == (
        "1/3 ≈ 0.333333333333333 (rounded to 15 significant digits; exactly 1/3)."
    )
    assert invoke("calculate", {"expression": "100 + 20 %"}, german).answer == (
        "100 + 20 % = 120. Regel: a + p % schlägt p Prozent von a auf, a - p % zieht p Prozent von a ab."
    )


def test_a_long_expression_is_not_repeated_in_the_answer() -> None:
    answer = invoke("calculate", {"expression": "+".join(["1"] * 400)}).answer
    assert answer == "The result = 400."


def test_products_come_before_sums_and_both_go_from_left_to_right(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("calculate", 500):
        flat = "".join(f"{source.choice('+-*')}{source.randint(1, 50)}" for _ in range(source.randint(2, 8)))[1:]
        assert value_of(flat) == str(_python_value(flat))


def _python_value(flat: str) -> int:
    """Products first, then sums, from left to right: written apart from the grammar under test."""
    total = 0
    for term in flat.replace("-", "+-").split("+"):
        product = 1
        for factor in term.split("*"):
            product *= int(factor)
        total += product
    return total
