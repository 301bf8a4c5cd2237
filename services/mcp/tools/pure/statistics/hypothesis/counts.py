"""Tests of counts: chi-squared, Fisher's exact test and the exact binomial test."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from math import comb

from services.mcp.contract import ToolError
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.distributions import Alternative, chi_squared, tail_of_ratio
from services.mcp.tools.pure.statistics.hypothesis.models import Row, TestArguments
from services.mcp.tools.pure.statistics.hypothesis.outcome import Outcome, named, needed, sample_of
from services.mcp.tools.pure.statistics.samples import same_length

MAX_EXACT_TOTAL = 10_000
MAX_EXACT_BITS = 200_000
_FEW = "an expected count is below 5: the approximation is rough"
_LIKELIHOOD = "two-sided: all outcomes that are no more likely than the observed one"


def chi2_goodness(arguments: TestArguments) -> Outcome:
    """Sum of (observed - expected)^2 / expected with k - 1 degrees of freedom."""
    _two_sided_only(arguments)
    observed = sample_of(arguments.data, "data", arguments, 2).values
    if min(observed) < 0 or any(count.denominator != 1 for count in observed):
        raise ToolError("domain_error", "data: counts are whole numbers, not negative")
    expected = _expected(observed, arguments)
    statistic = sum(((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True)), Fraction(0))
    freedom = Fraction(len(observed) - 1)
    return Outcome(
        null_hypothesis="the counts follow the expected distribution",
        statistic=named("chi2", statistic),
        p_value=tail_of_ratio(chi_squared(freedom), statistic, "greater"),
        method="chi-squared distribution, upper tail",
        assumption="independent observations; expected counts of 5 or more",
        degrees_of_freedom=(freedom,),
        estimates=(named("total", sum(observed, Fraction(0))),),
        notes=(_FEW,) if min(expected) < 5 else (),
    )


def chi2_independence(arguments: TestArguments) -> Outcome:
    """Expected counts from the margins; Yates' correction for 2 x 2 tables, if it is wanted."""
    _two_sided_only(arguments)
    table = _table(arguments)
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    if 0 in rows or 0 in columns:
        raise ToolError("division_by_zero", "table: a row or column is all zeros")
    yates = arguments.continuity_correction and len(rows) == len(columns) == 2
    expected = [[Fraction(row * column, sum(rows)) for column in columns] for row in rows]
    statistic = sum(
        (
            _shortened(abs(o - e), yates=yates) ** 2 / e
            for counts, means in zip(table, expected, strict=True)
            for o, e in zip(counts, means, strict=True)
        ),
        Fraction(0),
    )
    freedom = Fraction((len(rows) - 1) * (len(columns) - 1))
    return Outcome(
        null_hypothesis="rows and columns are independent",
        statistic=named("chi2", statistic),
        p_value=tail_of_ratio(chi_squared(freedom), statistic, "greater"),
        method=f"chi-squared distribution, upper tail{', Yates continuity correction' if yates else ''}",
        assumption="independent observations; expected counts of 5 or more",
        degrees_of_freedom=(freedom,),
        estimates=(named("total", Fraction(sum(rows))),),
        notes=(_FEW,) if min(min(means) for means in expected) < 5 else (),
    )


def fisher_exact(arguments: TestArguments) -> Outcome:
    """The conditional test of a 2 x 2 table: hypergeometric probabilities, exactly."""
    table = _table(arguments)
    if len(table) != 2 or len(table[0]) != 2:
        raise ToolError("invalid_argument", "table: fisher_exact needs 2 rows of 2 counts")
    (a, b), (c, d) = table
    if a + b + c + d > MAX_EXACT_TOTAL:
        raise ToolError("limit_exceeded", f"table: the limit is {MAX_EXACT_TOTAL:,} observations")
    odds = (named("sample_odds_ratio", Fraction(a * d, b * c)),) if b * c else ()
    return Outcome(
        null_hypothesis="the odds ratio is 1",
        statistic=None,
        p_value=_exact_tail(
            lambda: _hypergeometric_weights(a + b, c + d, a + c), a - max(0, a - d), arguments.alternative
        ),
        method=f"exact: hypergeometric distribution; {_LIKELIHOOD}",
        assumption="independent observations; margins taken as fixed",
        estimates=odds,
        notes=() if b * c else ("the sample odds ratio is infinite or has no value: a count of zero",),
    )


