"""Every unit of pint's registry converts as there, or is rejected by its name."""

import random
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.units.convert import ConvertArguments, ConvertResult, unit_convert
from services.mcp.tools.pure.units.registry import registry
from services.mcp.tools.pure.units.table import TABLE_VERSION, TABLES
from services.mcp.tools.pure.units.vocabulary import vocabulary
from tests.support.mcp.exactness import Exactness
from tests.support.reference_machine import allowed, taken

pint = pytest.importorskip("pint")

# name -> the unit that it means, and the one of the same kind that it does not mean
AS_IN_PINT = {
    "acres": ("us_survey_acre", "international_acre"),
    "rod": ("us_survey_rod", "international_rod"),
    "chain": ("us_survey_chain", "international_chain"),
    "fur": ("us_survey_furlong", "international_furlong"),
    "leagues": ("us_survey_league", "international_league"),
    "fathoms": ("us_survey_fathom", "international_fathom"),
    "link": ("us_survey_link", "international_link"),
    "sq_rod": ("us_survey_square_rod", "international_square_rod"),
    "acre_foot": ("us_survey_acre_foot", "international_acre_foot"),
    "kiloacre": ("kilous_survey_acre", "kilointernational_acre"),
    "parsec": ("tangent_parsec", "iau_parsec"),
    "kpc": ("kilotangent_parsec", "kiloiau_parsec"),
    "Btu": ("iso_btu", "international_btu"),
    "kBtu": ("kiloiso_btu", "kilointernational_btu"),
}
# Common meaning of names for which pint reads a prefix or knows another unit.
REFUSED_FOR_ANOTHER_USE = {
    "bbl": "oil_barrel", "printers_point": "american_printers_point", "kton": "kilotonne", "mbit": "megabit",
    "mbps": "megabit_per_second", "kmph": "kilometer_per_hour", "kMPH": "kilometer_per_hour",
    "MmHg": "millimeter_of_mercury", "MmH2O": "millimeter_of_water", "EL": "metric_tablespoon",
    "TL": "metric_teaspoon", "Grad": "degree", "Gradian": "gon",
}  # fmt: skip
_OURS = {"meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol", "candela": "cd",
         "radian": "rad", "bit": "bit", "pixel": "pel"}  # fmt: skip


@cache
def units() -> Any:  # noqa: ANN401  # pint's own types know no fractions
    return pint.UnitRegistry(non_int_type=Fraction)


@cache
def names() -> tuple[str, ...]:
    return tuple(dict(units()._units))


@cache
def prefixes() -> tuple[str, ...]:
    return tuple(prefix for prefix in units()._prefixes if prefix)


def converted(value: JsonValue, source: str, target: str) -> ConvertResult:
    arguments = {"value": value, "from_unit": source, "to_unit": target}
    return unit_convert(ConvertArguments.model_validate(arguments))


def in_base_units(name: str) -> tuple[float, str] | None:
    """One of a unit in base units by pint, under our names; None where pint cannot convert it."""
    try:
        quantity = units().Quantity(Fraction(1), name).to_root_units()
    except (pint.PintError, AttributeError, AssertionError, TypeError):  # the last: the logarithm of a fraction
        return None
    powers = {_OURS.get(base): int(power) for base, power in quantity.unit_items() if Fraction(power).denominator == 1}
    target = " * ".join(f"{base}^{power}" for base, power in powers.items() if base)
    return float(quantity.magnitude), target.removesuffix("^1") or "one"  # `K` alone is a temperature scale


def complaint(name: str) -> str | None:
    """Fault of a unit's result: another value, or a refusal that does not name it."""
    expected = in_base_units(name)
    value, target = (0.0, "m") if expected is None else expected
    try:
        found = float(converted(1, name, target).value.rounded)
    except ToolError as error:
        return None if name in str(error) else f"{name}: {error}"
    if expected is None or abs(found - value) <= 1e-12 * abs(value):
        return None
    return f"{name}: {found} for {value} {target}"


def complaints(names_written: Iterable[str]) -> list[str]:
    return [found for name in names_written if (found := complaint(name)) is not None]


def test_every_name_symbol_and_alias_converts_as_in_pint(exact: Exactness) -> None:
    assert len(names()) > 1_000
    exact.table("unit_convert", len(names()))
    assert complaints(names()) == []


def test_every_plural_converts_as_in_pint(exact: Exactness) -> None:
    plurals = [f"{name}s" for name in names() if len(name) > 1]
    exact.table("unit_convert", len(plurals))
    assert complaints(plurals) == []


def test_prefixes_before_any_names_and_plurals_convert_as_in_pint(exact: Exactness) -> None:
    pairs = [(prefix, name + plural) for prefix in prefixes() for name in names() for plural in ("", "s")]
    drawn = random.Random(74).sample(pairs, 10_000)
    written = ["".join(drawn[turn]) for turn in exact.cases("unit_convert", len(drawn))]
    assert complaints(written) == []


def test_where_definitions_compete_that_of_pint_is_taken_and_the_answer_names_the_other() -> None:
    for name, (meaning, other) in AS_IN_PINT.items():
        result = converted(1, name, meaning)
        assert (result.from_meaning, result.value.exact) == (meaning, "1")
        assert [line.en for line in result.assumptions][:1] == [f"'{name}' is read as {meaning}, not {other}"]


