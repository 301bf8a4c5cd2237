"""`calculate` beyond fractions: symbolic forms, and fifteen digits that are always the right ones."""

import random
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import mpmath
import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.models import CalculateArguments, CalculateResult
from services.mcp.tools.pure.calculate.tool import calculate
from tests.support.mcp.exactness import Exactness

SEED = 20_260_403
FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)


def result(expression: str) -> CalculateResult:
    return calculate(CalculateArguments(expression=expression))


@pytest.mark.parametrize(
    ("expression", "symbolic"),
    [
        ("2^0.5", "sqrt(2)"),
        ("sqrt(8)", "2*sqrt(2)"),
        ("sqrt(1/2)", "sqrt(2)/2"),
        ("1 + sqrt(2)", "1 + sqrt(2)"),
        ("(1 + sqrt(5)) / 2", "1/2 + sqrt(5)/2"),
        ("sqrt(2) * sqrt(6)", "2*sqrt(3)"),
        ("1 / (sqrt(3) - sqrt(2))", "sqrt(2) + sqrt(3)"),
        ("sqrt(2) - 3*sqrt(2)", "-2*sqrt(2)"),
        ("2^1.5", "2*sqrt(2)"),
        ("pi", "pi"),
        ("2 * pi / 3", "2*pi/3"),
        ("π - 3 * π", "-2*pi"),
        ("180°", "pi"),
        ("asin(1)", "pi/2"),
        ("acos(-1/2)", "2*pi/3"),
        ("atan(sqrt(3))", "pi/3"),
        ("sin(60°)", "sqrt(3)/2"),
        ("cos(135 deg)", "-sqrt(2)/2"),
        ("tan(pi/6)", "sqrt(3)/3"),
        ("max(3, pi)", "pi"),
    ],
)
def test_simple_irrational_values_keep_their_exact_form(expression: str, symbolic: str) -> None:
    found = result(expression)
    assert (found.exact, found.exact_kind, found.is_exact) == (symbolic, "symbolic", False)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sqrt(2)^2", "2"),
        ("sqrt(2)^300 / 2^150", "1"),
        ("(1 + sqrt(2)) * (1 - sqrt(2))", "-1"),
        ("(sqrt(5) + sqrt(3)) * (sqrt(5) - sqrt(3))", "2"),
        ("sqrt(2) * sqrt(3) - sqrt(6)", "0"),
        ("sin(30°)", "0.5"),
        ("cos(pi)", "-1"),
        ("sin(1000000 * pi)", "0"),
        ("tan(225°)", "1"),
        ("pi / pi", "1"),
        ("floor(pi)", "3"),
        ("ceil(sqrt(2))", "2"),
        ("round(pi; 4)", "3.1416"),
        ("round(0 - exp(1))", "-3"),
        ("floor(10^50 * sqrt(2))", "141421356237309504880168872420969807856967187537694"),
        ("pi // 1", "3"),
        ("ln(exp(7/3))", "7/3"),
    ],
)
def test_irrational_steps_that_end_in_a_fraction_end_exactly(expression: str, value: str) -> None:
    assert result(expression).exact == value


# Published to many more digits; cut to fifteen here.
@pytest.mark.parametrize(
    ("expression", "digits"),
    [
        ("sqrt(2)", "1.41421356237310"),
        ("pi", "3.14159265358979"),
        ("e", "2.71828182845905"),
        ("ln(2)", "0.693147180559945"),
        ("log(10)", "2.30258509299405"),
        ("log10(2)", "0.301029995663981"),
        ("log2(10)", "3.32192809488736"),
        ("sin(1)", "0.841470984807897"),
        ("cos(1)", "0.540302305868140"),
        ("tan(1)", "1.55740772465490"),
        ("atan(1/2)", "0.463647609000806"),
        ("2^(1/3)", "1.25992104989487"),
        ("(1+sqrt(5))/2", "1.61803398874989"),
        ("exp(pi)", "23.1406926327793"),
        ("pi^e", "22.4591577183610"),
        ("exp(pi*sqrt(163))", "2.62537412640769e+17"),
        ("(1 + 1e-9)^(1e9)", "2.71828182709990"),
        ("2^sqrt(2)", "2.66514414269023"),
    ],
)
def test_known_constants_have_their_known_digits(expression: str, digits: str) -> None:
    assert result(expression).rounded == digits


