"""Equations with other letters, solved by `solve_equation` for one of them."""

import random
from fractions import Fraction

import pytest
from pydantic import JsonValue

from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_205


def solved(equation: str, variable: str) -> dict[str, JsonValue]:
    return invoke("solve_equation", {"equation": equation, "variable": variable}).result


def formulas_of(result: dict[str, JsonValue]) -> list[str]:
    assert isinstance(result["solutions"], list)
    return [str(one["exact"]) for one in result["solutions"] if isinstance(one, dict)]


@pytest.mark.parametrize(
    ("equation", "variable", "formulas", "not_zero"),
    [
        ("a*x + b = c", "x", ["(-b + c)/a"], ["a"]),
        ("v = s/t", "t", ["s/v"], ["v", "t"]),
        ("y = 2x + 3", "x", ["y/2 - 3/2"], []),
        ("w = m*c^2", "c", ["-sqrt(w/m)", "sqrt(w/m)"], ["m"]),
        ("x*a = x*b", "x", ["0"], ["a - b"]),
    ],
)
def test_formulas_are_solved_for_one_of_their_letters(
    equation: str, variable: str, formulas: list[str], not_zero: list[str]
) -> None:
    result = solved(equation, variable)
    assert formulas_of(result) == formulas
    assert (result["kind"], result["not_zero"]) == ("formula", not_zero)


def test_formulas_with_numbers_for_their_letters_solve_the_equation(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("solve_equation", 100):
        a, b, c, d = (source.choice((1, -1)) * source.randint(1, 9) for _ in range(4))
        (formula,) = formulas_of(solved("a*(x + b)/c = d + x", "x"))
        numbers = {"a": a, "b": b, "c": c, "d": d}
        written = "".join(f"({numbers[letter]})" if letter in numbers else letter for letter in formula)
        if a != c:
            told = invoke("calculate", {"expression": written}).result["exact"]
            assert Fraction(str(told)) == Fraction(a * b - c * d, c - a)
