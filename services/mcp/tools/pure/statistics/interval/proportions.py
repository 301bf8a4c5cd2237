"""Intervals for a proportion and for a difference of proportions."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import Figure, as_decimal, decided, figure, real_figure, root_figure
from services.mcp.tools.pure.statistics.distributions import beta, normal
from services.mcp.tools.pure.statistics.interval.bounds import Interval, Level, required, symmetric
from services.mcp.tools.pure.statistics.interval.models import IntervalArguments

_TRIALS = "independent trials with one probability of success"


def proportion_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """Wilson's score interval, Clopper and Pearson's exact one, Wald's or Agresti and Coull's."""
    successes, trials = _counts(arguments.successes, arguments.trials, ("successes", "trials"), arguments)
    if arguments.method == "clopper_pearson":
        return _clopper_pearson(successes, trials, level)
    if arguments.method == "wald":
        return _wald(Fraction(successes, trials), trials, level)
    if arguments.method == "agresti_coull":
        return _agresti_coull(successes, trials, level)
    lower, upper = (lambda: _wilson(successes, trials, level)[0]), (lambda: _wilson(successes, trials, level)[1])
    return Interval(
        estimate=figure(Fraction(successes, trials)),
        lower=_nought(lower, known=Fraction(0) if successes == 0 else None),
        upper=_nought(upper, known=Fraction(1) if successes == trials else None),
        method="Wilson score interval, without continuity correction",
        assumption=_TRIALS,
        critical=_critical(level),
    )


def proportion_difference_interval(arguments: IntervalArguments, level: Level) -> Interval:
    """p1 - p2 by Newcombe's hybrid score (method 10 of Statistics in Medicine 17, 1998, 873-890), or Wald's."""
    x1, n1 = _counts(arguments.successes, arguments.trials, ("successes", "trials"), arguments)
    x2, n2 = _counts(arguments.successes2, arguments.trials2, ("successes2", "trials2"), arguments)
    p1, p2 = Fraction(x1, n1), Fraction(x2, n2)
    if arguments.method == "wald":
        error = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
        lower, upper, critical = symmetric(p1 - p2, error, normal(), level)
        return Interval(
            estimate=figure(p1 - p2),
            lower=lower,
            upper=upper,
            method="Wald interval",
            assumption=_TRIALS,
            standard_error=root_figure(error),
            freedom=None,
            critical=critical,
        )
    if arguments.method != "wilson":
        raise ToolError("invalid_argument", "method: proportion_difference knows wilson and wald")

    def reach(*, upwards: bool) -> Decimal:
        (low1, high1), (low2, high2) = _wilson(x1, n1, level), _wilson(x2, n2, level)
        one, two = (high1, low2) if upwards else (low1, high2)
        return ((as_decimal(p1) - one) ** 2 + (as_decimal(p2) - two) ** 2).sqrt()

    return Interval(
        estimate=figure(p1 - p2),
        lower=_nought(
            lambda: as_decimal(p1 - p2) - reach(upwards=False), Fraction(-1) if p1 == 0 and p2 == 1 else None
        ),
        upper=_nought(lambda: as_decimal(p1 - p2) + reach(upwards=True), Fraction(1) if p1 == 1 and p2 == 0 else None),
        method="Newcombe's hybrid score interval, without continuity correction",
        assumption=f"two groups of {_TRIALS}",
        critical=_critical(level),
    )


def _wilson(successes: int, trials: int, level: Level) -> tuple[Decimal, Decimal]:
    z = normal().point(level.below)
    share = as_decimal(Fraction(successes, trials))
    reach = z * (share * (1 - share) * trials + z * z / 4).sqrt()
    center, scale = successes + z * z / 2, trials + z * z
    return (center - reach) / scale, (center + reach) / scale


def _agresti_coull(successes: int, trials: int, level: Level) -> Interval:
    def bound(sign: int) -> Decimal:
        z = normal().point(level.below)
        scale = trials + z * z
        share = (successes + z * z / 2) / scale
        return share + sign * z * (share * (1 - share) / scale).sqrt()

    return Interval(
        estimate=figure(Fraction(successes, trials)),
        lower=real_figure(decided(lambda: bound(-1))),
        upper=real_figure(decided(lambda: bound(1))),
        method="Agresti-Coull interval, not cut at 0 and 1",
        assumption=_TRIALS,
        critical=_critical(level),
    )


def _wald(share: Fraction, trials: int, level: Level) -> Interval:
    error = share * (1 - share) / trials
    lower, upper, critical = symmetric(share, error, normal(), level)
    method = "Wald interval, not cut at 0 and 1"
    return Interval(
        estimate=figure(share),
        lower=lower,
        upper=upper,
        method=method,
        assumption=_TRIALS,
        standard_error=root_figure(error),
        freedom=None,
        critical=critical,
    )


def _clopper_pearson(successes: int, trials: int, level: Level) -> Interval:
    below = 1 - level.below
    low = figure(Fraction(0))
    high = figure(Fraction(1))
    if successes:
        low = real_figure(beta(Fraction(successes), Fraction(trials - successes + 1)).quantile(below))
    if successes < trials:
        high = real_figure(beta(Fraction(successes + 1), Fraction(trials - successes)).quantile(level.below))
    return Interval(figure(Fraction(successes, trials)), low, high, "Clopper-Pearson exact interval", _TRIALS)


def _nought(compute: Callable[[], Decimal], known: Fraction | None) -> Figure:
    """Bound; one that is exactly at the border would only cancel to noise."""
    return figure(known) if known is not None else real_figure(decided(compute))


def _critical(level: Level) -> Figure:
    return real_figure(normal().quantile(level.below))


def _counts(
    successes: int | None, trials: int | None, names: tuple[str, str], arguments: IntervalArguments
) -> tuple[int, int]:
    counted, of = required(successes, names[0], arguments), required(trials, names[1], arguments)
    if counted > of:
        raise ToolError("domain_error", f"{names[0]}: at most {names[1]}")
    return counted, of
