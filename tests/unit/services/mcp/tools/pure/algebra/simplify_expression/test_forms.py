"""`simplify_expression`: all three forms of products, powers and sums have their value."""

import random
from fractions import Fraction

from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import exact_value

SEED = 20_260_208
FORMS = ("simplified", "expanded", "factored")
X = Fraction(29, 3)


def test_products_powers_and_sums_of_lines_keep_their_value_in_every_form(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("simplify_expression", 1_200):
        lines = [(source.randint(1, 5), source.randint(-9, 9)) for _ in range(3)]
        one, two, three = (f"({a}x + ({b}))" for a, b in lines)
        f, g, h = (a * X + b for a, b in lines)
        known = {
            f"{one}*{two} - {three}": f * g - h,
            f"{one}^2 + {three}": f**2 + h,
            f"{one}*{two}/{one}": g,
            f"{one}/{two}": f / g if g else None,
            f"2*{one} - 3*{three}": 2 * f - 3 * h,
            f"({one} + {two})*x": (f + g) * X,
        }
        expression = source.choice([text for text, value in known.items() if value is not None])
        result = invoke("simplify_expression", {"expression": expression}).result
        for form in FORMS:
            assert exact_value(str(result[form]), X) == known[expression], (expression, form)
