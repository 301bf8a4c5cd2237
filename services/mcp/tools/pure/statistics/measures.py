"""The measures of `statistics_calc`: their names in both languages, and how each is computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod

from services.mcp.contract import Bilingual, ToolError
from services.mcp.tools.pure.figures import Figure, as_decimal, decided, figure, real_figure, root_figure
from services.mcp.tools.pure.statistics import moments
from services.mcp.tools.pure.statistics.moments import Values

_MOST_FACTORS = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure. `rule` names the convention it follows; fewer than `at_least` values are refused."""

    name: str
    label: Bilingual
    compute: Callable[[Values], Figure]
    rule: str
    at_least: int = 1


def _rational(compute: Callable[[Values], Fraction]) -> Callable[[Values], Figure]:
    return lambda values: figure(compute(values))


def _root(compute: Callable[[Values], Fraction]) -> Callable[[Values], Figure]:
    return lambda values: root_figure(compute(values))


def _population_variance(values: Values) -> Fraction:
    return moments.squares(values) / len(values)


def _harmonic_mean(values: Values) -> Fraction:
    if min(values) <= 0:
        raise ToolError("domain_error", "the harmonic mean needs numbers above zero")
    return len(values) / moments.total([1 / value for value in values])


def _geometric_mean(values: Values) -> Figure:
    if min(values) < 0:
        raise ToolError("domain_error", "the geometric mean needs numbers that are not negative")
    if min(values) == 0:
        return figure(Fraction(0))
    if min(values) == max(values):
        return figure(values[0])
    if len(values) == 2:
        return root_figure(values[0] * values[1])
    if (root := _rational_root(values)) is not None:
        return figure(root)
    return real_figure(decided(lambda: _mean_of_logarithms(values).exp()))


def _rational_root(values: Values) -> Fraction | None:
    """n-th root of the product of a few numbers, if it is rational."""
    size = len(values)
    if size > _MOST_FACTORS:
        return None
    product = prod(values, start=Fraction(1))
    numerator, denominator = _whole_root(product.numerator, size), _whole_root(product.denominator, size)
    return None if numerator is None or denominator is None else Fraction(numerator, denominator)


