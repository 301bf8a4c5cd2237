"""`gcd_lcm` against the standard library."""

import math
import random

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.arithmetic.gcd_lcm import extended_gcd
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_102


def pairs(exact: Exactness) -> list[tuple[int, int]]:
    source = random.Random(SEED)
    small = [(a, b) for a in range(-12, 13) for b in range(-12, 13)]
    exact.table("gcd_lcm", len(small))
    return small + [(_any(source), _any(source)) for _ in exact.cases("gcd_lcm", 3_000)]


def _any(source: random.Random) -> int:
    return source.choice((1, -1)) * source.getrandbits(source.randrange(1, 300)) * source.choice((1, 6, 35, 1_001))


def test_divisor_and_multiple_are_those_of_the_standard_library(exact: Exactness) -> None:
    for a, b in pairs(exact):
        result = invoke("gcd_lcm", {"a": str(a), "b": str(b)}).result
        assert (result["gcd"], result["lcm"]) == (str(math.gcd(a, b)), str(math.lcm(a, b)))


def test_the_coefficients_make_the_divisor(exact: Exactness) -> None:
    for a, b in pairs(exact):
        divisor, x, y = extended_gcd(a, b)
        assert divisor == math.gcd(a, b) == x * a + y * b


def test_integers_and_their_digits_mean_the_same() -> None:
    assert invoke("gcd_lcm", {"a": 84, "b": 36}) == invoke("gcd_lcm", {"a": "84", "b": "36"})


def test_only_what_is_asked_for_is_told() -> None:
    assert invoke("gcd_lcm", {"a": 4, "b": 6, "operation": "gcd"}).answer == "gcd(4, 6) = 2."
    german = AnswerStyle(language="de")
    assert invoke("gcd_lcm", {"a": 4, "b": 6, "operation": "lcm"}, german).answer == "kgV(4; 6) = 12."


def test_numbers_over_the_limit_are_refused_with_it() -> None:
    with pytest.raises(ToolError, match="1000") as caught:
        invoke("gcd_lcm", {"a": "9" * 1_001, "b": 1})
    assert caught.value.code == "limit_exceeded"
