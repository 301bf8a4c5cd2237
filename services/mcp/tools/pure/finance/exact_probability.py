"""`exact_probability`: fractions, counts and binomial probabilities without rounding, and rounded beside it."""

from fractions import Fraction
from math import comb, log10, perm
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.arithmetic.integers import grouped
from services.mcp.tools.pure.arithmetic.rounding import Rounding, decimal_text, rounded

MAX_N = 4_096
MAX_SCALE = 18
MAX_PART = 10**18
MAX_EXACT_DIGITS = 1_000
MAX_COUNT_DIGITS = 4_000
MAX_POWER_BITS = 100_000
Operation = Literal["fraction", "combination", "permutation", "binomial", "binomial_at_most", "binomial_at_least"]
_FORMULAS = {
    "fraction": "numerator / denominator",
    "combination": "n! / (k! (n-k)!)",
    "permutation": "n! / (n-k)!",
    "binomial": "C(n, k) p^k (1-p)^(n-k), p = numerator / denominator",
    "binomial_at_most": "sum of C(n, i) p^i (1-p)^(n-i) for i = 0..k, p = numerator / denominator",
    "binomial_at_least": "sum of C(n, i) p^i (1-p)^(n-i) for i = k..n, p = numerator / denominator",
}


class ExactProbabilityArguments(ToolModel):
    """fraction: numerator, denominator; combination, permutation: n, k; binomial…: n, k and the probability."""

    operation: Operation
    n: int | None = Field(default=None, ge=0, le=MAX_N)
    k: int | None = Field(default=None, ge=0, le=MAX_N)
    numerator: int | None = Field(default=None, ge=-MAX_PART, le=MAX_PART)
    denominator: int | None = Field(default=None, ge=-MAX_PART, le=MAX_PART)
    decimal_scale: int = Field(default=12, ge=0, le=MAX_SCALE)
    rounding: Rounding = "ROUND_HALF_EVEN"


class ExactProbabilityResult(ToolModel):
    """`exact` in lowest terms; null beyond the limit of digits, where `decimal` still is right in every place."""

    operation: Operation
    exact: str | None
    decimal: str
    is_exact: bool = Field(description="Whether `decimal` is the exact value")
    digits: int = Field(description="Digits of the longer of numerator and denominator")
    scale: int
    rounding: Rounding
    formula: str


def exact_probability(arguments: ExactProbabilityArguments) -> ExactProbabilityResult:
    """Raises ToolError."""
    value = _value(arguments)
    digits = max(_digits(abs(value.numerator)), _digits(value.denominator))
    is_count = arguments.operation in ("combination", "permutation")
    if is_count and digits > MAX_COUNT_DIGITS:
        raise ToolError("limit_exceeded", f"digits of the count: the limit is {MAX_COUNT_DIGITS:,}")
    decimal = rounded(value, arguments.decimal_scale, arguments.rounding)
    return ExactProbabilityResult(
        operation=arguments.operation,
        exact=str(value) if is_count or digits <= MAX_EXACT_DIGITS else None,
        decimal=decimal_text(decimal),
        is_exact=Fraction(decimal) == value,
        digits=digits,
        scale=arguments.decimal_scale,
        rounding=arguments.rounding,
        formula=_FORMULAS[arguments.operation],
    )


def _value(arguments: ExactProbabilityArguments) -> Fraction:
    if arguments.operation == "fraction":
        _refuse_unused(arguments, "n", "k")
        return _fraction(arguments)
    n, k = _needed(arguments.n, "n"), _needed(arguments.k, "k")
    if arguments.operation in ("combination", "permutation"):
        _refuse_unused(arguments, "numerator", "denominator")
        return Fraction((comb if arguments.operation == "combination" else perm)(n, k))
    if k > n:
        raise ToolError("domain_error", "k: there are at most n successes in n trials")
    chance = _fraction(arguments)
    if not 0 <= chance <= 1:
        raise ToolError("domain_error", "numerator / denominator: a probability lies between 0 and 1")
    if n * chance.denominator.bit_length() > MAX_POWER_BITS:
        raise ToolError("limit_exceeded", f"n times the bits of the denominator: the limit is {MAX_POWER_BITS:,}")
    first = 0 if arguments.operation == "binomial_at_most" else k
    last = n if arguments.operation == "binomial_at_least" else k
    return _binomial(n, range(first, last + 1), chance)


