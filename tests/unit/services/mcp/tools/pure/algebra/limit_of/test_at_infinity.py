"""`limit_of` at infinity: quotients of polynomials by their highest powers."""

import random
from fractions import Fraction

from tests.support.mcp.exactness import Exactness
from tests.support.mcp.formula_values import polynomial, text, written

SEED = 20_260_207


def test_quotients_at_infinity_go_by_their_highest_powers(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("limit_of", 1_500):
        above, below = polynomial(source, 2), polynomial(source, 2)
        p, q = source.choice((1, 2, 3, 4)), source.choice((1, 2, 3, 4))
        a, b = (source.choice((1, -1)) * source.randint(1, 9) for _ in range(2))
        above = {k: c for k, c in above.items() if k < p} | {p: Fraction(a)}
        below = {k: c for k, c in below.items() if k < q} | {q: Fraction(b)}
        sign = source.choice((1, -1))
        told = text(
            "limit_of", "limit", expression=f"({written(above)})/({written(below)})", to="oo" if sign > 0 else "-oo"
        )
        assert told == _ratio(Fraction(a, b), p - q, sign), (written(above), written(below), sign)


def _ratio(ratio: Fraction, excess: int, sign: int) -> str:
    if excess <= 0:
        return str(ratio) if excess == 0 else "0"
    return "oo" if ratio * sign**excess > 0 else "-oo"
