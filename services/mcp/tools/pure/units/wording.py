"""Trees as text with the canonical names of their units, and the assumptions."""

from collections.abc import Sequence

from services.mcp.contract import Bilingual, Language
from services.mcp.tools.pure.calculate.rendering import exact_text
from services.mcp.tools.pure.units.quantities import Picks
from services.mcp.tools.pure.units.resolution import Option
from services.mcp.tools.pure.units.targets import Conversion, Converted
from services.mcp.tools.pure.units.tree import Group, Mixed, Named, Node, Number, Power, Product

_CONVENTIONS = {
    "julian_year": Bilingual(
        en="a year is a Julian year of 365.25 days", de="ein Jahr ist ein julianisches Jahr von 365,25 Tagen"
    ),
    "julian_month": Bilingual(
        en="a month is a twelfth of a Julian year: 30.4375 days",
        de="ein Monat ist ein Zwölftel eines julianischen Jahres: 30,4375 Tage",
    ),
    "julian_decade": Bilingual(
        en="a decade is 10 Julian years of 365.25 days", de="ein Jahrzehnt sind 10 julianische Jahre von 365,25 Tagen"
    ),
    "julian_century": Bilingual(
        en="a century is 100 Julian years of 365.25 days",
        de="ein Jahrhundert sind 100 julianische Jahre von 365,25 Tagen",
    ),
}
_CONVERSIONS: dict[Conversion, Bilingual] = {
    "temperature_scale": Bilingual(
        en="temperatures, not differences of temperatures", de="Temperaturen, nicht Temperaturdifferenzen"
    ),
    "temperature_difference": Bilingual(
        en="a difference of temperatures: zero points play no part",
        de="eine Temperaturdifferenz: Nullpunkte spielen keine Rolle",
    ),
    "reciprocal": Bilingual(
        en="consumption and range are reciprocals", de="Verbrauch und Reichweite sind Kehrwerte voneinander"
    ),
}
_MEASURED = Bilingual(
    en="the unit rests on a measured constant: the digits shown are those of its adopted value",
    de="die Einheit beruht auf einer gemessenen Konstante: die Ziffern sind die ihres empfohlenen Wertes",
)


def canonical(node: Node, picks: Picks) -> str:
    """A text with exactly one reading; without picks, the names as written."""
    if isinstance(node, Number):
        return exact_text(node.value).text or "a number"
    if isinstance(node, Named):
        name = picks[node.written].name if picks else node.written
        return name if node.meaning.power == 1 or not picks else f"{name}^{node.meaning.power}"
    if isinstance(node, Power):
        inner = canonical(node.base, picks)
        return f"{inner}^{node.exponent}" if isinstance(node.base, Number | Named) else f"({inner})^{node.exponent}"
    if isinstance(node, Group):
        inner = " ".join([_inner(part, picks) for part in node.parts])
        return f"-{inner}" if node.negative else inner
    if isinstance(node, Mixed):
        return " + ".join([canonical(group, picks) for group in node.groups])
    if isinstance(node, Product):
        rest = "".join([f" {operator} {_factor(operand, picks)}" for operator, operand in node.rest])
        return f"{_factor(node.first, picks)}{rest}"
    return canonical(node.first, picks) + "".join([f" {sign} {_inner(term, picks)}" for sign, term in node.rest])


def _factor(node: Node, picks: Picks) -> str:
    text = canonical(node, picks)
    return f"({text})" if isinstance(node, Mixed) or (isinstance(node, Group) and len(node.parts) > 1) else text


def _inner(node: Node, picks: Picks) -> str:
    text = canonical(node, picks)
    return text if isinstance(node, Number | Named | Power | Group) else f"({text})"


def written(node: Node) -> str:
    """Unit as it was written, with single spaces."""
    return canonical(node, {})


def assumptions(options: Sequence[Option], amount: Converted) -> tuple[Bilingual, ...]:
    """One line for each ambiguous name, and for the conversion rule."""
    lines = [line for option in options if (line := _assumed(option))]
    if amount.conversion in _CONVERSIONS:
        lines.append(_CONVERSIONS[amount.conversion])
    if amount.measured:
        lines.append(_MEASURED)
    return tuple(lines)


def assumptions_text(lines: Sequence[Bilingual], language: Language) -> str:
    """Assumptions in parentheses, or nothing."""
    return f" ({'; '.join([line.text(language) for line in lines])})" if lines else ""


def _assumed(option: Option) -> Bilingual | None:
    if option.unit.name in _CONVENTIONS:
        return _CONVENTIONS[option.unit.name]
    if not option.others:
        return None
    name, unit = option.written, option.unit.name
    return Bilingual(
        en=f"'{name}' is read as {unit}, not {' or '.join(option.others)}",
        de=f"'{name}' ist gelesen als {unit}, nicht als {' oder '.join(option.others)}",
    )
