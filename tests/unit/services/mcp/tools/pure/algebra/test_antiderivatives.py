"""`integrate`: antiderivatives of polynomials, and functions of a line against mpmath's quadrature."""

import random
from fractions import Fraction

import mpmath

from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import close, exact_value, polynomial, polynomial_value, text, written

SEED = 20_260_206
PROBES = (Fraction(0), Fraction(2), Fraction(-5, 3))


def test_antiderivatives_of_polynomials_differ_from_those_of_their_terms_by_a_constant(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("integrate", 500):
        one = polynomial(source, 3)
        told = text("integrate", "antiderivative", expression=written(one))
        truth = {power + 1: c / (power + 1) for power, c in one.items()}
        shifts = {
            exact_value(told, x) - polynomial_value(truth, x) for x in (Fraction(0), Fraction(2), Fraction(-5, 3))
        }
        assert len(shifts) == 1, written(one)


FUNCTIONS = {
    "exp": mpmath.exp,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "sqrt": mpmath.sqrt,
    "ln": mpmath.log,
    "1/": lambda x: 1 / x,
}


def test_functions_of_a_line_have_the_integrals_that_quadrature_finds(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("integrate", 500):
        name, factor = source.choice(list(FUNCTIONS)), source.randint(1, 5)
        slope, shift, low = source.randint(1, 4), source.randint(1, 9), Fraction(source.randint(0, 6), 2)
        high = low + Fraction(source.randint(1, 8), 2)
        expression = f"{factor}*{name}({slope}x + {shift})" if name != "1/" else f"{factor}/({slope}x + {shift})"
        told = text("integrate", "rounded", expression=expression, lower=str(low), upper=str(high))
        with mpmath.workdps(30):
            ends = [mpmath.mpf(end.numerator) / end.denominator for end in (low, high)]
            truth = mpmath.quad(lambda x, f=FUNCTIONS[name], a=slope, b=shift, c=factor: c * f(a * x + b), ends)
            assert close(mpmath.mpf(told), truth, "1e-13"), (expression, low, high)