@pytest.mark.parametrize(("name", "meant"), REFUSED_FOR_ANOTHER_USE.items())
def test_a_name_that_people_use_otherwise_than_pint_is_refused_with_both(name: str, meant: str) -> None:
    with pytest.raises(ToolError, match=f"'{name}' may be ") as caught:
        converted(1, name, meant)
    assert caught.value.code == "ambiguous"
    assert converted(1, meant, meant).value.exact == "1"
    assert meant in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "bushel",
        "gill",
        "hundredweight",
        "therm",
        "kiloton",
        "bbl",
        "bbls",
        "kton",
        "printers_point",
        "mbit",
        "MmHg",
        "EL",
    ],
)
def test_a_name_of_two_units_of_a_kind_is_refused_with_names_that_can_be_written(name: str) -> None:
    with pytest.raises(ToolError) as caught:
        converted(1, name, name)
    assert caught.value.code == "ambiguous"
    offered = str(caught.value).partition(" may be ")[2].removesuffix(": write which").split(" or ")
    assert len(offered) > 1
    assert [converted(1, each, each).value.exact for each in offered] == ["1"] * len(offered)


@pytest.mark.parametrize(
    ("source", "target", "meaning"),
    [
        ("Gb", "GB", "gigabit"),
        ("Gb", "A", "gilbert"),
        ("mil", "in", "mil"),
        ("mil", "deg", "angular_mil"),
        ("Nm", "J", "newton_meter"),
        ("Nm", "m/g", "number_meter"),
        ("Ly", "km", "light_year"),
        ("Ly", "J/m^2", "langley"),
        ("rd", "Gy", "absorbed_dose_rad"),
        ("mb", "m^2", "millibarn"),
        ("in Hg", "Pa", "inch_of_mercury"),
        ("Sidereal Year", "s", "sidereal_year"),
        ("as", "s", "attosecond"),
    ],
)
def test_a_name_of_several_kinds_means_the_one_that_fits(source: str, target: str, meaning: str) -> None:
    assert converted(1, source, target).from_meaning == meaning


def test_the_answer_names_the_usual_unit_that_did_not_fit() -> None:
    lines = [line.en for line in converted(1, "Gb", "A").assumptions]
    assert lines == ["'Gb' is read as gilbert, not gigabit"]


def test_an_expression_without_a_target_keeps_the_usual_unit() -> None:
    args: dict[str, JsonValue] = {"expression": "3 Gb + 1 Gb"}
    assert invoke("unit_calculate", args).result["interpretation"] == "3 gigabit + 1 gigabit"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("decibels", "logarithmic"),
        ("octave", "logarithmic"),
        ("dBu", "logarithmic"),
        ("statcoulomb", "Gaussian"),
        ("kilofranklin", "Gaussian"),
        ("statΩ", "Gaussian"),
        ("kilocelsius", "no unit named"),
        ("millibyte", "no unit named"),
        ("giga%", "no unit named"),
        ("picoΔ°C", "no unit named"),
    ],
)
def test_a_unit_without_a_factor_is_refused_by_its_name_and_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(ToolError, match=f"'{name}' .*{reason}|{reason} .*'{name}'"):
        converted(1, name, "m")


def test_what_is_measured_in_the_registry_is_never_called_exact() -> None:
    assert not converted(1, "bohr_radius", "m").value.is_exact
    assert not converted(1, "sidereal_day", "s").value.is_exact
    assert not converted(1, "planck_length", "m").value.is_exact
    assert converted(1, "conventional_volt_90", "V").factor is not None
    assert converted(1, "townsend", "V m^2").value.is_exact


@pytest.mark.parametrize(
    ("written", "near"), [("kilometrs", "kilometers"), ("siderial_year", "sidereal_year"), ("fet", "feet")]
)
def test_a_mistake_in_a_name_is_answered_with_names_that_are_near(written: str, near: str) -> None:
    with pytest.raises(ToolError, match=f"did you mean .*{near}"):
        converted(1, written, "m")


def test_a_name_that_is_offered_is_one_that_converts() -> None:
    with pytest.raises(ToolError) as caught:
        converted(1, "exbitonnne", "kg")
    offered = str(caught.value).partition("did you mean ")[2].removesuffix("?").split(" or ")
    assert all(vocabulary().find(each) for each in offered)


@pytest.mark.parametrize("name", ["foobar", "kilometrs", "sq" * 49, "x" * 99, "mega meter " * 9])
def test_an_unknown_name_is_refused_in_milliseconds(name: str) -> None:
    def refuse() -> None:
        vocabulary().forget()
        with pytest.raises(ToolError):
            converted(1, name, "m")

    assert taken(refuse) < allowed(0.003)


def test_each_unit_of_the_registry_has_one_name_of_ours_at_most() -> None:
    known = vocabulary()
    ours = set(known.by_name)
    same = {name for name in ours & set(registry_units()) if known.replaced.get(name) is not known.by_name[name]}
    assert same == {"mil"}  # a thousandth of an inch, and an angle where a length does not fit


def registry_units() -> list[str]:
    text = (TABLES / "registry.txt").read_text(encoding="utf-8")
    return [line.partition("|")[0] for line in text.splitlines() if line[0] != "#" and not line.startswith("prefix|")]


def test_the_version_of_the_table_names_the_registry() -> None:
    assert f"pint {pint.__version__}," in TABLE_VERSION
    assert registry().readings("parsec")
