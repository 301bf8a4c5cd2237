"""Calls of the calculus tools, and values of the printed formulas."""

import random
from fractions import Fraction

import mpmath
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.formulas import Formula

PLACES = (Fraction(3, 7), Fraction(-8, 5), Fraction(19, 8))


def text(tool: str, field: str, **args: JsonValue) -> str:
    return str(invoke(tool, args).result[field])


def value(told: str, x: Fraction) -> mpmath.mpf:
    """Value of a printed formula, by `calculate`, which has separate oracles."""
    return mpmath.mpf(str(invoke("calculate", {"expression": at(told, x)}).result["rounded"]))


def exact_value(told: str, x: Fraction) -> Fraction:
    """Value of a formula without roots or functions."""
    return Fraction(str(invoke("calculate", {"expression": at(told, x)}).result["exact"]))


def at(told: str, x: Fraction) -> str:
    return told.replace("exp", "E\u0000P").replace("x", f"({x})").replace("E\u0000P", "exp")


def require_values(told: str, one: Formula) -> None:
    """Compare a printed formula with its original wherever a value can be computed."""
    for x in PLACES:
        try:
            found = value(told, x)
        except ToolError:
            continue  # too large for a result, or at a pole
        with mpmath.workdps(60):
            truth = one.function(mpmath.mpf(x.numerator) / x.denominator)
            assert close(found, truth, "1e-20"), (told, one.text)


def close(found: mpmath.mpf, truth: mpmath.mpf, least: str) -> bool:
    return bool(mpmath.almosteq(found, truth, rel_eps=mpmath.mpf("1e-13"), abs_eps=mpmath.mpf(least)))


def polynomial(source: random.Random, most: int) -> dict[int, Fraction]:
    """Coefficients of up to `most` powers, by exponent."""
    powers = source.sample(range(8), source.randint(1, most))
    return {power: Fraction(source.randint(-9, 9), source.choice((1, 1, 2, 3))) for power in powers}


def written(coefficients: dict[int, Fraction]) -> str:
    return " + ".join(f"({c})*x^{i}" for i, c in coefficients.items())


def polynomial_value(coefficients: dict[int, Fraction], x: Fraction) -> Fraction:
    return sum((c * x**i for i, c in coefficients.items()), Fraction(0))
