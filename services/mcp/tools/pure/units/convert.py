"""`unit_convert`: a value in another unit, exactly."""

import re
from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure
from services.mcp.tools.pure.number_argument import MAX_NUMBER_CHARS, NumberText, read_number
from services.mcp.tools.pure.units.dimensions import described
from services.mcp.tools.pure.units.grammar import parse
from services.mcp.tools.pure.units.magnitudes import Magnitude
from services.mcp.tools.pure.units.quantities import Mismatch, Picks, value_of
from services.mcp.tools.pure.units.resolution import resolved
from services.mcp.tools.pure.units.table import TABLE_VERSION
from services.mcp.tools.pure.units.targets import Conversion, Converted, converted
from services.mcp.tools.pure.units.tree import Group, Node, Number, lone_name
from services.mcp.tools.pure.units.vocabulary import vocabulary
from services.mcp.tools.pure.units.wording import assumptions, assumptions_text, canonical

MAX_UNIT_CHARS = 100
_NEGATIVE_EXPONENT = re.compile("(?<=[^\\W\\d_])[-\u2212](\\d)(?!\\d)")


class ConvertArguments(ToolModel):
    """A value, its unit, and the wanted unit: symbols or English or German names, products and powers."""

    value: NumberText
    from_unit: str = Field(min_length=1, max_length=MAX_UNIT_CHARS, description="Such as 'km/h', 'square feet', 'Zoll'")
    to_unit: str = Field(min_length=1, max_length=MAX_UNIT_CHARS)


class ConvertResult(ToolModel):
    """The converted value, and everything that had to be assumed."""

    value: Figure
    from_value: Figure
    from_unit: str = Field(description="As it was written")
    to_unit: str
    from_meaning: str = Field(description="By the canonical names of the table")
    to_meaning: str
    factor: Figure | None = Field(description="What one source unit is worth; null where zero points differ")
    dimension: str
    conversion: Conversion
    assumptions: tuple[Bilingual, ...]
    table_version: str = TABLE_VERSION
    rounding: RoundingRule = ROUNDING


@dataclass(frozen=True, slots=True)
class _Found:
    amount: Converted
    factor: Magnitude | None
    dimension: str
    meanings: tuple[str, str]


def unit_convert(arguments: ConvertArguments) -> ConvertResult:
    """Raises ToolError."""
    number = read_number(arguments.value, "value")
    source = _parsed(arguments.from_unit, "from_unit")
    target = _parsed(arguments.to_unit, "to_unit")
    try:
        found, options = resolved((source, target), lambda picks: _convert(number, source, target, picks))
    except Mismatch as mismatch:
        units = f"{arguments.from_unit!r} to {arguments.to_unit!r}"
        raise Mismatch(f"{units}: {mismatch}") from None
    return ConvertResult(
        value=found.amount.figure(),
        from_value=figure(number),
        from_unit=" ".join(arguments.from_unit.split()),
        to_unit=" ".join(arguments.to_unit.split()),
        from_meaning=found.meanings[0],
        to_meaning=found.meanings[1],
        factor=None if found.factor is None else found.factor.figure(),
        dimension=found.dimension,
        conversion=found.amount.conversion,
        assumptions=assumptions(options, found.amount),
    )


def _parsed(unit: str, argument: str) -> Node:
    """Tree of a unit. A refusal of a part of it names the whole."""
    try:
        return parse(_exponents_marked(unit), vocabulary(), argument)
    except ToolError as error:
        if error.code != "invalid_argument" or unit in str(error):
            raise
        raise ToolError("invalid_argument", f"{error} (in {unit!r})") from None


def _exponents_marked(unit: str) -> str:
    """Write `kg m-3` as `kg m^-3`: in a unit alone nothing is subtracted."""
    return _NEGATIVE_EXPONENT.sub(r"^-\1", unit)


def _convert(number: Fraction, source: Node, target: Node, picks: Picks) -> _Found:
    name = lone_name(source)
    amount = value_of(Group((Number(number), name if name is not None else source)), picks)
    result = converted(amount, target, picks)
    unit, scale = value_of(source, picks), value_of(target, picks)
    proportional = result.conversion in ("proportional", "temperature_difference")
    return _Found(
        amount=result,
        factor=unit.magnitude.times(scale.magnitude.inverse()) if proportional else None,
        dimension=described(amount.dimension),
        meanings=(canonical(source, picks), canonical(target, picks)),
    )


def phrase(result: ConvertResult, style: AnswerStyle) -> str:
    """`3 ft = 91.44 cm`, and the assumptions."""
    before = result.from_value.text(style.language)
    value = result.value.text(style.language)
    equals = "" if value.startswith("≈") else "= "
    assumed = assumptions_text(result.assumptions, style.language)
    return f"{before} {result.from_unit} {equals}{value} {result.to_unit}{assumed}."


UNIT_CONVERT = Tool(
    name="unit_convert",
    group="core",
    description=Bilingual(
        en="Convert a value to another unit, exactly: length, mass, time, temperature, energy, data and more",
        de="Einen Wert in eine andere Einheit umrechnen, exakt: Länge, Masse, Zeit, Temperatur, Energie, Daten",
    ),
    keywords=Bilingual(
        en="convert unit units miles km feet inches pounds kg celsius fahrenheit liters gallons mph kwh bytes how many",
        de="umrechnen einheit einheiten meilen km fuß zoll pfund kg celsius fahrenheit liter gallonen kmh kwh",
    ),
    arguments=ConvertArguments,
    result=ConvertResult,
    run=unit_convert,
    answer=phrase,
    limits=(
        Limit(name="number_chars", value=MAX_NUMBER_CHARS, unit="characters"),
        Limit(name="unit_chars", value=MAX_UNIT_CHARS, unit="characters"),
    ),
    example=Example(
        args={"value": 90, "from_unit": "km/h", "to_unit": "m/s"},
        result={
            "value": {"exact": "25", "rounded": "25", "is_exact": True},
            "from_value": {"exact": "90", "rounded": "90", "is_exact": True},
            "from_unit": "km/h",
            "to_unit": "m/s",
            "from_meaning": "kilometer / hour",
            "to_meaning": "meter / second",
            "factor": {"exact": "5/18", "rounded": "0.277777777777778", "is_exact": False},
            "dimension": "length / time",
            "conversion": "proportional",
            "assumptions": [],
            "table_version": TABLE_VERSION,
            "rounding": "half_even_15_significant_digits",
        },
        answer="90 km/h = 25 m/s.",
    ),
    error_example=ErrorExample(args={"value": 1, "from_unit": "ton", "to_unit": "kg"}, code="ambiguous"),
)