def binomial(arguments: TestArguments) -> Outcome:
    """The exact binomial test."""
    trials = needed(arguments.trials, "trials", arguments)
    successes = needed(arguments.successes, "successes", arguments)
    share = read_number(arguments.probability, "probability")
    if not 1 <= trials <= MAX_EXACT_TOTAL:
        raise ToolError("limit_exceeded", f"trials: from 1 to {MAX_EXACT_TOTAL:,}")
    if successes > trials or not 0 <= share <= 1:
        raise ToolError("domain_error", "successes: at most trials; probability: from 0 to 1")
    if trials * share.denominator.bit_length() > MAX_EXACT_BITS:
        raise ToolError("limit_exceeded", f"trials times bits of the probability: the limit is {MAX_EXACT_BITS:,}")
    return Outcome(
        null_hypothesis=f"the probability of success is {arguments.probability.strip()}",
        statistic=None,
        p_value=_exact_tail(lambda: _binomial_weights(trials, share), successes, arguments.alternative),
        method=f"exact: binomial distribution; {_LIKELIHOOD}",
        assumption="independent trials with one probability of success",
        estimates=(named("proportion", Fraction(successes, trials)),),
    )


def _binomial_weights(trials: int, share: Fraction) -> Iterator[int]:
    """Yield C(n, k) a^k b^(n-k) for k = 0..n and the share a/(a+b), each from the one before it."""
    yes, no = share.numerator, share.denominator - share.numerator
    if not no:
        yield from (int(k == trials) for k in range(trials + 1))
        return
    weight = no**trials
    for k in range(trials + 1):
        yield weight
        weight = weight * ((trials - k) * yes) // ((k + 1) * no)


def _hypergeometric_weights(row1: int, row2: int, column: int) -> Iterator[int]:
    """Yield C(row1, k) C(row2, column - k) for every k that is possible, each from the one before it."""
    low, high = max(0, column - row2), min(row1, column)
    weight = comb(row1, low) * comb(row2, column - low)
    for k in range(low, high + 1):
        yield weight
        weight = weight * ((row1 - k) * (column - k)) // ((k + 1) * (row2 - column + k + 1))


def _exact_tail(make_weights: Callable[[], Iterator[int]], observed: int, alternative: Alternative) -> Fraction:
    """Add up twice instead of storing all weights: they are long."""
    seen = next(islice(make_weights(), observed, None))
    chosen = whole = 0
    for k, weight in enumerate(make_weights()):
        whole += weight
        if _counts_for(alternative, k - observed) or (alternative == "two-sided" and weight <= seen):
            chosen += weight
    return Fraction(chosen, whole)


def _counts_for(alternative: Alternative, distance: int) -> bool:
    return (alternative == "greater" and distance >= 0) or (alternative == "less" and distance <= 0)


def _expected(observed: Sequence[Fraction], arguments: TestArguments) -> list[Fraction]:
    whole = sum(observed, Fraction(0))
    if whole == 0:
        raise ToolError("division_by_zero", "data: all counts are zero")
    if arguments.expected is None:
        return [whole / len(observed)] * len(observed)
    expected = sample_of(arguments.expected, "expected", arguments, 2).values
    same_length(observed, expected, "data, expected")
    if min(expected) <= 0:
        raise ToolError("domain_error", "expected: every expected count is above zero")
    if sum(expected) == 1:
        return [share * whole for share in expected]
    if sum(expected) != whole:
        raise ToolError("domain_error", "expected: counts must add up to the observed total, probabilities to 1")
    return list(expected)


def _table(arguments: TestArguments) -> list[Row]:
    table = needed(arguments.table, "table", arguments)
    if len({len(row) for row in table}) != 1:
        raise ToolError("invalid_argument", "table: all rows need the same number of counts")
    return table


def _shortened(distance: Fraction, *, yates: bool) -> Fraction:
    return distance - min(distance, Fraction(1, 2)) if yates else distance


def _two_sided_only(arguments: TestArguments) -> None:
    if arguments.alternative != "two-sided":
        raise ToolError("invalid_argument", f"alternative: {arguments.test} has no one-sided form")
