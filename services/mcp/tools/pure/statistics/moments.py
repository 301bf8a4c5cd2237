"""Exact measures of a sample of fractions."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

Values = Sequence[Fraction]


def total(values: Values) -> Fraction:
    """Add over one common denominator: no intermediate fraction is reduced."""
    common = lcm(*{value.denominator for value in values})
    return Fraction(sum(value.numerator * (common // value.denominator) for value in values), common)


def mean(values: Values) -> Fraction:
    return total(values) / len(values)


def products(first: Values, second: Values) -> Fraction:
    """Sum of products of the deviations from both means: Sxy."""
    n = len(first)
    raw = total([a * b for a, b in zip(first, second, strict=True)])
    return raw - total(first) * total(second) / n


def squares(values: Values) -> Fraction:
    """Sum of squared deviations from the mean: Sxx."""
    return products(values, values)


def variance(values: Values) -> Fraction:
    """Sample variance, divisor n - 1."""
    return squares(values) / (len(values) - 1)


def central_moment(values: Values, order: int) -> Fraction:
    center = mean(values)
    return total([(value - center) ** order for value in values]) / len(values)


def median(values: Values) -> Fraction:
    """Middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def modes(values: Values) -> tuple[Fraction, ...]:
    """All values that occur most often, in rising order."""
    counted = Counter(values)
    most = max(counted.values())
    return tuple(sorted(value for value, times in counted.items() if times == most))


def autocorrelation(values: Values) -> Fraction:
    """lag-1 autocorrelation coefficient about the mean of the whole sample, as NIST StRD defines it."""
    center = mean(values)
    deviations = [value - center for value in values]
    return total([a * b for a, b in pairwise(deviations)]) / squares(values)


def average_ranks(values: Values) -> tuple[Fraction, ...]:
    """Ranks from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [Fraction(0)] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = Fraction(start + 1 + end, 2)
        start = end
    return tuple(ranks)


def tie_sizes(values: Values) -> tuple[int, ...]:
    """Count of the values that occur more than once."""
    return tuple(times for times in Counter(values).values() if times > 1)
