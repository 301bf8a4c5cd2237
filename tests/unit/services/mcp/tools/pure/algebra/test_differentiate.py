"""`differentiate`: slopes of polynomials term by term, and of random formulas against mpmath's numbers."""

import random
from fractions import Fraction

import mpmath

from services.mcp.contract import ToolError
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import (
    PLACES,
    close,
    exact_value,
    polynomial,
    polynomial_value,
    text,
    value,
    written,
)
from tests.support.mcp.formulas import Formula, formula

SEED = 20_260_203


def test_polynomials_are_differentiated_term_by_term(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("differentiate", 1_500):
        one, order = polynomial(source, 2), source.choice((1, 1, 1, 2, 3))
        told = text("differentiate", "derivative", expression=written(one), order=order)
        truth = one
        for _ in range(order):
            truth = {power - 1: c * power for power, c in truth.items() if power}
        for x in (Fraction(2), Fraction(-1, 3)):
            assert exact_value(told, x) == polynomial_value(truth, x), written(one)


def test_derivatives_of_random_formulas_have_the_slopes_that_mpmath_finds(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("differentiate", 500):
        one = formula(source, 3)
        try:
            told = text("differentiate", "derivative", expression=one.text)
        except ToolError as error:
            assert error.code in ("undecided", "limit_exceeded", "division_by_zero"), one.text  # noqa: PT017
            exact.refuse("differentiate")
            continue
        for x in PLACES:
            _compare(told, one, x)


def _compare(told: str, one: Formula, x: Fraction) -> None:
    try:
        found = value(told, x)
    except ToolError:
        return  # too large for a result, or at a pole
    with mpmath.workdps(60):
        truth = mpmath.diff(one.function, mpmath.mpf(x.numerator) / x.denominator)
        assert close(found, truth, "1e-20"), one.text
