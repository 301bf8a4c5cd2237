"""`formula_mass`: the molar mass of a chemical formula."""

from collections.abc import Mapping
from fractions import Fraction

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.figures import ROUNDING, Figure, RoundingRule, figure
from services.mcp.tools.pure.units.elements import ELECTRON_MASS, WEIGHTS_VERSION, WEIGHTS_YEAR, Atom, elements, mass_of
from services.mcp.tools.pure.units.formulas import MAX_COUNT, MAX_FORMULA_CHARS, MAX_NESTING, Composition, read_formula

_INTERVALS = "the weight of {} varies in nature: its conventional value is used"
_ELECTRONS = "the mass of the missing or added electrons is accounted for"


class FormulaArguments(ToolModel):
    """A formula such as `C6H12O6`, `CuSO4·5H2O`, `SO4^2-`, `^13CO2` or `D2O`."""

    formula: str = Field(min_length=1, max_length=MAX_FORMULA_CHARS)


class Share(ToolModel):
    """One element or nuclide of the formula."""

    symbol: str
    count: Figure
    atomic_mass: Figure
    mass: Figure
    mass_percent: Figure


class FormulaResult(ToolModel):
    formula: str
    hill_formula: str = Field(description="Carbon, hydrogen, then the others by alphabet; without carbon by alphabet")
    molar_mass: Figure
    unit: str = "g/mol"
    charge: int
    composition: tuple[Share, ...]
    notes: tuple[str, ...]
    table_version: str = WEIGHTS_VERSION
    year: int = WEIGHTS_YEAR
    rounding: RoundingRule = ROUNDING


def formula_mass(arguments: FormulaArguments) -> FormulaResult:
    """Raises ToolError."""
    read = read_formula(arguments.formula)
    ordered = _hill_order(read.atoms)
    masses = {atom: mass_of(atom) * count for atom, count in ordered.items()}
    whole = sum(masses.values(), Fraction(0)) - read.charge * ELECTRON_MASS
    return FormulaResult(
        formula=" ".join(arguments.formula.split()),
        hill_formula="".join([f"{atom.label}{_count_text(count)}" for atom, count in ordered.items()]),
        molar_mass=figure(whole),
        charge=read.charge,
        composition=tuple([_share(atom, count, whole) for atom, count in ordered.items()]),
        notes=_notes(read),
    )


def _share(atom: Atom, count: Fraction, whole: Fraction) -> Share:
    mass = mass_of(atom)
    return Share(
        symbol=atom.label,
        count=figure(count),
        atomic_mass=figure(mass),
        mass=figure(mass * count),
        mass_percent=figure(100 * mass * count / whole),
    )


def _hill_order(atoms: Mapping[Atom, Fraction]) -> dict[Atom, Fraction]:
    """Order of E. A. Hill (J. Am. Chem. Soc. 22, 1900, 478): nuclides follow their element."""
    first = ("C", "H") if any(atom.symbol == "C" for atom in atoms) else ()

    def place(atom: Atom) -> tuple[int, str, int]:
        rank = first.index(atom.symbol) if atom.symbol in first else len(first)
        return rank, atom.symbol, atom.mass_number or 0

    return {atom: atoms[atom] for atom in sorted(atoms, key=place)}


def _count_text(count: Fraction) -> str:
    return "" if count == 1 else figure(count).rounded


def _notes(read: Composition) -> tuple[str, ...]:
    varying = sorted({a.symbol for a in read.atoms if a.mass_number is None and elements()[a.symbol].interval})
    notes = (*read.notes, *((_INTERVALS.format(", ".join(varying)),) if varying else ()))
    return (*notes, _ELECTRONS) if read.charge else notes


def phrase(result: FormulaResult, style: AnswerStyle) -> str:
    """Molar mass and the year of the atomic weights."""
    mass = result.molar_mass.text(style.language)
    if style.language == "de":
        return f"Molare Masse von {result.formula}: {mass} g/mol (Standardatomgewichte der IUPAC {result.year})."
    return f"Molar mass of {result.formula}: {mass} g/mol (IUPAC standard atomic weights {result.year})."


FORMULA_MASS = Tool(
    name="formula_mass",
    group="core",
    description=Bilingual(
        en="Molar mass and composition of a chemical formula with brackets, hydrates, charges and isotopes",
        de="Molare Masse und Zusammensetzung einer chemischen Formel mit Klammern, Hydraten, Ladungen und Isotopen",
    ),
    keywords=Bilingual(
        en="molar mass molecular weight formula chemistry compound g/mol atomic composition percent",
        de="molare masse molmasse molekulargewicht formel chemie verbindung g/mol zusammensetzung",
    ),
    arguments=FormulaArguments,
    result=FormulaResult,
    run=formula_mass,
    answer=phrase,
    limits=(
        Limit(name="formula_chars", value=MAX_FORMULA_CHARS, unit="characters"),
        Limit(name="count", value=MAX_COUNT, unit="atoms behind one symbol"),
        Limit(name="nesting", value=MAX_NESTING, unit="brackets"),
    ),
    example=Example(
        args={"formula": "NaF"},
        result={
            "formula": "NaF",
            "hill_formula": "FNa",
            "molar_mass": {"exact": "41.988172442", "rounded": "41.988172442", "is_exact": True},
            "unit": "g/mol",
            "charge": 0,
            "composition": [
                {
                    "symbol": "F",
                    "count": {"exact": "1", "rounded": "1", "is_exact": True},
                    "atomic_mass": {"exact": "18.998403162", "rounded": "18.998403162", "is_exact": True},
                    "mass": {"exact": "18.998403162", "rounded": "18.998403162", "is_exact": True},
                    "mass_percent": {
                        "exact": "949920158100/20994086221",
                        "rounded": "45.2470351936448",
                        "is_exact": False,
                    },
                },
                {
                    "symbol": "Na",
                    "count": {"exact": "1", "rounded": "1", "is_exact": True},
                    "atomic_mass": {"exact": "22.98976928", "rounded": "22.98976928", "is_exact": True},
                    "mass": {"exact": "22.98976928", "rounded": "22.98976928", "is_exact": True},
                    "mass_percent": {
                        "exact": "1149488464000/20994086221",
                        "rounded": "54.7529648063552",
                        "is_exact": False,
                    },
                },
            ],
            "notes": [],
            "table_version": WEIGHTS_VERSION,
            "year": 2021,
            "rounding": "half_even_15_significant_digits",
        },
        answer="Molar mass of NaF: 41.988172442 g/mol (IUPAC standard atomic weights 2021).",
    ),
    error_example=ErrorExample(args={"formula": "SO42-"}, code="ambiguous"),
)
