"""Rank tests: Mann-Whitney and Wilcoxon's signed ranks.

Small samples have their exact permutation distribution, ties included: equal values share their mean rank and the
distribution is that of these ranks. Doubled ranks are whole numbers, and the counts of all rank sums are held as the
digits of one large number, so that a step is a shift and an addition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import Alternative, SignedRoot, normal, tail_of_root
from services.mcp.tools.pure.statistics.hypothesis.models import TestArguments
from services.mcp.tools.pure.statistics.hypothesis.outcome import Outcome, named, sample_of, spread
from services.mcp.tools.pure.statistics.moments import average_ranks, tie_sizes
from services.mcp.tools.pure.statistics.samples import same_length

MAX_EXACT_RANKS = 100
_HALF = Fraction(1, 2)
_TIES = "ties: equal values share their mean rank"


@dataclass(frozen=True, slots=True)
class RankSum:
    """A sum of ranks, its mean and variance under the null hypothesis, and the counts of all doubled sums if few."""

    observed: Fraction
    center: Fraction
    variance: Fraction
    counts: "SumCounts | None"


@dataclass(frozen=True, slots=True)
class SumCounts:
    """How often each doubled rank sum occurs: digit number s, of `width` bits, counts the sum s."""

    packed: int
    width: int

    def tails(self, doubled: int) -> tuple[Fraction, Fraction]:
        """P(S <= s) and P(S >= s)."""
        everything = self._digit_sum(self.packed)
        above = self._digit_sum(self.packed >> (self.width * doubled))
        beyond = self._digit_sum(self.packed >> (self.width * (doubled + 1)))
        return 1 - Fraction(beyond, everything), Fraction(above, everything)

    def _digit_sum(self, packed: int) -> int:
        return packed % ((1 << self.width) - 1)  # the sum is smaller than that: the width suffices


def mann_whitney(arguments: TestArguments) -> Outcome:
    """U counts the pairs in which data is larger, ties as one half."""
    first = sample_of(arguments.data, "data", arguments, 1).values
    second = sample_of(arguments.data2, "data2", arguments, 1).values
    ranks, ties = average_ranks((*first, *second)), tie_sizes((*first, *second))
    n1, n2 = len(first), len(second)
    observed = sum(ranks[:n1], Fraction(0))
    shared = Fraction(sum(size**3 - size for size in ties), (n1 + n2) * (n1 + n2 - 1))
    variance = Fraction(n1 * n2, 12) * (n1 + n2 + 1 - shared)
    counts = _subset_sums(ranks, n1) if n1 + n2 <= MAX_EXACT_RANKS else None
    p_value, method = _judged(RankSum(observed, Fraction(n1 * (n1 + n2 + 1), 2), variance, counts), arguments)
    larger = observed - Fraction(n1 * (n1 + 1), 2)
    return Outcome(
        null_hypothesis="both samples come from the same distribution",
        statistic=named("U", larger),
        p_value=p_value,
        method=method,
        assumption="two independent samples of independent observations",
        estimates=(named("U2", n1 * n2 - larger),),
        notes=(_TIES,) if ties else (),
    )


def wilcoxon(arguments: TestArguments) -> Outcome:
    """W is the sum of the ranks of the positive differences; differences of zero are left out (Wilcoxon's rule)."""
    differences = _differences(arguments)
    nonzero = [difference for difference in differences if difference]
    if not nonzero:
        raise ToolError("domain_error", "data: every difference is zero")
    sizes = [abs(difference) for difference in nonzero]
    ranks = average_ranks(sizes)
    observed = sum((rank for rank, d in zip(ranks, nonzero, strict=True) if d > 0), Fraction(0))
    variance = sum((rank**2 for rank in ranks), Fraction(0)) / 4
    counts = _signed_sums(ranks) if len(ranks) <= MAX_EXACT_RANKS else None
    p_value, method = _judged(RankSum(observed, sum(ranks, Fraction(0)) / 2, variance, counts), arguments)
    dropped = len(differences) - len(nonzero)
    notes = (f"{dropped} differences of zero are left out",) if dropped else ()
    return Outcome(
        null_hypothesis=f"the differences are symmetric about {arguments.hypothesized.strip()}",
        statistic=named("W", observed),
        p_value=p_value,
        method=method,
        assumption="independent differences from a symmetric distribution",
        estimates=(named("n", Fraction(len(nonzero))),),
        notes=(*notes, *((_TIES,) if tie_sizes(sizes) else ())),
    )


def _differences(arguments: TestArguments) -> Sequence[Fraction]:
    expected = read_number(arguments.hypothesized, "hypothesized")
    first = sample_of(arguments.data, "data", arguments, 1).values
    if arguments.data2 is None:
        return [value - expected for value in first]
    second = sample_of(arguments.data2, "data2", arguments, 1).values
    same_length(first, second, "data, data2")
    return [a - b - expected for a, b in zip(first, second, strict=True)]


def _judged(ranks: RankSum, arguments: TestArguments) -> tuple[Fraction | Decimal, str]:
    if ranks.counts is not None:
        low, high = ranks.counts.tails(int(2 * ranks.observed))
        doubled = "; two-sided: twice the smaller tail" if arguments.alternative == "two-sided" else ""
        return chosen_tail(low, high, arguments.alternative), f"exact permutation distribution of the ranks{doubled}"
    distance = ranks.observed - ranks.center
    if arguments.continuity_correction:
        distance -= _correction(distance, arguments.alternative)
    statistic = SignedRoot.ratio(distance, spread(ranks.variance))
    corrected = "with" if arguments.continuity_correction else "without"
    method = f"normal approximation, tie-corrected variance, {corrected} continuity correction"
    return tail_of_root(normal(), statistic, arguments.alternative), method


def _correction(distance: Fraction, alternative: Alternative) -> Fraction:
    if alternative == "two-sided":
        return min(_HALF, abs(distance)) * (1 if distance > 0 else -1)
    return _HALF if alternative == "greater" else -_HALF


def chosen_tail(low: Fraction, high: Fraction, alternative: Alternative) -> Fraction:
    if alternative == "two-sided":
        return min(2 * min(low, high), Fraction(1))
    return high if alternative == "greater" else low


def _subset_sums(ranks: Sequence[Fraction], size: int) -> SumCounts:
    """Count the sums of all choices of `size` ranks."""
    width = len(ranks) + 1
    packed = [1, *[0] * size]
    for rank in ranks:
        shift = width * int(2 * rank)
        for chosen in range(size, 0, -1):
            packed[chosen] += packed[chosen - 1] << shift
    return SumCounts(packed[size], width)


def _signed_sums(ranks: Sequence[Fraction]) -> SumCounts:
    """Count the sums of all subsets: each rank is positive or not."""
    width = len(ranks) + 1
    packed = 1
    for rank in ranks:
        packed += packed << (width * int(2 * rank))
    return SumCounts(packed, width)
