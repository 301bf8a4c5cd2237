"""Coefficients of correlation and their p values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb, factorial

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.distributions import Alternative, SignedRoot, normal, student_t, tail_of_root
from services.mcp.tools.pure.statistics.hypothesis.ranks import SumCounts, chosen_tail
from services.mcp.tools.pure.statistics.moments import Values, average_ranks, products, squares, tie_sizes

MAX_EXACT_SPEARMAN = 10
MAX_EXACT_KENDALL = 60
MAX_KENDALL = 1_000


@dataclass(frozen=True, slots=True)
class Association:
    """A coefficient; the p value is None where two pairs leave nothing to test."""

    coefficient: SignedRoot
    p_value: Fraction | Decimal | None
    method: str
    assumption: str


def pearson(x: Values, y: Values, alternative: Alternative) -> Association:
    """r = Sxy / sqrt(Sxx Syy); t = r sqrt((n - 2)/(1 - r^2)) with n - 2 degrees of freedom."""
    coefficient = _coefficient(x, y)
    return Association(
        coefficient,
        _by_student_t(coefficient, len(x), alternative),
        "Student's t distribution, n - 2 degrees of freedom",
        "independent pairs from a bivariate normal distribution",
    )


def spearman(x: Values, y: Values, alternative: Alternative) -> Association:
    """Pearson's coefficient of the ranks; equal values share their mean rank."""
    ranks_x, ranks_y = average_ranks(x), average_ranks(y)
    coefficient = _coefficient(ranks_x, ranks_y)
    if len(x) > MAX_EXACT_SPEARMAN:
        p_value: Fraction | Decimal | None = _by_student_t(coefficient, len(x), alternative)
        method = "approximation by Student's t distribution, n - 2 degrees of freedom"
    else:
        observed = sum(int(4 * a * b) for a, b in zip(ranks_x, ranks_y, strict=True))
        low, high = _product_sums(ranks_x, ranks_y).tails(observed)
        p_value = chosen_tail(low, high, alternative)
        method = "exact permutation distribution of the ranks; two-sided: twice the smaller tail"
    return Association(coefficient, p_value, method, "independent pairs")


def kendall(x: Values, y: Values, alternative: Alternative) -> Association:
    """tau-b = (concordant - discordant) / sqrt((n0 - n1)(n0 - n2)), n1 and n2 counting tied pairs."""
    if len(x) > MAX_KENDALL:
        raise ToolError("limit_exceeded", f"x: the limit for kendall is {MAX_KENDALL:,} pairs")
    score = _score(x, y)
    pairs = comb(len(x), 2)
    free_x, free_y = (pairs - sum(comb(t, 2) for t in tie_sizes(values)) for values in (x, y))
    if not free_x or not free_y:
        raise _constant()
    coefficient = SignedRoot.ratio(Fraction(score), Fraction(free_x * free_y))
    if free_x == free_y == pairs and len(x) <= MAX_EXACT_KENDALL:
        low, high = _inversions(len(x)).tails((pairs + score) // 2)
        method = "exact distribution; two-sided: twice the smaller tail"
        return Association(coefficient, chosen_tail(low, high, alternative), method, "independent pairs")
    statistic = SignedRoot.ratio(Fraction(score), _score_variance(len(x), tie_sizes(x), tie_sizes(y)))
    method = "normal approximation, tie-corrected variance, without continuity correction"
    return Association(coefficient, tail_of_root(normal(), statistic, alternative), method, "independent pairs")


def _coefficient(x: Values, y: Values) -> SignedRoot:
    spread = squares(x) * squares(y)
    if spread == 0:
        raise _constant()
    return SignedRoot.ratio(products(x, y), spread)


def _by_student_t(coefficient: SignedRoot, size: int, alternative: Alternative) -> Fraction | Decimal | None:
    if size < 3:
        return None
    if coefficient.square == 1:
        against = (alternative == "greater" and coefficient.sign < 0) or (
            alternative == "less" and coefficient.sign > 0
        )
        return Fraction(int(against))
    square = coefficient.square * (size - 2) / (1 - coefficient.square)
    return tail_of_root(student_t(Fraction(size - 2)), SignedRoot(coefficient.sign, square), alternative)


def _product_sums(first: Values, second: Values) -> SumCounts:
    """Count the sums of products over all permutations, one set of used ranks after another."""
    width = factorial(len(first)).bit_length() + 1
    packed: Mapping[int, int] = {0: 1}
    for rank in first:
        packed = _with_one_more(packed, [width * int(4 * rank * other) for other in second])
    return SumCounts(packed[(1 << len(first)) - 1], width)


def _with_one_more(packed: Mapping[int, int], shifts: Sequence[int]) -> Mapping[int, int]:
    """Give the next rank each partner that is free; a set of used ranks is a bit mask."""
    following: dict[int, int] = {}
    for used, counts in packed.items():
        for place in (place for place in range(len(shifts)) if not used >> place & 1):
            taken = used | 1 << place
            following[taken] = following.get(taken, 0) + (counts << shifts[place])
    return following


def _inversions(size: int) -> SumCounts:
    """Count permutations by their number of concordant pairs: the product of 1 + x + ... + x^(k-1)."""
    width = factorial(size).bit_length() + 1
    packed = 1
    for length in range(2, size + 1):
        packed = sum(packed << (width * step) for step in range(length))
    return SumCounts(packed, width)


def _score(x: Values, y: Values) -> int:
    """Concordant minus discordant pairs."""
    a, b = [[int(2 * rank) for rank in average_ranks(values)] for values in (x, y)]
    return sum(
        _sign(a[i] - a[j]) * _sign(b[i] - b[j]) for i in range(len(a)) for j in range(i)
    )  # fmt: skip


def _score_variance(n: int, ties_x: Sequence[int], ties_y: Sequence[int]) -> Fraction:
    """M. Kendall, Rank Correlation Methods (1970), 4.4: the variance of the score with ties in both rankings."""
    first = n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in (*ties_x, *ties_y))
    second = sum(t * (t - 1) for t in ties_x) * sum(t * (t - 1) for t in ties_y)
    third = sum(t * (t - 1) * (t - 2) for t in ties_x) * sum(t * (t - 1) * (t - 2) for t in ties_y)
    variance = Fraction(first, 18) + Fraction(second, 2 * n * (n - 1))
    return variance + (Fraction(third, 9 * n * (n - 1) * (n - 2)) if n > 2 else 0)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _constant() -> ToolError:
    return ToolError("division_by_zero", "x or y does not vary: the coefficient has no value")
