"""`exact_probability` against sums in fractions, Pascal's triangle and scipy."""

import math
import random
from fractions import Fraction
from itertools import pairwise

import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats

SEED = 20_260_303


def probability(operation: str, **args: JsonValue) -> dict[str, JsonValue]:
    call: dict[str, JsonValue] = {"operation": operation}
    return invoke("exact_probability", call | args).result


def code(args: dict[str, JsonValue]) -> str:
    with pytest.raises(ToolError) as caught:
        invoke("exact_probability", args)
    return caught.value.code


def pascal(rows: int) -> list[list[int]]:
    triangle = [[1]]
    for _ in range(rows):
        last = triangle[-1]
        triangle.append([1, *(a + b for a, b in pairwise(last)), 1])
    return triangle


def test_combinations_are_the_numbers_of_pascals_triangle(exact: Exactness) -> None:
    exact.table("exact_probability", sum(range(1, 47)))
    for n, row in enumerate(pascal(45)):
        for k, number in enumerate(row):
            assert probability("combination", n=n, k=k)["exact"] == str(number)


def test_permutations_are_products_that_count_down(exact: Exactness) -> None:
    exact.table("exact_probability", sum(range(1, 31)))
    for n in range(30):
        product = 1
        for k in range(n + 1):
            assert probability("permutation", n=n, k=k)["exact"] == str(product)
            product *= n - k


def test_large_counts_are_written_out_in_the_answer_with_all_their_zeros(exact: Exactness) -> None:
    exact.table("exact_probability", 40)
    for n in range(50, 1_450, 35):
        args: dict[str, JsonValue] = {"operation": "permutation", "n": n, "k": n, "decimal_scale": n % 2}
        told = invoke("exact_probability", args)
        assert told.result["exact"] == str(math.factorial(n))
        assert told.answer == f"The number of permutations is {math.factorial(n)}."


def test_more_chosen_than_there_are_is_no_way_at_all() -> None:
    assert probability("combination", n=3, k=4)["exact"] == "0"
    assert probability("permutation", n=3, k=4)["exact"] == "0"


def test_fractions_are_in_lowest_terms_and_rounded_in_every_place(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("exact_probability", 1_500):
        above, below = source.randint(-(10**9), 10**9), source.randint(1, 10**9)
        scale = source.randint(0, 18)
        result = probability("fraction", numerator=above, denominator=below, decimal_scale=scale)
        assert result["exact"] == str(Fraction(above, below))
        assert Fraction(str(result["decimal"])) == Fraction(round(Fraction(above, below) * 10**scale), 10**scale)


def test_binomial_probabilities_are_sums_over_pascals_triangle(exact: Exactness) -> None:
    source = random.Random(SEED)
    triangle = pascal(40)
    for _ in exact.cases("exact_probability", 500):
        n = source.randint(0, 40)
        k, below = source.randint(0, n), source.randint(1, 12)
        p = Fraction(source.randint(0, below), below)
        terms = [triangle[n][i] * p**i * (1 - p) ** (n - i) for i in range(n + 1)]
        args: dict[str, JsonValue] = {"n": n, "k": k, "numerator": p.numerator, "denominator": p.denominator}
        assert Fraction(str(probability("binomial", **args)["exact"])) == terms[k]
        assert Fraction(str(probability("binomial_at_most", **args)["exact"])) == sum(terms[: k + 1])
        assert Fraction(str(probability("binomial_at_least", **args)["exact"])) == sum(terms[k:])


def test_large_binomials_are_those_of_scipy(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("exact_probability", 60):
        n = source.randint(100, 4_096)
        p = Fraction(source.randint(1, 99), 100)
        k = min(n, max(0, round(n * p) + source.randint(-30, 30)))
        args: dict[str, JsonValue] = {"n": n, "k": k, "numerator": p.numerator, "denominator": p.denominator}
        args["decimal_scale"] = 18
        found = [float(str(probability(one, **args)["decimal"])) for one in ("binomial", "binomial_at_most")]
        truth = [stats().binom.pmf(k, n, float(p)), stats().binom.cdf(k, n, float(p))]
        assert found == pytest.approx(truth, rel=1e-9, abs=2e-18)


def test_what_has_too_many_digits_is_rounded_and_not_written_out() -> None:
    result = probability("binomial", n=4_096, k=2_048, numerator=1, denominator=2)
    assert (result["exact"], result["decimal"]) == (None, "0.012466185364")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"operation": "combination", "n": 5}, "invalid_argument"),
        ({"operation": "combination", "n": 4_097, "k": 1}, "invalid_argument"),
        ({"operation": "combination", "n": -1, "k": 1}, "invalid_argument"),
        ({"operation": "permutation", "n": 4_096, "k": 4_096}, "limit_exceeded"),
        ({"operation": "combination", "n": 5, "k": 1, "numerator": 1}, "invalid_argument"),
        ({"operation": "combination", "n": 5.0, "k": 1}, "invalid_argument"),
        ({"operation": "fraction", "numerator": 1, "denominator": 0}, "division_by_zero"),
        ({"operation": "fraction", "numerator": 1}, "invalid_argument"),
        ({"operation": "fraction", "numerator": 1, "denominator": 2, "n": 3}, "invalid_argument"),
        ({"operation": "binomial", "n": 5, "k": 6, "numerator": 1, "denominator": 2}, "domain_error"),
        ({"operation": "binomial", "n": 5, "k": 2, "numerator": 3, "denominator": 2}, "domain_error"),
        ({"operation": "binomial", "n": 4_096, "k": 2, "numerator": 1, "denominator": 10**18}, "limit_exceeded"),
        ({"operation": "binomial", "n": 5, "k": 2, "numerator": 1, "denominator": 2, "decimal_scale": 19},
         "invalid_argument"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(args: dict[str, JsonValue], expected: str) -> None:
    assert code(args) == expected
