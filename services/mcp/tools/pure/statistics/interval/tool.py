"""`confidence_interval`: two-sided intervals by kind and method."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError
from services.mcp.tools.pure.figures import figure
from services.mcp.tools.pure.number_argument import read_number
from services.mcp.tools.pure.statistics.interval.bounds import Interval, Level
from services.mcp.tools.pure.statistics.interval.means import difference_interval, mean_interval
from services.mcp.tools.pure.statistics.interval.models import MAX_COUNT, IntervalArguments, IntervalResult, Kind
from services.mcp.tools.pure.statistics.interval.proportions import proportion_difference_interval, proportion_interval
from services.mcp.tools.pure.statistics.interval.spreads import correlation_interval, variance_interval
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS

_KINDS: Mapping[Kind, Callable[[IntervalArguments, Level], Interval]] = {
    "mean": mean_interval,
    "mean_difference": difference_interval,
    "proportion": proportion_interval,
    "proportion_difference": proportion_difference_interval,
    "variance": variance_interval,
    "standard_deviation": variance_interval,
    "correlation": correlation_interval,
}
_LABELS: Mapping[Kind, Bilingual] = {
    "mean": Bilingual(en="the mean", de="den Mittelwert"),
    "mean_difference": Bilingual(en="the difference of means", de="die Differenz der Mittelwerte"),
    "proportion": Bilingual(en="the proportion", de="den Anteil"),
    "proportion_difference": Bilingual(en="the difference of proportions", de="die Differenz der Anteile"),
    "variance": Bilingual(en="the variance", de="die Varianz"),
    "standard_deviation": Bilingual(en="the standard deviation", de="die Standardabweichung"),
    "correlation": Bilingual(en="the correlation", de="die Korrelation"),
}
_HIGHEST_CONFIDENCE = Fraction(999_999, 1_000_000)


def confidence_interval(arguments: IntervalArguments) -> IntervalResult:
    """Raises ToolError."""
    confidence = read_number(arguments.confidence, "confidence")
    if confidence > 1:
        confidence /= 100
    if not 0 < confidence <= _HIGHEST_CONFIDENCE:
        raise ToolError("domain_error", "confidence: above 0 and at most 0.999999 (or 99.9999 percent)")
    found = _KINDS[arguments.kind](arguments, Level(confidence))
    return IntervalResult(
        kind=arguments.kind,
        confidence=figure(confidence).rounded,
        estimate=found.estimate,
        lower=found.lower,
        upper=found.upper,
        standard_error=found.standard_error,
        degrees_of_freedom=None if found.freedom is None else figure(found.freedom),
        critical_value=found.critical,
        method=found.method,
        assumption=found.assumption,
    )


def phrase(result: IntervalResult, style: AnswerStyle) -> str:
    """Interval, the estimate inside it, and the method."""
    language = style.language
    lower, upper, estimate = (value.text(language) for value in (result.lower, result.upper, result.estimate))
    percent = figure(Fraction(result.confidence) * 100).rounded
    label = _LABELS[result.kind].text(language)
    if language == "de":
        percent = percent.replace(".", ",")
        return f"{percent}-%-Konfidenzintervall für {label}: {lower} bis {upper} (Schätzwert {estimate})."
    return f"{percent} % confidence interval for {label}: {lower} to {upper} (estimate {estimate}; {result.method})."


CONFIDENCE_INTERVAL = Tool(
    name="confidence_interval",
    group="core",
    description=Bilingual(
        en="Confidence intervals for means, proportions, variances, correlations and differences",
        de="Konfidenzintervalle für Mittelwerte, Anteile, Varianzen, Korrelationen und Differenzen",
    ),
    keywords=Bilingual(
        en="confidence interval margin of error 95 percent wilson clopper pearson",
        de="konfidenzintervall vertrauensbereich vertrauensintervall fehlerspanne 95 prozent wilson",
    ),
    arguments=IntervalArguments,
    result=IntervalResult,
    run=confidence_interval,
    answer=phrase,
    limits=(*DATA_LIMITS, Limit(name="trials", value=MAX_COUNT, unit="trials or observations")),
    example=Example(
        args={"kind": "mean", "data": "4, 5, 6"},
        result={
            "kind": "mean",
            "confidence": "0.95",
            "estimate": {"exact": "5", "rounded": "5", "is_exact": True},
            "lower": {"exact": None, "rounded": "2.51586228824967", "is_exact": False},
            "upper": {"exact": None, "rounded": "7.48413771175033", "is_exact": False},
            "standard_error": {"exact": "sqrt(1/3)", "rounded": "0.577350269189626", "is_exact": False},
            "degrees_of_freedom": {"exact": "2", "rounded": "2", "is_exact": True},
            "critical_value": {"exact": None, "rounded": "4.30265272974946", "is_exact": False},
            "method": "Student's t distribution",
            "assumption": "independent observations, normal or many",
            "rounding": "half_even_15_significant_digits",
        },
        answer=(
            "95 % confidence interval for the mean: ≈ 2.51586228824967 to ≈ 7.48413771175033 "
            "(estimate 5; Student's t distribution)."
        ),
    ),
    error_example=ErrorExample(args={"kind": "proportion", "successes": 7, "trials": 5}, code="domain_error"),
)
