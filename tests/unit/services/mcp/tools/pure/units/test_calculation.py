"""`unit_calculate`: the meaning of an expression, and sums and products against plain fractions."""

import random
from fractions import Fraction

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.units.calculation import CalculateUnitsArguments, CalculateUnitsResult, unit_calculate
from tests.support.mcp.exactness import Exactness


def calculated(expression: str) -> CalculateUnitsResult:
    return unit_calculate(CalculateUnitsArguments(expression=expression))


@pytest.mark.parametrize(
    ("expression", "exact", "unit"),
    [
        ("3 ft + 20 cm in m", "1.1144", "m"),
        ("5 ft 3 in", "5.25", "ft"),
        ("5 ft 3 in in cm", "160.02", "cm"),
        ("-5 ft 3 in in cm", "-160.02", "cm"),
        ("3 in in cm", "7.62", "cm"),
        ("3 in + 2 cm in mm", "96.2", "mm"),
        ("2 h 30 min to min", "150", "min"),
        ("2 Stunden + 30 Minuten in Minuten", "150", "Minuten"),
        ("3 Zoll nach cm", "7.62", "cm"),
        ("1/2 in to mm", "12.7", "mm"),
        ("1 1/2 in in mm", "38.1", "mm"),
        ("5 kg * 9.81 m/s^2 in N", "49.05", "N"),
        ("5 kg · 9,81 m/s² in N", "49.05", "N"),
        ("10 m / 2 s", "5", "m/s"),
        ("100 km / (1 h 30 min) in km/h", "200/3", "km / h"),
        ("60 mph * 2.5 h in mi", "150", "mi"),
        ("1,5 l / 4 in ml", "375", "ml"),
        ("(3 m)^2 in cm²", "90000", "cm^2"),
        ("1 GB / (100 Mbit/s) in s", "80", "s"),
        ("2^3 m", "8", "m"),
        ("10 m/2/5", "1", "m"),
        ("3/2^2 * 1 m", "0.75", "m"),
        ("3/2² * 1 m", "0.75", "m"),
        ("5 m - 3 cm", "4.97", "m"),
        ("12 Stunden pro Tag", "0.5", "1"),
        ("5 % * 200 g in g", "10", "g"),
        ("70 kg / (1.75 m)^2", "160/7", "kg/m^2"),
        ("200 g * 5 %", "10", "g"),
        ("5 % von 200 g", "10", "g"),
        ("5 m x 3 m in m²", "15", "m^2"),
        ("230 V * 16 A", "3680", "W"),
        ("20 °C + 5 K", "25", "°C"),
        ("30 °C - 20 °C in °F", "18", "°F"),
        ("(30 °C - 20 °C)/2 in °C", "5", "°C"),
        ("2*(20 °C - 15 °C) in °F", "18", "°F"),
        ("(30 °C - 20 °C) + (5 °C - 3 °C) in °F", "21.6", "°F"),
        ("(30 °C - 20 °C) + 5 K in °C", "15", "°C"),
        ("10 °C + 2*(20 °C - 15 °C)", "20", "°C"),
        ("-40 °C in °F", "-40", "°F"),
        ("300 K in °C", "26.85", "°C"),
        ("4 J/(kg K) * 2 kg * 3 K in J", "24", "J"),
        ("3 + 4", "7", "1"),
        ("4 us fl oz in us gallon", "0.03125", "us gallon"),
        ("1 rev + 1 rad in rad", "1 + 2*pi", "rad"),
    ],
)
def test_an_expression_has_its_value_and_unit(expression: str, exact: str, unit: str) -> None:
    result = calculated(expression)
    assert (result.value.exact, result.unit) == (exact, unit)


LENGTHS = {"m": "1", "cm": "0.01", "km": "1000", "ft": "0.3048", "in": "0.0254", "yd": "0.9144", "mi": "1609.344"}


def test_thousands_of_sums_are_those_of_fractions(exact: Exactness) -> None:
    source = random.Random(81)
    for _ in exact.cases("unit_calculate", 2_000):
        terms = [(source.choice("+-"), source.randint(1, 9_999), source.choice(sorted(LENGTHS))) for _ in range(4)]
        target = source.choice([name for name in LENGTHS if name != "in"])
        text = " ".join(f"{sign} {value / 100:.2f} {unit}" for sign, value, unit in terms).removeprefix("+ ")
        expected = sum(
            (1 if sign == "+" else -1) * Fraction(value, 100) * Fraction(LENGTHS[unit]) for sign, value, unit in terms
        ) / Fraction(LENGTHS[target])
        found = calculated(f"{text} in {target}").value.exact
        assert found is not None
        assert Fraction(found) == expected, text