def test_cancellation_costs_no_digits() -> None:
    assert result("exp(1e-30) - 1").rounded == "1.00000000000000e-30"
    assert result("10^40 + pi - 10^40").rounded == "3.14159265358979"
    assert result("exp(pi*sqrt(163)) - 262537412640768744").rounded == "-7.49927402801814e-13"
    assert result("sqrt(10^20 + 1) - 10^10").rounded == "5.00000000000000e-11"


def test_a_value_that_cannot_be_told_from_zero_is_refused_not_guessed() -> None:
    for expression in ("sin(1)^2 + cos(1)^2 - 1", "1 / (ln(6) - ln(2) - ln(3))", "floor(exp(ln(2)))"):
        with pytest.raises(ToolError) as caught:
            result(expression)
        assert caught.value.code == "undecided"


def test_large_arguments_of_sine_are_reduced_exactly() -> None:
    assert result("sin(10^22)").rounded == "-0.852200849767189"
    assert result("cos(10^22)").rounded == "0.523214785395139"
    assert result("sin(1e999)").rounded == "0.375893377552227"


def test_what_stands_twice_is_the_same_value() -> None:
    assert result("exp(1/3)^2 - exp(1/3)^2").exact == "0"
    assert result("floor(sin(1)^9 - sin(1)^9 + 2)").exact == "2"


FUNCTIONS = ("sqrt", "exp", "ln", "sin", "cos", "tan", "atan", "asin", "acos")
COMPOSITIONS: dict[str, Callable[[mpmath.mpf, mpmath.mpf], mpmath.mpf]] = {
    "sin({a}) * exp({b})": lambda a, b: mpmath.sin(a) * mpmath.exp(b),
    "ln(1 + {a}) / (2 + cos({b}))": lambda a, b: mpmath.ln(1 + a) / (2 + mpmath.cos(b)),
    "(1+{a})^({b}/7)": lambda a, b: (1 + a) ** (b / 7),
}


def rational(source: random.Random) -> Fraction:
    """Fraction from 0 to 50, often a whole number or one near the end of a domain."""
    below = source.choice((1, 2, 7, 997, source.randint(1, 997)))
    return Fraction(source.randint(0, source.choice((1, 50)) * below), below)


def test_every_function_is_correctly_rounded(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("calculate", 1_500):
        function, argument = source.choice(FUNCTIONS), rational(source)
        try:
            rounded = result(f"{function}({argument})").rounded
        except ToolError as refusal:
            outside = (function in ("asin", "acos") and argument > 1) or (function == "ln" and argument == 0)
            assert (refusal.code, outside) == ("domain_error", True), (function, argument)  # noqa: PT017
            continue
        with mpmath.workdps(60):
            truth = getattr(mpmath, function)(mpmath.mpf(argument.numerator) / argument.denominator)
            assert Decimal(rounded) == FIFTEEN.create_decimal(mpmath.nstr(truth, 40)), (function, argument)


def test_compositions_are_correctly_rounded(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("calculate", 500):
        first, second, template = rational(source), rational(source), source.choice(list(COMPOSITIONS))
        rounded = result(template.format(a=first, b=second)).rounded
        with mpmath.workdps(80):
            a, b = (mpmath.mpf(one.numerator) / one.denominator for one in (first, second))
            truth = mpmath.nstr(COMPOSITIONS[template](a, b), 40)
            assert Decimal(rounded) == FIFTEEN.create_decimal(truth), (template, first, second)