def _whole_root(number: int, degree: int) -> int | None:
    """Root of a whole number above zero, if it is whole; by Newton's method from above."""
    root = 1 << -(-number.bit_length() // degree)
    while (following := ((degree - 1) * root + number // root ** (degree - 1)) // degree) < root:
        root = following
    return root if root**degree == number else None


def _mean_of_logarithms(values: Values) -> Decimal:
    return sum((as_decimal(value).ln() for value in values), Decimal(0)) / len(values)


def _skewness(values: Values) -> Figure:
    second, third = moments.central_moment(values, 2), moments.central_moment(values, 3)
    return _signed_root(third, third**2 / _spread(second) ** 3)


def _kurtosis(values: Values) -> Fraction:
    second = moments.central_moment(values, 2)
    return moments.central_moment(values, 4) / _spread(second) ** 2 - 3


def _coefficient_of_variation(values: Values) -> Figure:
    center = moments.mean(values)
    if center == 0:
        raise ToolError("division_by_zero", "the coefficient of variation does not exist: the mean is zero")
    return _signed_root(center, moments.variance(values) / center**2)


def _autocorrelation(values: Values) -> Fraction:
    _spread(moments.squares(values))
    return moments.autocorrelation(values)


def _median_deviation(values: Values) -> Fraction:
    center = moments.median(values)
    return moments.median([abs(value - center) for value in values])


def _signed_root(sign: Fraction, square: Fraction) -> Figure:
    root = root_figure(square)
    if sign >= 0:
        return root
    exact = None if root.exact is None else f"-{root.exact}"
    return Figure(exact=exact, rounded=f"-{root.rounded}", is_exact=root.is_exact)


def _spread(second: Fraction) -> Fraction:
    if second == 0:
        raise ToolError("division_by_zero", "all numbers are equal: there is no spread to divide by")
    return second


MEASURES: tuple[Measure, ...] = (
    Measure("count", Bilingual(en="count", de="Anzahl"), lambda v: figure(Fraction(len(v))), "number of values"),
    Measure("sum", Bilingual(en="sum", de="Summe"), _rational(moments.total), "sum of all values"),
    Measure("mean", Bilingual(en="mean", de="Mittelwert"), _rational(moments.mean), "arithmetic mean"),
    Measure(
        "median",
        Bilingual(en="median", de="Median"),
        _rational(moments.median),
        "middle value, or the mean of the two middle values",
    ),
    Measure("min", Bilingual(en="minimum", de="Minimum"), _rational(min), "smallest value"),
    Measure("max", Bilingual(en="maximum", de="Maximum"), _rational(max), "largest value"),
    Measure("range", Bilingual(en="range", de="Spannweite"), _rational(lambda v: max(v) - min(v)), "max - min"),
    Measure(
        "stdev",
        Bilingual(en="sample standard deviation", de="Standardabweichung der Stichprobe"),
        _root(moments.variance),
        "sample: divisor n - 1",
        at_least=2,
    ),
    Measure(
        "variance",
        Bilingual(en="sample variance", de="Varianz der Stichprobe"),
        _rational(moments.variance),
        "sample: divisor n - 1",
        at_least=2,
    ),
    Measure(
        "pstdev",
        Bilingual(en="population standard deviation", de="Standardabweichung der Grundgesamtheit"),
        _root(_population_variance),
        "population: divisor n",
    ),
    Measure(
        "pvariance",
        Bilingual(en="population variance", de="Varianz der Grundgesamtheit"),
        _rational(_population_variance),
        "population: divisor n",
    ),
    Measure(
        "standard_error",
        Bilingual(en="standard error of the mean", de="Standardfehler des Mittelwerts"),
        _root(lambda v: moments.variance(v) / len(v)),
        "sample standard deviation / sqrt(n)",
        at_least=2,
    ),
    Measure("sum_of_squares", Bilingual(en="sum of squares", de="Quadratsumme"),
            _rational(lambda v: moments.total([value**2 for value in v])), "sum of x^2, not centred"),
    Measure("geometric_mean", Bilingual(en="geometric mean", de="geometrisches Mittel"), _geometric_mean,
            "n-th root of the product"),
    Measure("harmonic_mean", Bilingual(en="harmonic mean", de="harmonisches Mittel"), _rational(_harmonic_mean),
            "n / sum of 1/x"),
    Measure("skewness", Bilingual(en="skewness", de="Schiefe"), _skewness, "population: m3 / m2^(3/2)", at_least=2),
    Measure("kurtosis", Bilingual(en="excess kurtosis", de="Exzess"), _rational(_kurtosis),
            "population: m4 / m2^2 - 3", at_least=2),
    Measure("cv", Bilingual(en="coefficient of variation", de="Variationskoeffizient"), _coefficient_of_variation,
            "sample standard deviation / mean", at_least=2),
    Measure("mad", Bilingual(en="median absolute deviation", de="mittlere absolute Abweichung vom Median (MAD)"),
            _rational(_median_deviation), "median of |x - median|, not scaled"),
    Measure("autocorrelation", Bilingual(en="lag-1 autocorrelation", de="Autokorrelation zum Abstand 1"),
            _rational(_autocorrelation), "lag 1, about the mean of all values", at_least=2),
)  # fmt: skip

_ALIASES: Mapping[str, str] = {
    "average": "mean", "avg": "mean", "mittelwert": "mean", "durchschnitt": "mean", "mittel": "mean",
    "arithmetisches mittel": "mean", "zentralwert": "median", "minimum": "min", "maximum": "max",
    "spannweite": "range", "std": "stdev", "sd": "stdev", "standard deviation": "stdev", "standard_deviation": "stdev",
    "standardabweichung": "stdev", "sample standard deviation": "stdev", "var": "variance", "varianz": "variance",
    "sample variance": "variance", "population standard deviation": "pstdev", "population variance": "pvariance",
    "sem": "standard_error", "standard error": "standard_error", "standardfehler": "standard_error",
    "summe": "sum", "total": "sum", "anzahl": "count", "n": "count", "modus": "mode", "modalwert": "mode",
    "geometric mean": "geometric_mean", "geometrisches mittel": "geometric_mean", "harmonic mean": "harmonic_mean",
    "harmonisches mittel": "harmonic_mean", "schiefe": "skewness", "exzess": "kurtosis", "excess kurtosis": "kurtosis",
    "coefficient of variation": "cv", "variationskoeffizient": "cv", "quadratsumme": "sum_of_squares",
    "sum of squares": "sum_of_squares", "median absolute deviation": "mad", "autokorrelation": "autocorrelation",
}  # fmt: skip

BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}
MODE = "mode"
NAMES = (*BY_NAME, MODE)


def canonical_names(operations: str) -> tuple[str, ...]:
    """Measures that a comma-separated list names, each once. Raises ToolError."""
    names = []
    for part in operations.replace(";", ",").split(","):
        written = " ".join(part.lower().split())
        name = _ALIASES.get(written, written)
        if name not in NAMES:
            raise ToolError("invalid_argument", f"operations: {written[:40]!a} is none of {', '.join(NAMES)}")
        names.append(name)
    return tuple(dict.fromkeys(names))
