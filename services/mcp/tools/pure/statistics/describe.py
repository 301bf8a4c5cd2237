"""`statistics_calc`: measures of a list of numbers, exactly."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure
from services.mcp.tools.pure.statistics.measures import BY_NAME, MODE, NAMES, canonical_names
from services.mcp.tools.pure.statistics.moments import modes
from services.mcp.tools.pure.statistics.samples import DATA_LIMITS, DataText, Reading, Sample, read_sample

MAX_OPERATIONS_CHARS = 400
MAX_MODES = 100
_MODE_RULE = "all values that occur most often"
_MODE_LABEL = Bilingual(en="mode", de="Modus")


class StatisticsArguments(ToolModel):
    """A list of numbers and the measures that are wanted."""

    data: DataText
    operations: str = Field(
        default="mean, median, stdev, min, max, sum, count",
        min_length=1,
        max_length=MAX_OPERATIONS_CHARS,
        description=f"Comma-separated, of: {', '.join(NAMES)}",
    )


class Statistic(ToolModel):
    """One measure. Only the mode may have more than one value."""

    name: str
    values: tuple[Figure, ...]
    rule: str


class StatisticsResult(ToolModel):
    """The measures in the order in which they were asked for."""

    count: int
    reading: Reading = Field(description="How the numbers were separated")
    decimal_comma: bool = Field(description="Whether a comma was read as the decimal sign")
    statistics: tuple[Statistic, ...]
    rounding: RoundingRule = ROUNDING


def statistics_calc(arguments: StatisticsArguments) -> StatisticsResult:
    """Raises ToolError."""
    names = canonical_names(arguments.operations)
    sample = read_sample(arguments.data, "data")
    return StatisticsResult(
        count=sample.size,
        reading=sample.reading,
        decimal_comma=sample.decimal_comma,
        statistics=tuple([_statistic(name, sample) for name in names]),
    )


def _statistic(name: str, sample: Sample) -> Statistic:
    if name == MODE:
        found = modes(sample.values)
        if len(found) > MAX_MODES:
            raise ToolError("limit_exceeded", f"modes: the limit is {MAX_MODES}, there are {len(found)}")
        return Statistic(name=name, values=tuple([figure(value) for value in found]), rule=_MODE_RULE)
    measure = BY_NAME[name]
    if sample.size < measure.at_least:
        raise ToolError("domain_error", f"data: {name} needs at least {measure.at_least} numbers")
    return Statistic(name=name, values=(measure.compute(sample.values),), rule=measure.rule)


def phrase(result: StatisticsResult, style: AnswerStyle) -> str:
    """All measures in one sentence, the one in focus first."""
    language = style.language
    ordered = sorted(result.statistics, key=lambda statistic: statistic.name != style.focus)
    figures = "; ".join(
        f"{_label(s.name).text(language)} {', '.join(value.text(language) for value in s.values)}" for s in ordered
    )
    noun = ("Zahl" if result.count == 1 else "Zahlen") if language == "de" else (
        "number" if result.count == 1 else "numbers"
    )  # fmt: skip
    return f"{result.count} {noun}: {figures}."


def _label(name: str) -> Bilingual:
    return _MODE_LABEL if name == MODE else BY_NAME[name].label


STATISTICS_CALC = Tool(
    name="statistics_calc",
    group="core",
    description=Bilingual(
        en="Mean, median, mode, standard deviation, variance, sum and more of a list of numbers, exactly",
        de="Mittelwert, Median, Modus, Standardabweichung, Varianz, Summe und mehr einer Zahlenliste, exakt",
    ),
    keywords=Bilingual(
        en="mean average median mode standard deviation stdev variance sum count minimum maximum range statistics",
        de="mittelwert durchschnitt median modus standardabweichung varianz summe anzahl minimum maximum spannweite "
        "statistik zahlen",
    ),
    arguments=StatisticsArguments,
    result=StatisticsResult,
    run=statistics_calc,
    answer=phrase,
    limits=(*DATA_LIMITS, Limit(name="operations_chars", value=MAX_OPERATIONS_CHARS, unit="characters")),
    example=Example(
        args={"data": "1, 2, 3, 4", "operations": "mean, stdev"},
        result={
            "count": 4,
            "reading": "comma_separated",
            "decimal_comma": False,
            "statistics": [
                {
                    "name": "mean",
                    "values": [{"exact": "2.5", "rounded": "2.5", "is_exact": True}],
                    "rule": "arithmetic mean",
                },
                {
                    "name": "stdev",
                    "values": [{"exact": "sqrt(5/3)", "rounded": "1.29099444873581", "is_exact": False}],
                    "rule": "sample: divisor n - 1",
                },
            ],
            "rounding": "half_even_15_significant_digits",
        },
        answer="4 numbers: mean 2.5; sample standard deviation ≈ 1.29099444873581.",
    ),
    error_example=ErrorExample(args={"data": "1,5"}, code="ambiguous"),
    focuses=NAMES,
)
