"""`integrate`: definite ones of polynomials term by term, and of derivatives back."""

import random
from fractions import Fraction

import mpmath

from services.mcp.contract import ToolError
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import close, polynomial, polynomial_value, text, written
from tests.support.mcp.formulas import formula

SEED = 20_260_206


def test_definite_integrals_of_polynomials_are_those_of_their_terms(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("integrate", 1_000):
        one = polynomial(source, 2)
        low, high = (Fraction(source.randint(-12, 12), source.choice((1, 1, 2))) for _ in range(2))
        told = text("integrate", "value", expression=written(one), lower=str(low), upper=str(high))
        truth = {power + 1: c / (power + 1) for power, c in one.items()}
        assert Fraction(told) == polynomial_value(truth, high) - polynomial_value(truth, low), (written(one), low, high)


def test_the_integral_of_a_derivative_is_the_difference_of_the_function(exact: Exactness) -> None:
    source, checked = random.Random(SEED), 0
    asked = 50 if exact.whole else 15
    for _ in range(asked):
        one = formula(source, 2)
        try:
            derivative = text("differentiate", "derivative", expression=one.text)
            told = text("integrate", "rounded", expression=derivative, lower="1/3", upper="5/4")
        except ToolError:
            continue  # most derivatives have no antiderivative that a search finds
        with mpmath.workdps(40):
            truth = one.function(mpmath.mpf(5) / 4) - one.function(mpmath.mpf(1) / 3)
            assert close(mpmath.mpf(told), truth, "1e-13"), one.text
        checked += 1
    assert checked > asked * 0.6