def _binomial(n: int, successes: range, chance: Fraction) -> Fraction:
    """Sum of C(n, i) p^i q^(n-i), over the common denominator: Horner's scheme keeps numbers short."""
    p, q = chance.numerator, chance.denominator - chance.numerator
    total = 0
    choices = comb(n, successes.start)
    power_of_p = p**successes.start
    for i in successes:
        total = total * q + choices * power_of_p
        choices = choices * (n - i) // (i + 1)
        power_of_p *= p
    return Fraction(total * q ** (n - successes[-1]), chance.denominator**n)


def _fraction(arguments: ExactProbabilityArguments) -> Fraction:
    numerator, denominator = _needed(arguments.numerator, "numerator"), _needed(arguments.denominator, "denominator")
    if denominator == 0:
        raise ToolError("division_by_zero", "denominator: 0 divides nothing")
    return Fraction(numerator, denominator)


def _needed(value: int | None, name: str) -> int:
    if value is None:
        raise ToolError("invalid_argument", f"{name}: this operation needs it")
    return value


def _refuse_unused(arguments: ExactProbabilityArguments, *names: str) -> None:
    for name in names:
        if name in arguments.model_fields_set and getattr(arguments, name) is not None:
            raise ToolError("invalid_argument", f"{name}: {arguments.operation} does not take it")


def _digits(number: int) -> int:
    """Count decimal digits without writing the number out."""
    estimate = max(1, int(number.bit_length() * log10(2)))
    return estimate + 1 if number >= 10**estimate else estimate


def _phrase(result: ExactProbabilityResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    name = _NAMES[result.operation].text(style.language)
    verb = "ist" if german else "is"
    decimal = result.decimal.replace(".", ",") if german else result.decimal
    if result.exact is None or len(result.exact) > _LONGEST_FORM:
        plain = decimal.rstrip("0").rstrip(".,") if result.scale else decimal
        return f"{name} {verb} {'' if result.is_exact else '≈ '}{plain}."
    if "/" not in result.exact:
        return f"{name} {verb} {grouped(int(result.exact), style.language)}."
    return f"{name} {verb} {result.exact} {'=' if result.is_exact else '≈'} {decimal}."


_LONGEST_FORM = 60
_NAMES = {
    "fraction": Bilingual(en="The fraction in lowest terms", de="Der gekürzte Bruch"),
    "combination": Bilingual(en="The number of combinations", de="Die Zahl der Kombinationen"),
    "permutation": Bilingual(en="The number of permutations", de="Die Zahl der Variationen ohne Wiederholung"),
    "binomial": Bilingual(en="The probability of exactly k successes", de="Die Wahrscheinlichkeit für genau k Treffer"),
    "binomial_at_most": Bilingual(
        en="The probability of at most k successes", de="Die Wahrscheinlichkeit für höchstens k Treffer"
    ),
    "binomial_at_least": Bilingual(
        en="The probability of at least k successes", de="Die Wahrscheinlichkeit für mindestens k Treffer"
    ),
}

EXACT_PROBABILITY = Tool(
    name="exact_probability",
    description=Bilingual(
        en="Exact fractions, combinations, permutations and binomial probabilities",
        de="Exakte Brüche, Kombinationen, Permutationen und Binomialwahrscheinlichkeiten",
    ),
    keywords=Bilingual(
        en="probability chance odds combinations permutations choose binomial trials successes dice coin lottery",
        de="wahrscheinlichkeit chance kombinationen permutationen variationen binomial treffer würfel münze lotto",
    ),
    arguments=ExactProbabilityArguments,
    result=ExactProbabilityResult,
    run=exact_probability,
    answer=_phrase,
    limits=(
        Limit(name="n", value=MAX_N, unit="integer"),
        Limit(name="decimal_scale", value=MAX_SCALE, unit="decimal places"),
        Limit(name="count_digits", value=MAX_COUNT_DIGITS, unit="digits"),
        Limit(name="exact_digits", value=MAX_EXACT_DIGITS, unit="digits"),
        Limit(name="power_bits", value=MAX_POWER_BITS, unit="bits"),
    ),
    example=Example(
        args={"operation": "binomial", "n": 10, "k": 3, "numerator": 1, "denominator": 6},
        result={
            "operation": "binomial",
            "exact": "390625/2519424",
            "decimal": "0.155045359574",
            "is_exact": False,
            "digits": 7,
            "scale": 12,
            "rounding": "ROUND_HALF_EVEN",
            "formula": "C(n, k) p^k (1-p)^(n-k), p = numerator / denominator",
        },
        answer="The probability of exactly k successes is 390625/2519424 ≈ 0.155045359574.",
    ),
    error_example=ErrorExample(args={"operation": "combination", "n": 5_000, "k": 3}, code="invalid_argument"),
)
