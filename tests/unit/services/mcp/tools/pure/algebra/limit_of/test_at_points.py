"""`limit_of` at a point: common factors of a fraction cancel; textbook limits."""

import random
from fractions import Fraction

import mpmath

from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import close, polynomial, polynomial_value, text, written

SEED = 20_260_207


def test_a_factor_that_both_sides_of_a_fraction_have_goes_away(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("limit_of", 300):
        place = Fraction(source.randint(-9, 9), source.choice((1, 1, 2, 3)))
        above, below = polynomial(source, 2), polynomial(source, 2)
        value = polynomial_value(below, place)
        if value == 0:
            below, value = {0: Fraction(1)}, Fraction(1)
        expression = f"(x - ({place}))*({written(above)})/((x - ({place}))*({written(below)}))"
        told = text("limit_of", "limit", expression=expression, to=str(place))
        assert Fraction(told) == polynomial_value(above, place) / value, expression


def test_limits_that_books_prove_hold_for_every_factor(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("limit_of", 200):
        a, b = source.randint(1, 9), source.randint(1, 9)
        known = {
            (f"sin({a}x)/({b}x)", "0"): mpmath.mpf(a) / b,
            (f"tan({a}x)/sin({b}x)", "0"): mpmath.mpf(a) / b,
            (f"(1 - cos({a}x))/({b}x^2)", "0"): mpmath.mpf(a * a) / (2 * b),
            (f"(e^({a}x) - 1)/({b}x)", "0"): mpmath.mpf(a) / b,
            (f"ln(1 + {a}x)/({b}x)", "0"): mpmath.mpf(a) / b,
            (f"(1 + {a}/x)^({b}x)", "oo"): mpmath.exp(a * b),
            (f"x^{min(a, 5)}/e^({b}x)", "oo"): mpmath.mpf(0),
            (f"sqrt(x^2 + {a}x) - x", "oo"): mpmath.mpf(a) / 2,
            (f"({a + 1}^x - 1)/x", "0"): mpmath.log(a + 1),
            (f"atan({a}x)/{b}", "-oo"): -mpmath.pi / (2 * b),
        }
        (expression, to), truth = source.choice(list(known.items()))
        assert close(mpmath.mpf(text("limit_of", "rounded", expression=expression, to=to)), truth, "0"), expression
