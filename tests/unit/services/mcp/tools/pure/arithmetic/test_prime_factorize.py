"""`prime_factorize` against an independent factoriser, and its rejections."""

import random
import time
from math import prod

import pytest
from pydantic import JsonValue
from sympy import divisor_count, divisor_sigma, factorint, nextprime, totient

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.arithmetic import primes
from services.mcp.tools.pure.arithmetic.primes import PROVABLE_BELOW, factorise, is_prime
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_101


def factors(number: int) -> dict[int, int]:
    return dict(factorise(number))


def refusal(n: JsonValue) -> ToolError:
    with pytest.raises(ToolError) as caught:
        invoke("prime_factorize", {"n": n})
    return caught.value


def test_every_number_below_three_thousand_has_its_factors(exact: Exactness) -> None:
    exact.table("prime_factorize", 2_999)
    assert all(factors(n) == factorint(n) for n in range(1, 3_000))


def test_random_numbers_of_every_length_have_their_factors(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("prime_factorize", 1_500):
        number = source.randrange(1, 1 << source.randrange(1, 62))
        assert factors(number) == factorint(number)


def test_products_of_two_large_primes_are_taken_apart() -> None:
    source = random.Random(SEED)
    for bits in range(20, 37):
        p, q = (int(nextprime(source.randrange(1 << bits, 2 << bits))) for _ in range(2))
        assert factors(p * q) == ({p: 2} if p == q else {p: 1, q: 1})


def test_powers_and_carmichael_numbers_are_taken_apart() -> None:
    for number in (1_009**2, 1_009**3, 1_000_003**2, 561, 1_105, 8_911, 825_265, 321_197_185, 3_215_031_751, 2**100):
        assert factors(number) == factorint(number)


@pytest.mark.parametrize(
    "number",
    [2_047, 1_373_653, 25_326_001, 3_215_031_751, 2_152_302_898_747, 3_474_749_660_383, 341_550_071_728_321,
     3_825_123_056_546_413_051, 318_665_857_834_031_151_167_461],
)  # fmt: skip
def test_the_least_strong_pseudoprimes_to_the_first_bases_are_composite(number: int) -> None:
    """OEIS A014233: each passes the test for the first 1, 2, 3, … primes as bases."""
    assert not is_prime(number)


def test_known_primes_are_prime() -> None:
    for number in (2, 3, 41, 43, 1_000_003, 2**31 - 1, 2**61 - 1, 10**18 + 9, 3_317_044_064_679_887_385_961_813):
        assert is_prime(number) == (factorint(number) == {number: 1})


def test_counts_sums_and_totients_of_divisors_are_right(exact: Exactness) -> None:
    source = random.Random(SEED)
    for number in (1, 2, 360, *(source.randrange(1, 10**12) for _ in exact.cases("prime_factorize", 600))):
        result = invoke("prime_factorize", {"n": number}).result
        assert result["divisor_count"] == divisor_count(number)
        assert result["divisor_sum"] == str(divisor_sigma(number))
        assert result["totient"] == str(totient(number))


def test_the_product_of_the_factors_is_the_number(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("prime_factorize", 500):
        number = source.randrange(1, 10**15)
        result = invoke("prime_factorize", {"n": str(number)}).result
        assert isinstance(result["factors"], list)
        parts = [(int(str(f["prime"])), int(str(f["exponent"]))) for f in result["factors"] if isinstance(f, dict)]
        assert prod(prime**exponent for prime, exponent in parts) == number


@pytest.mark.parametrize(("n", "text"), [(1, "1"), (-1, "-1"), (-7, "-7"), (-12, "-(2^2 * 3)"), (-8, "-(2^3)")])
def test_units_and_signs_are_written_out(n: int, text: str) -> None:
    assert invoke("prime_factorize", {"n": n}).result["factorization"] == text


def test_zero_has_no_factorization() -> None:
    assert refusal(0).code == "domain_error"


@pytest.mark.parametrize("n", ["9" * 80, "9" * 1_000, str(2**256)])
def test_what_is_too_long_is_refused_before_any_work(n: str) -> None:
    started = time.thread_time()
    error = refusal(n)
    assert (error.code, "256" in str(error)) == ("limit_exceeded", True)
    assert time.thread_time() - started < 1.0


def test_a_prime_that_cannot_be_proved_is_refused_with_the_limit() -> None:
    error = refusal(str(2**127 - 1))
    assert error.code == "limit_exceeded"
    assert f"{PROVABLE_BELOW - 1:,}" in str(error)


def test_two_primes_out_of_reach_are_refused_within_the_bound_on_work(
    exact: Exactness, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exact.whole:
        monkeypatch.setattr(primes, "MAX_RHO_STEPS", 100_000)
    started = time.thread_time()
    assert refusal(str((2**61 - 1) * (2**60 + 33))).code == "limit_exceeded"
    assert time.thread_time() - started < 30


@pytest.mark.parametrize("n", ["", "1.5", "0x10", "1e5", "١٢", "--5", " 7", 1.5, True, None, 2**64])
def test_what_is_no_integer_is_refused(n: JsonValue) -> None:
    assert refusal(n).code == "invalid_argument"


def test_primes_are_said_in_both_languages() -> None:
    assert invoke("prime_factorize", {"n": 1_000_003}).answer == "1,000,003 is prime."
    assert invoke("prime_factorize", {"n": 97}, AnswerStyle(language="de")).answer == "97 ist eine Primzahl."
