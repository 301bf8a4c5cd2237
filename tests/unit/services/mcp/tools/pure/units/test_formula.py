"""`formula_mass` against periodictable's parser, and its table against molmass."""

import random

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.units.elements import ELECTRON_MASS, elements
from services.mcp.tools.pure.units.formula import FormulaArguments, FormulaResult, formula_mass
from tests.support.mcp.exactness import Exactness

WEIGHED = sorted(symbol for symbol, element in elements().items() if element.weight is not None)


def weighed(formula: str) -> FormulaResult:
    return formula_mass(FormulaArguments(formula=formula))


def mass(formula: str) -> float:
    return float(weighed(formula).molar_mass.rounded)


def random_formula(source: random.Random, depth: int = 0) -> str:
    parts = []
    for _ in range(source.randint(1, 4)):
        inner = (
            f"({random_formula(source, depth + 1)})" if depth < 2 and source.random() < 0.25 else source.choice(WEIGHED)
        )
        parts.append(inner + source.choice(("", "", "2", "3", "12")))
    return "".join(parts)


def test_two_thousand_formulas_agree_with_a_second_parser(exact: Exactness) -> None:
    periodictable = pytest.importorskip("periodictable")
    source = random.Random(91)
    for _ in exact.cases("formula_mass", 2_000):
        text, waters = random_formula(source), source.choice((0, 0, 0, 1, 2, 10))
        expected = float(periodictable.formula(text).mass) + waters * float(periodictable.formula("H2O").mass)
        shape = source.choice(("()", "[]", "{}"))
        written = text.translate(str.maketrans("()", shape)) + (f"·{waters}H2O" if waters else "")
        assert mass(written) == pytest.approx(expected, rel=1e-12), written


def test_nuclides_within_formulas_weigh_what_a_second_table_says(exact: Exactness) -> None:
    periodictable = pytest.importorskip("periodictable")
    source = random.Random(92)
    nuclides = [(2, "H"), (13, "C"), (14, "C"), (15, "N"), (18, "O"), (34, "S"), (37, "Cl"), (60, "Co"), (235, "U")]
    for _ in exact.cases("formula_mass", 500):
        number, symbol = source.choice(nuclides)
        text, count = random_formula(source, depth=1), source.randint(1, 9)
        isotope = periodictable.elements.symbol(symbol)[number].mass
        expected = float(periodictable.formula(text).mass) + count * isotope
        written = source.choice((f"[{number}{symbol}]{count}{text}", f"{text}^{number}{symbol}{count}"))
        assert mass(written) == pytest.approx(expected, rel=1e-8), written


def test_atomic_weights_agree_with_a_table_of_other_origin(exact: Exactness) -> None:
    molmass = pytest.importorskip("molmass")
    exact.table("formula_mass", len(WEIGHED))
    for symbol in WEIGHED:
        assert mass(symbol) == pytest.approx(molmass.ELEMENTS[symbol].mass, rel=1e-3), symbol


def test_nuclide_masses_agree_with_a_table_of_other_origin() -> None:
    molmass = pytest.importorskip("molmass")
    checked = 0
    for symbol, element in elements().items():
        known = molmass.ELEMENTS[symbol].isotopes if symbol in WEIGHED else {}
        for number, isotope in known.items():
            assert float(element.nuclides[number]) == pytest.approx(isotope.mass, rel=1e-6), (symbol, number)
            checked += 1
    assert checked > 250


