"""`physical_constant` against scipy's table of the same CODATA release."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.units.constant import ConstantArguments, ConstantResult, physical_constant
from services.mcp.tools.pure.units.constants import catalogue
from tests.support.mcp.exactness import Exactness

scipy_constants = pytest.importorskip("scipy.constants")
# scipy has values of an earlier release under these names
OLDER = frozenset({"natural unit of momentum", "natural unit of momentum in MeV/c"})
NAMES = [name for name in scipy_constants.find("", disp=False) if name not in OLDER]
CURRENT = {name: scipy_constants.physical_constants[name] for name in NAMES}


def constant(name: str) -> ConstantResult:
    return physical_constant(ConstantArguments(name=name))


def test_every_constant_of_the_release_is_there_with_value_uncertainty_and_unit(exact: Exactness) -> None:
    assert len(CURRENT) >= 350
    exact.table("physical_constant", len(CURRENT))
    for name, (value, unit, uncertainty) in CURRENT.items():
        found = constant(name)
        assert float(found.value) == pytest.approx(value, rel=1e-9), name
        assert found.unit == (unit or "1"), name
        assert float(found.standard_uncertainty or 0) == uncertainty, name


def test_those_that_scipy_has_from_an_earlier_release_are_what_they_stand_for() -> None:
    product = float(constant("electron mass").value) * 299_792_458
    assert float(constant("natural unit of momentum").value) == pytest.approx(product, rel=1e-10)
    energy = constant("electron mass energy equivalent in MeV")
    assert constant("natural unit of momentum in MeV/c").value == energy.value


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.title,
    "the {}".format,
    "  {} ".format,
    lambda name: name.replace(" ", "_"),
)


def test_every_constant_is_found_however_its_name_is_written(exact: Exactness) -> None:
    for name, spelling in product(CURRENT, SPELLINGS):
        exact.table("physical_constant", 1)
        assert constant(spelling(name)).name == constant(name).name, spelling(name)


def test_measured_constants_have_exactly_the_published_digits() -> None:
    for name, (value, _, uncertainty) in CURRENT.items():
        if uncertainty:
            assert float(constant(name).value) == value, name


def test_exact_values_begin_with_the_digits_that_are_published() -> None:
    checked = 0
    for entry in {id(found): found for found in catalogue().by_word.values()}.values():
        if entry.formula is None:
            continue
        digits = entry.digits.partition("e")[0].lstrip("0.").replace(".", "")
        exact = str(Decimal(entry.formula.figure().rounded)).partition("E")[0].lstrip("0.").replace(".", "")
        assert exact.ljust(15, "0").startswith(digits[:14]), entry.name
        checked += 1
    assert checked >= 20


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("c", "299792458", "exact"),
        ("Lichtgeschwindigkeit", "299792458", "exact"),
        ("h", "6.62607015e-34", "exact"),
        ("plancksches Wirkungsquantum", "6.62607015e-34", "exact"),
        ("ħ", "1.05457181764616e-34", "exact"),
        ("Gaskonstante", "8.31446261815324", "exact"),
        ("universal gas constant", "8.31446261815324", "exact"),
        ("Stefan-Boltzmann constant", "5.67037441918443e-8", "exact"),
        ("N_A", "6.02214076e+23", "exact"),
        ("the elementary charge", "1.602176634e-19", "exact"),
        ("µ₀", "0.00000125663706127", "measured"),
        ("G", "6.67430e-11", "measured"),
        ("Gravitationskonstante", "6.67430e-11", "measured"),
        ("Elektronenmasse", "9.1093837139e-31", "measured"),
        ("fine structure constant", "0.0072973525643", "measured"),
        ("b", "0.002897771955", "exact_cut_off"),
        ("Erdbeschleunigung", "9.80665", "exact"),
    ],
)
def test_a_constant_is_found_by_symbol_english_or_german_name(name: str, value: str, kind: str) -> None:
    found = constant(name)
    assert (found.value, found.kind, found.year) == (value, kind, 2022)


def test_the_relative_uncertainty_is_the_quotient() -> None:
    found = constant("G")
    assert found.relative_uncertainty is not None
    assert Fraction(found.relative_uncertainty.exact or 0) == Fraction("1.5e-15") / Fraction("6.67430e-11")


def test_case_tells_symbols_apart() -> None:
    assert (constant("k").name, constant("F").name) == ("Boltzmann constant", "Faraday constant")


def test_an_unknown_name_is_refused_with_names_that_are_near() -> None:
    with pytest.raises(ToolError, match="did you mean") as caught:
        constant("plank constant")
    assert caught.value.code == "not_found"


def test_the_german_answer_has_the_german_name_and_commas() -> None:
    answer = invoke("physical_constant", {"name": "m_e"}, AnswerStyle(language="de")).answer
    assert answer == "Elektronenmasse: m_e = 9,1093837139e-31 kg (Standardunsicherheit 2,8e-40; CODATA 2022)."
