"""`prime_factorize`: the proved prime factors of an integer."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.arithmetic.integers import MAX_INTEGER_DIGITS, Integer, grouped
from services.mcp.tools.pure.arithmetic.primes import MAX_RHO_STEPS, PROVABLE_BELOW, factorise

MAX_BITS = 256
METHOD = "trial division and Pollard's rho; every factor proved prime by 13 Miller-Rabin bases (Sorenson, Webster 2017)"


class PrimeFactorizeArguments(ToolModel):
    """One integer."""

    n: Integer


class PrimePower(ToolModel):
    prime: str
    exponent: int


class PrimeFactorizeResult(ToolModel):
    """|n| is the product of the prime powers; 1 has none."""

    n: str
    factors: list[PrimePower]
    factorization: str = Field(description="As a product, with the sign of n")
    is_prime: bool
    divisor_count: int = Field(description="Number of positive divisors")
    divisor_sum: str = Field(description="Sum of all positive divisors, n included")
    totient: str = Field(description="Euler's phi: how many of 1..|n| are coprime to n")
    method: str = METHOD


def prime_factorize(arguments: PrimeFactorizeArguments) -> PrimeFactorizeResult:
    """Raises ToolError: domain_error for 0, limit_exceeded."""
    number = int(arguments.n)
    if number == 0:
        raise ToolError("domain_error", "n: 0 has no prime factorization")
    if number.bit_length() > MAX_BITS:
        raise ToolError("limit_exceeded", f"n: the limit is {MAX_BITS} bits")
    factors = factorise(abs(number))
    count, total, totient = 1, 1, 1
    for prime, exponent in factors:
        count *= exponent + 1
        total *= (prime ** (exponent + 1) - 1) // (prime - 1)
        totient *= prime ** (exponent - 1) * (prime - 1)
    return PrimeFactorizeResult(
        n=str(number),
        factors=[PrimePower(prime=str(prime), exponent=exponent) for prime, exponent in factors],
        factorization=_product(number, factors),
        is_prime=number > 1 and count == 2,
        divisor_count=count,
        divisor_sum=str(total),
        totient=str(totient),
    )


def _product(number: int, factors: tuple[tuple[int, int], ...]) -> str:
    text = " * ".join(f"{prime}^{exponent}" if exponent > 1 else str(prime) for prime, exponent in factors) or "1"
    if number > 0:
        return text
    return f"-{text}" if len(factors) < 2 and "^" not in text else f"-({text})"


def _phrase(result: PrimeFactorizeResult, style: AnswerStyle) -> str:
    number = grouped(int(result.n), style.language)
    if result.is_prime:
        return f"{number} ist eine Primzahl." if style.language == "de" else f"{number} is prime."
    product = result.factorization.replace(" * ", " · ") if style.language == "de" else result.factorization
    if style.focus == "divisors":
        count = result.divisor_count
        return (
            f"{number} hat {count} Teiler: {number} = {product}."
            if style.language == "de"
            else (f"{number} has {count} divisors: {number} = {product}.")
        )
    return f"{number} = {product}."


PRIME_FACTORIZE = Tool(
    name="prime_factorize",
    description=Bilingual(
        en="Prime factorization, primality, number and sum of divisors, Euler's totient",
        de="Primfaktorzerlegung, Primzahltest, Anzahl und Summe der Teiler, Eulersche Phi-Funktion",
    ),
    keywords=Bilingual(
        en="prime factors factorization factorize factorise primality is prime divisors totient",
        de="primfaktoren primfaktorzerlegung primzahl zerlegen zerlege faktorisieren teiler anzahl",
    ),
    arguments=PrimeFactorizeArguments,
    result=PrimeFactorizeResult,
    run=prime_factorize,
    answer=_phrase,
    limits=(
        Limit(name="digits", value=MAX_INTEGER_DIGITS, unit="digits"),
        Limit(name="n", value=MAX_BITS, unit="bits"),
        Limit(name="proved_prime", value=PROVABLE_BELOW - 1, unit="integer"),
        Limit(name="search_steps", value=MAX_RHO_STEPS, unit="steps"),
    ),
    example=Example(
        args={"n": 360},
        result={
            "n": "360",
            "factors": [
                {"prime": "2", "exponent": 3},
                {"prime": "3", "exponent": 2},
                {"prime": "5", "exponent": 1},
            ],
            "factorization": "2^3 * 3^2 * 5",
            "is_prime": False,
            "divisor_count": 24,
            "divisor_sum": "1170",
            "totient": "96",
            "method": METHOD,
        },
        answer="360 = 2^3 * 3^2 * 5.",
    ),
    error_example=ErrorExample(args={"n": "9" * 80}, code="limit_exceeded"),
    focuses=("factors", "divisors"),
)
