"""`unit_calculate`: arithmetic with units."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule
from services.mcp.tools.pure.units.dimensions import NONE, coherent_unit, described
from services.mcp.tools.pure.units.grammar import MAX_EXPONENT, MAX_EXPRESSION_CHARS, MAX_NAMES, parse_tokens
from services.mcp.tools.pure.units.quantities import Picks, Quantity, value_of
from services.mcp.tools.pure.units.resolution import resolved
from services.mcp.tools.pure.units.table import TABLE_VERSION
from services.mcp.tools.pure.units.targets import Conversion, Converted, converted
from services.mcp.tools.pure.units.tokens import Token, tokenise
from services.mcp.tools.pure.units.tree import Group, Mixed, Named, Node, Number, Power, Product, Sum, names_in
from services.mcp.tools.pure.units.vocabulary import vocabulary
from services.mcp.tools.pure.units.wording import assumptions, assumptions_text, canonical, written

# Dimensions that have one SI unit with a name of its own; torque is an energy by its dimension.
_NAMED = {
    vocabulary().symbols[symbol].dimension: symbol
    for symbol in ("N", "Pa", "J", "W", "V", "\u03a9", "S", "Wb", "T", "H")
}
_TARGET_WORDS = frozenset({"in", "to"})


class CalculateUnitsArguments(ToolModel):
    """An expression, with the wanted unit at its end if there is one."""

    expression: str = Field(
        min_length=1,
        max_length=MAX_EXPRESSION_CHARS,
        description="Such as '3 ft + 20 cm in m', '2 h 30 min', '5 kg * 9.81 m/s^2 in N', '1,5 l / 4 in ml'",
    )


class CalculateUnitsResult(ToolModel):
    """The value in the wanted unit, or in that of the first amount."""

    expression: str
    interpretation: str = Field(description="The expression by the canonical names of the table")
    value: Figure
    unit: str = Field(description="As it was written; base units where none was; 1 for a pure number")
    unit_meaning: str = Field(description="By the canonical names of the table")
    dimension: str
    assumptions: tuple[Bilingual, ...]
    table_version: str = TABLE_VERSION
    rounding: RoundingRule = ROUNDING


@dataclass(frozen=True, slots=True)
class _Found:
    amount: Converted
    unit: str
    unit_meaning: str
    dimension: str
    interpretation: str


def unit_calculate(arguments: CalculateUnitsArguments) -> CalculateUnitsResult:
    """Raises ToolError."""
    tokens = tokenise(arguments.expression, "expression")
    node, target = _split(tokens)
    nodes = (node,) if target is None else (node, target)
    found, options = resolved(nodes, lambda picks: _worth(node, target, picks))
    return CalculateUnitsResult(
        expression=" ".join(arguments.expression.split()),
        interpretation=found.interpretation,
        value=found.amount.figure(),
        unit=found.unit,
        unit_meaning=found.unit_meaning,
        dimension=found.dimension,
        assumptions=assumptions(options, found.amount),
    )


def _split(tokens: Sequence[Token]) -> tuple[Node, Node | None]:
    """The expression and its target: the text after the last `in` or `to` that precedes a readable unit.

    `in` is the inch as well: `5 ft 3 in` has no target, `3 in in cm` has one.
    """
    for place in range(len(tokens) - 2, 0, -1):
        if tokens[place].text.lower() in _TARGET_WORDS:
            halves = _halves(tokens, place)
            if halves is not None:
                return halves
    return parse_tokens(tokens, vocabulary(), "expression"), None


def _halves(tokens: Sequence[Token], place: int) -> tuple[Node, Node] | None:
    if tokens[place + 1].kind == "number":
        return None
    try:
        left = parse_tokens(tokens[:place], vocabulary(), "expression")
        right = parse_tokens(tokens[place + 1 :], vocabulary(), "expression")
    except ToolError:
        if tokens[place].kind == "symbol":
            raise
        return None
    return (left, right) if names_in(right) else None


def _worth(node: Node, target: Node | None, picks: Picks) -> _Found:
    quantity = value_of(node, picks)
    text = canonical(node, picks)
    if target is None:
        target = _own_unit(_one_dimensional_factor(node, picks))
    else:
        text = f"{text} in {canonical(target, picks)}"
    if target is None:
        return _in_base_units(quantity, text)
    amount = converted(quantity, target, picks)
    return _Found(amount, written(target), canonical(target, picks), described(quantity.dimension), text)


def _one_dimensional_factor(node: Node, picks: Picks) -> Node:
    """The only factor of a product with a dimension, unless it is a divisor: `200 g` of `5 % * 200 g`."""
    if not isinstance(node, Product):
        return node
    factors = (("*", node.first), *node.rest)
    measured = [(operator, factor) for operator, factor in factors if value_of(factor, picks).dimension != NONE]
    return measured[0][1] if len(measured) == 1 and measured[0][0] == "*" else node


def _own_unit(node: Node) -> Node | None:
    """Unit of the first amount of a sum, or of a single amount."""
    first = node.first if isinstance(node, Sum) else node
    if isinstance(first, Mixed):
        first = first.groups[0]
    if not isinstance(first, Group):
        return None
    units = tuple([part for part in first.parts if not isinstance(part, Number)])
    plain = all(isinstance(part, Named) or (isinstance(part, Power) and isinstance(part.base, Named)) for part in units)
    return Group(units) if units and plain else None


def _in_base_units(quantity: Quantity, text: str) -> _Found:
    conversion: Conversion = "proportional"
    amount = Converted(quantity.magnitude, conversion, quantity.measured)
    named = _NAMED.get(quantity.dimension)
    unit = coherent_unit(quantity.dimension) if named is None else named
    return _Found(amount, unit, unit, described(quantity.dimension), text)


def phrase(result: CalculateUnitsResult, style: AnswerStyle) -> str:
    """`expression = value unit`, and the assumptions."""
    value = result.value.text(style.language)
    equals = "" if value.startswith("≈") else "= "
    unit = "" if result.unit == "1" else f" {result.unit}"
    return f"{result.expression} {equals}{value}{unit}{assumptions_text(result.assumptions, style.language)}."


UNIT_CALCULATE = Tool(
    name="unit_calculate",
    group="core",
    description=Bilingual(
        en="Arithmetic with units, exactly: '3 ft + 20 cm in m', '5 kg * 9.81 m/s^2 in N'",
        de="Rechnen mit Einheiten, exakt: '3 Fuß + 20 cm in m', '5 kg * 9,81 m/s^2 in N'",
    ),
    keywords=Bilingual(
        en="units arithmetic add quantities ft cm m kg hours minutes newton plus minus times divided",
        de="einheiten rechnen größen addieren fuß cm m kg stunden minuten newton plus minus mal geteilt",
    ),
    arguments=CalculateUnitsArguments,
    result=CalculateUnitsResult,
    run=unit_calculate,
    answer=phrase,
    limits=(
        Limit(name="expression_chars", value=MAX_EXPRESSION_CHARS, unit="characters"),
        Limit(name="units", value=MAX_NAMES, unit="names of units"),
        Limit(name="exponent", value=MAX_EXPONENT, unit="highest power"),
    ),
    example=Example(
        args={"expression": "3 ft + 20 cm in m"},
        result={
            "expression": "3 ft + 20 cm in m",
            "interpretation": "3 foot + 20 centimeter in meter",
            "value": {"exact": "1.1144", "rounded": "1.1144", "is_exact": True},
            "unit": "m",
            "unit_meaning": "meter",
            "dimension": "length",
            "assumptions": [],
            "table_version": TABLE_VERSION,
            "rounding": "half_even_15_significant_digits",
        },
        answer="3 ft + 20 cm in m = 1.1144 m.",
    ),
    error_example=ErrorExample(args={"expression": "3 ft + 20 kg"}, code="domain_error"),
)