def test_thousands_of_products_are_those_of_fractions(exact: Exactness) -> None:
    source = random.Random(82)
    names = [name for name in LENGTHS if name != "in"]
    for _ in exact.cases("unit_calculate", 1_500):
        one, two, three = (source.choice(names) for _ in range(3))
        a, b, c = (source.randint(1, 500) for _ in range(3))
        found = calculated(f"{a} {one} * {b} {two} / {c} {three} in m").value.exact
        assert found is not None
        lengths = Fraction(LENGTHS[one]) * Fraction(LENGTHS[two]) / Fraction(LENGTHS[three])
        assert Fraction(found) == Fraction(a * b, c) * lengths


def arithmetic(source: random.Random, depth: int) -> tuple[str, Fraction, int]:
    """Expression with no more parentheses than it needs, its value, and how closely its last step binds."""
    if depth == 0 or source.random() < 0.2:
        number = source.randint(1, 12)
        return str(number), Fraction(number), 3
    operator = source.choice("+-*/^")
    left, a, left_binds = arithmetic(source, depth - 1)
    if operator == "^":
        exponent = source.randint(0, 3)
        return f"{left if left_binds == 3 and left.isdigit() else f'({left})'}^{exponent}", a**exponent, 2
    right, b, right_binds = arithmetic(source, depth - 1)
    level = 0 if operator in "+-" else 1
    if operator == "/" and b == 0:
        operator = "*"
    left = left if left_binds >= level else f"({left})"
    right = right if right_binds > level else f"({right})"
    gap = source.choice(("", " "))
    value = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[operator]
    return f"{left}{gap}{operator}{gap}{right}", value, level


def test_thousands_of_nested_expressions_bind_as_in_arithmetic_or_are_refused(exact: Exactness) -> None:
    source = random.Random(83)
    for _ in exact.cases("unit_calculate", 3_000):
        text, value, _ = arithmetic(source, depth=4)
        try:
            found = calculated(f"({text}) * 1 m").value.exact
        except ToolError:
            exact.refuse("unit_calculate")
            continue
        if found is not None:
            assert Fraction(found) == value, text


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("3 ft + 20 kg", "domain_error"),
        ("5 m in kg", "domain_error"),
        ("20 °C * 2", "domain_error"),
        ("20 °C + 30 °C", "domain_error"),
        ("5 K - 3 °C", "domain_error"),
        ("-300 °C in K", "domain_error"),
        ("-5 K in °C", "domain_error"),
        ("20 °C in Δ°C", "domain_error"),
        ("2*(300 K + 10 K) in °C", "ambiguous"),
        ("300 K + 10 K in °C", "ambiguous"),
        ("J/kg K", "ambiguous"),
        ("1 / 2 m", "ambiguous"),
        ("6/2(1+2) m", "ambiguous"),
        ("1 GB / 100 Mbit/s in s", "ambiguous"),
        ("3 oz", "ambiguous"),
        ("1 mol * 6.022e23 1/mol", "ambiguous"),
        ("2 3 m", "ambiguous"),
        ("1,234 m + 2 m", "ambiguous"),
        ("1.5 m + 1,5 m", "ambiguous"),
        ("5 m / 0 s", "division_by_zero"),
        ("1 m / (1 rad + 1 rev)", "undecided"),
        ("sin(3 m)", "invalid_argument"),
        ("sqrt(4 m^2)", "invalid_argument"),
        ("3 squares", "invalid_argument"),
        ("5 SQL", "invalid_argument"),
        ("5 mt in kg", "invalid_argument"),
        ("__import__('os').system('id')", "invalid_argument"),
        ("5 m +", "invalid_argument"),
        ("5 m ^ 0.5", "invalid_argument"),
        ("5 $", "invalid_argument"),
        ("m^13", "limit_exceeded"),
        ("1e300 m", "limit_exceeded"),
        ("(" * 60 + "1 m" + ")" * 60, "limit_exceeded"),
        (" * ".join(["m"] * 40), "limit_exceeded"),
        ("(9e99 km)^12 * (9e99 km)^12 * (9e99 km)^12", "limit_exceeded"),
    ],
)
def test_what_is_unclear_or_wrong_is_refused(expression: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        calculated(expression)
    assert caught.value.code == code


def test_the_interpretation_has_canonical_names_and_one_reading() -> None:
    assert calculated("5 kg * 9.81 m/s^2 in N").interpretation == (
        "(5 kilogram) * (9.81 meter) / second^2 in newton"
    )  # fmt: skip


def test_assumptions_are_told_in_the_language_of_the_answer() -> None:
    answer = invoke("unit_calculate", {"expression": "2 Meilen + 1 km in km"}, AnswerStyle(language="de")).answer
    assert answer.startswith("2 Meilen + 1 km in km = 4,218688 km ('Meilen' ist gelesen als statute_mile")