@pytest.mark.parametrize(
    ("formula", "molar_mass", "hill"),
    [
        ("H2O", "18.015", "H2O"),
        ("C6H12O6", "180.156", "C6H12O6"),
        ("CuSO4·5H2O", "249.677", "CuH10O9S"),
        ("CuSO4*5H2O", "249.677", "CuH10O9S"),
        ("CuSO4.5H2O", "249.677", "CuH10O9S"),
        ("Na2CO3.H2O", "124.00253856", "CH2Na2O4"),
        ("K4[Fe(CN)6]", "368.3462", "C6FeK4N6"),
        ("{[Cu(NH3)4]SO4}·H2O", "245.741", "CuH14N4O5S"),
        ("Al₂(SO₄)₃", "342.1310768", "Al2O12S3"),
        ("D2O", "20.02720355568", "^2H2O"),
        ("^13CO2", "45.00135483534", "^13CO2"),
        ("13CO2", "45.00135483534", "^13CO2"),
        ("[13C]H4", "17.03535483534", "^13CH4"),
        ("¹⁴C", "14.003241989", "^14C"),
        ("^12C", "12", "^12C"),
        ("2NaCl", "116.87953856", "Cl2Na2"),
        ("Fe0.95O", "69.05175", "Fe0.95O"),
        ("CO", "28.01", "CO"),
        ("CaSO4·0.5H2O", "145.1415", "CaHO4.5S"),
        ("CdSO4·1.5H2O", "235.4925", "CdH3O5.5S"),
        ("CH3-CH3", "30.07", "C2H6"),
        ("NaOH(aq)", "39.99676928", "HNaO"),
        ("Co", "58.933194", "Co"),
    ],
)
def test_a_formula_has_its_mass_and_its_hill_order(formula: str, molar_mass: str, hill: str) -> None:
    result = weighed(formula)
    assert (result.molar_mass.exact, result.hill_formula) == (molar_mass, hill)


@pytest.mark.parametrize(
    ("formula", "charge"),
    [
        ("Na+", 1), ("Ca2+", 2), ("Ca++", 2), ("Fe^3+", 3), ("Cl-", -1), ("NH4+", 1), ("NO3-", -1), ("SO4^2-", -2),
        ("SO4 2-", -2), ("SO4(2-)", -2), ("SO₄²⁻", -2), ("[Fe(CN)6]4-", -4), ("H3O⁺", 1), ("PO4^-3", -3), ("H2O", 0),
    ],
)  # fmt: skip
def test_a_charge_is_told_from_a_count_and_its_electrons_are_weighed(formula: str, charge: int) -> None:
    result = weighed(formula)
    atoms = sum(float(share.mass.rounded) for share in result.composition)
    assert result.charge == charge
    assert float(result.molar_mass.rounded) == pytest.approx(atoms - charge * float(ELECTRON_MASS), rel=1e-12)


def test_shares_add_up_to_the_whole() -> None:
    shares = weighed("C8H10N4O2").composition
    assert [share.symbol for share in shares] == ["C", "H", "N", "O"]
    assert sum(float(share.mass_percent.rounded) for share in shares) == pytest.approx(100, rel=1e-13)


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("SO42-", "ambiguous"),
        ("CuSO4 5H2O", "ambiguous"),
        ("C6 12", "ambiguous"),
        ("O2-", "ambiguous"),
        ("(NH4)2+", "ambiguous"),
        ("3He", "ambiguous"),
        ("2H2O", "ambiguous"),
        ("12CO2", "ambiguous"),
        ("235U", "ambiguous"),
        ("60CoCl2", "ambiguous"),
        ("131I", "ambiguous"),
        ("La1.85Sr0.15CuO4", "ambiguous"),
        ("co2", "invalid_argument"),
        ("Xx", "invalid_argument"),
        ("H2(", "invalid_argument"),
        ("H)2", "invalid_argument"),
        ("(H2]", "invalid_argument"),
        ("()", "invalid_argument"),
        ("·H2O", "invalid_argument"),
        ("+", "invalid_argument"),
        ("H2O; import os", "invalid_argument"),
        ("TcO4^-", "domain_error"),
        ("^99C", "not_found"),
        ("H0", "limit_exceeded"),
        ("H999999", "limit_exceeded"),
        ("H^99+", "limit_exceeded"),
        ("(" * 20 + "H" + ")" * 20, "limit_exceeded"),
    ],
)
def test_what_is_unclear_or_wrong_is_refused(formula: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        weighed(formula)
    assert caught.value.code == code


def test_a_refusal_is_one_line_of_plain_characters() -> None:
    with pytest.raises(ToolError) as caught:
        weighed("€\n\x07(eK0+")
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def test_weights_that_vary_in_nature_are_noted() -> None:
    assert weighed("NaF").notes == ()
    assert weighed("H2O").notes == ("the weight of H, O varies in nature: its conventional value is used",)


def test_the_answer_tells_the_year_of_the_weights() -> None:
    answer = invoke("formula_mass", {"formula": "H2O"}, AnswerStyle(language="de")).answer
    assert answer == "Molare Masse von H2O: 18,015 g/mol (Standardatomgewichte der IUPAC 2021)."
