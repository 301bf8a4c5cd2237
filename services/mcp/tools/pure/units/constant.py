"""`physical_constant`: a fundamental constant with its uncertainty and source."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Language, Limit, Tool, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure
from services.mcp.tools.pure.units.constants import SOURCE, YEAR, Constant, catalogue

MAX_NAME_CHARS = 100


class ConstantArguments(ToolModel):
    """A symbol such as `h` or `N_A`, or an English or German name."""

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)


class ConstantResult(ToolModel):
    """The constant as it is published, and its exact value where there is one."""

    name: str
    german_name: str | None
    symbol: str | None
    value: str = Field(description="The published digits; 15 digits where CODATA cuts an exact value off")
    exact_value: Figure | None = Field(description="For constants that are exact by definition of the SI; else null")
    kind: Literal["exact", "exact_cut_off", "measured"]
    standard_uncertainty: str | None
    relative_uncertainty: Figure | None
    unit: str
    source: str = SOURCE
    year: int = YEAR
    rounding: RoundingRule = ROUNDING


def physical_constant(arguments: ConstantArguments) -> ConstantResult:
    """Raises ToolError."""
    constant = catalogue().require(arguments.name)
    exact = _exact_value(constant)
    uncertainty = constant.uncertainty
    return ConstantResult(
        name=constant.name,
        german_name=constant.german,
        symbol=constant.symbol,
        value=_plain(constant.digits) if exact is None else exact.rounded,
        exact_value=exact,
        kind="measured" if uncertainty else "exact" if exact is not None else "exact_cut_off",
        standard_uncertainty=None if uncertainty is None else _plain(uncertainty),
        relative_uncertainty=None if uncertainty is None else figure(_relative(uncertainty, constant.digits)),
        unit=constant.unit,
    )


def _exact_value(constant: Constant) -> Figure | None:
    if constant.formula is not None:
        return constant.formula.figure()
    if constant.uncertainty or constant.cut_off:
        return None
    return figure(Fraction(constant.digits))


def _relative(uncertainty: str, value: str) -> Fraction:
    return Fraction(uncertainty) / abs(Fraction(value))


def _plain(digits: str) -> str:
    """Write a published number plainly, or with one digit before the point and a power of ten."""
    number = Decimal(digits)
    return f"{number:f}" if -7 <= number.adjusted() <= 20 else f"{number:e}"


def phrase(result: ConstantResult, style: AnswerStyle) -> str:
    """Value with unit, uncertainty and year."""
    language = style.language
    name = result.german_name if language == "de" and result.german_name else result.name
    symbol = f" {result.symbol}" if result.symbol else ""
    unit = "" if result.unit == "1" else f" {result.unit}"
    is_whole = result.exact_value is None or result.exact_value.is_exact
    equals = "=" if is_whole and result.kind != "exact_cut_off" else "≈"
    value = _localised(result.value, language)
    return f"{name}:{symbol} {equals} {value}{unit} ({_certainty(result, language)}; CODATA {result.year})."


def _certainty(result: ConstantResult, language: Language) -> str:
    if result.standard_uncertainty is None:
        return {"en": "exact by definition", "de": "exakt durch Definition"}[language]
    label = {"en": "standard uncertainty", "de": "Standardunsicherheit"}[language]
    return f"{label} {_localised(result.standard_uncertainty, language)}"


def _localised(number: str, language: Language) -> str:
    return number.replace(".", ",") if language == "de" else number


PHYSICAL_CONSTANT = Tool(
    name="physical_constant",
    group="core",
    description=Bilingual(
        en="A fundamental physical constant with uncertainty, unit, source and year (CODATA 2022)",
        de="Eine physikalische Fundamentalkonstante mit Unsicherheit, Einheit, Quelle und Jahr (CODATA 2022)",
    ),
    keywords=Bilingual(
        en="constant physical speed of light planck boltzmann avogadro gravitational electron mass charge",
        de="konstante naturkonstante lichtgeschwindigkeit planck boltzmann avogadro gravitation elektronenmasse",
    ),
    arguments=ConstantArguments,
    result=ConstantResult,
    run=physical_constant,
    answer=phrase,
    limits=(Limit(name="name_chars", value=MAX_NAME_CHARS, unit="characters"),),
    example=Example(
        args={"name": "electron mass"},
        result={
            "name": "electron mass",
            "german_name": "Elektronenmasse",
            "symbol": "m_e",
            "value": "9.1093837139e-31",
            "exact_value": None,
            "kind": "measured",
            "standard_uncertainty": "2.8e-40",
            "relative_uncertainty": {
                "exact": "28/91093837139",
                "rounded": "3.07375349193764e-10",
                "is_exact": False,
            },
            "unit": "kg",
            "source": SOURCE,
            "year": 2022,
            "rounding": "half_even_15_significant_digits",
        },
        answer="electron mass: m_e = 9.1093837139e-31 kg (standard uncertainty 2.8e-40; CODATA 2022).",
    ),
    error_example=ErrorExample(args={"name": "cosmological constant"}, code="not_found"),
)
