"""`unit_convert` against pint, a second unit program with a separate table, in exact fractions."""

import random
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import product

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.units.convert import ConvertArguments, ConvertResult, unit_convert
from services.mcp.tools.pure.units.dimensions import NONE, SYMBOLS, Dimension
from services.mcp.tools.pure.units.table import Unit
from services.mcp.tools.pure.units.vocabulary import vocabulary
from tests.support.mcp.exactness import Exactness

pint = pytest.importorskip("pint")

# our name -> pint's
OTHER_NAMES: Mapping[str, str] = {
    "statute_mile": "mile", "us_survey_foot": "survey_foot", "us_survey_mile": "survey_mile", "us_gallon": "gallon",
    "us_quart": "quart", "us_pint": "pint", "us_cup": "cup", "us_gill": "gill", "us_fluid_ounce": "fluid_ounce",
    "us_tablespoon": "tablespoon", "us_teaspoon": "teaspoon", "us_dry_gallon": "dry_gallon", "us_bushel": "bushel",
    "us_beer_barrel": "beer_barrel", "us_hundredweight": "hundredweight", "imperial_hundredweight": "UK_hundredweight",
    "international_btu": "Btu_it", "mechanical_horsepower": "horsepower", "millimeter_of_mercury": "mmHg",
    "gal_acceleration": "galileo", "typographic_point": "point", "light_second": "light_year/31557600",
    "newton_meter": "newton*meter", "square_meter": "meter**2", "cubic_meter": "meter**3", "watt_second": "watt*second",
    "us_mile_per_gallon": "mile/gallon", "imperial_mile_per_gallon": "mile/imperial_gallon",
    "julian_month": "julian_year/12", "foot_candle": "lumen/foot**2", "phot": "lumen/centimeter**2", "nibble": "4*bit",
    "bits_per_second": "bit/second", "quintal": "100*kilogram", "american_printers_point": "0.013837*inch",
}  # fmt: skip
# Where pint follows another definition than the one that our table names.
DIFFERENT = frozenset({
    "ppt",  # picopint
    "mil",  # an angle
    "gauss", "maxwell", "oersted",  # units of the Gaussian system, without a factor to those of the SI
})  # fmt: skip


@cache
def registry() -> object:
    return pint.UnitRegistry(non_int_type=Fraction)


@cache
def factor(name: str) -> Fraction | None:
    """Factor of a unit to coherent SI units by pint; None for a unit that it lacks."""
    units = registry()
    try:
        quantity = units.parse_expression(OTHER_NAMES.get(name, name))  # type: ignore[attr-defined]
        return Fraction(quantity.to_base_units().magnitude)
    except (pint.UndefinedUnitError, AttributeError):
        return None


def comparable() -> dict[Dimension, list[Unit]]:
    groups: dict[Dimension, list[Unit]] = {}
    for unit in vocabulary().by_name.values():
        known = unit.offset is None and unit.name not in DIFFERENT and unit.dimension != NONE
        if known and factor(unit.name) is not None:
            groups.setdefault(unit.dimension, []).append(unit)
    return groups


def converted(value: JsonValue, source: str, target: str) -> ConvertResult:
    arguments = {"value": value, "from_unit": source, "to_unit": target}
    return unit_convert(ConvertArguments.model_validate(arguments))


def test_the_second_program_knows_most_of_our_units() -> None:
    assert sum(len(units) for units in comparable().values()) >= 150


def test_every_pair_of_units_that_both_know_agrees(exact: Exactness) -> None:
    source = random.Random(71)
    pairs = [(a, b) for units in comparable().values() for a in units for b in units if a is not b]
    assert len(pairs) > 1_600
    source.shuffle(pairs)
    for turn in exact.cases("unit_convert", 2 * len(pairs)):
        one, two = pairs[turn % len(pairs)]
        value = Fraction(source.randint(1, 10**6), 1_000)
        result = converted(str(float(value)), one.name, two.name)
        expected = value * (factor(one.name) or 0) / (factor(two.name) or 1)
        if result.value.exact is not None and "pi" not in result.value.exact:
            close = abs(Fraction(result.value.exact) / expected - 1)
            assert close < Fraction(1, 10**14), (one.name, two.name, float(expected))
        assert float(result.value.rounded) == pytest.approx(float(expected), rel=1e-13), (one.name, two.name)


def test_thousands_of_prefixed_symbols_agree(exact: Exactness) -> None:
    source = random.Random(72)
    prefixes = {"k": 3, "M": 6, "G": 9, "m": -3, "µ": -6, "n": -9, "c": -2, "h": 2, "p": -12, "T": 12}
    symbols = ("m", "g", "s", "A", "K", "mol", "Hz", "N", "Pa", "J", "W", "V", "Ω", "S", "Wb", "T", "H", "lm", "lx",
               "Bq", "Gy", "Sv", "l", "bar", "eV", "Wh")  # fmt: skip
    rows = [(symbol, *pair) for symbol in symbols for pair in product(prefixes, repeat=2)]
    rows += [(symbol, *pair) for symbol in ("B", "bit", "bps") for pair in product(("k", "M", "G", "T"), repeat=2)]
    source.shuffle(rows)
    for turn in exact.cases("unit_convert", len(rows)):
        symbol, one, two = rows[turn]
        result = converted(3, one + symbol, two + symbol)
        expected = 3 * Fraction(10) ** (prefixes[one] - prefixes[two])
        assert Fraction(result.value.exact or 0) == expected, (one + symbol, two)


@pytest.mark.parametrize("symbol", ["mb", "mB", "nB", "µbit", "MBPS"])
def test_there_is_no_part_of_a_bit_and_no_guess_at_bytes(symbol: str) -> None:
    with pytest.raises(ToolError):
        converted(1, symbol, "bit")


def test_products_and_quotients_agree(exact: Exactness) -> None:
    source = random.Random(73)
    names = [unit.name for units in comparable().values() for unit in units if not unit.name.startswith("us_")]
    for _ in exact.cases("unit_convert", 1_500):
        one, two, power = source.choice(names), source.choice(names), source.choice((1, 2, 3))
        expected = (factor(one) or 0) / (factor(two) or 1) ** power
        dimension = vocabulary().by_name[two].dimension
        result = converted(1, f"{one}/{two}^{power}", f"{_base(one)}/({_base(two)})^{power}")
        assert float(result.value.rounded) == pytest.approx(float(expected), rel=1e-12), (one, two, power, dimension)


def _base(name: str) -> str:
    exponents = vocabulary().by_name[name].dimension
    return "*".join(f"{symbol}^{power}" for symbol, power in zip(SYMBOLS, exponents, strict=True) if power)


@pytest.mark.parametrize(
    ("value", "source", "target", "exact"),
    [
        (20, "°C", "°F", "68"),
        (-40, "°C", "°F", "-40"),
        (451, "Fahrenheit", "Celsius", "2095/9"),
        (0, "K", "°C", "-273.15"),
        (300, "K", "°F", "80.33"),
        (100, "C", "F", "212"),
        (1, "W/(m² °C)", "W/(m² K)", "1"),
        (9, "Δ°F", "K", "5"),
        (10, "Δ°C", "°F", "18"),
        (10, "Δ°C", "Δ°F", "18"),
        (-5, "K", "K", "-5"),
        (6, "l/100km", "mpg_us", "112903/2880"),
        (1, "Stundenkilometer", "m/s", "5/18"),
        (3, "Quadratkilometer", "ha", "300"),
        (2, "Kubikzentimeter", "ml", "2"),
        (1, "Meile pro Stunde", "km/h", "1.609344"),
        (1, "Kilowattstunde", "J", "3600000"),
        (180, "deg", "rad", "pi"),
        (1, "Umdrehung", "rad", "2*pi"),
        (1, "GiB", "MB", "1073.741824"),
        (5, "sq ft", "m^2", "0.4645152"),
        (1, "cubic feet", "cubic inches", "1728"),
        ("1,5", "Zoll", "mm", "38.1"),
        ("1/3", "ft", "in", "4"),
        (1, "meters per second squared", "m/s^2", "1"),
        (1, "ft lb", "J", "1.3558179483314004"),
        (1, "Esslöffel", "ml", "15"),
        (1, "HP", "ft lbf/s", "550"),
        (3, "FT", "in", "36"),
        (1, "sqft", "sq in", "144"),
        (1, "km squared", "ha", "100"),
        (1, "Teelöffel", "ml", "5"),
        (5, "µM", "nmol/l", "5000"),
        (8, "Mbit/s", "MB/s", "1"),
        (8, "Mbps", "MBps", "1"),
    ],
)
def test_a_conversion_is_exact(value: JsonValue, source: str, target: str, exact: str) -> None:
    assert converted(value, source, target).value.exact == exact


GERMAN = {
    "Meter": "m", "Kilometern": "km", "Fuß": "ft", "Meilen": "mi", "Seemeilen": "NM", "Gramm": "g", "Tonnen": "t",
    "Stunden": "h", "Minuten": "min", "Sekunden": "s", "Tage": "d", "Wochen": "week", "Liter": "l", "Milliliter": "ml",
    "Hektar": "ha", "Grad Celsius": "°C", "Grad Fahrenheit": "°F", "Kelvin": "K", "Pferdestärken": "PS", "Knoten": "kn",
    "Lichtjahre": "ly", "Atmosphären": "atm", "Gallonen": "US gal", "Elektronenvolt": "eV", "Prozent": "%",
    "Mikrometer": "µm", "Kilopond": "kgf", "Karat": "ct", "Feinunzen": "ozt", "Wattstunden": "Wh",
    "Bogensekunden": "arcsec",
}  # fmt: skip


@pytest.mark.parametrize(("german", "symbol"), GERMAN.items())
def test_german_names_mean_the_same_as_symbols(german: str, symbol: str) -> None:
    assert converted(1, german, symbol).value.exact == "1"


@pytest.mark.parametrize(
    ("source", "target", "meaning"),
    [
        ("oz", "g", "avoirdupois_ounce"),
        ("oz", "ml", "us_fluid_ounce"),
        ("gal", "l", "us_gallon"),
        ("acre", "m^2", "us_survey_acre"),
        ("cal", "J", "thermochemical_calorie"),
        ("mile", "km", "statute_mile"),
        ("pt", "ml", "us_pint"),
        ("pt", "mm", "typographic_point"),
        ("hp", "W", "mechanical_horsepower"),
        ("year", "s", "julian_year"),
    ],
)
def test_what_an_ambiguous_name_was_taken_for_is_told(source: str, target: str, meaning: str) -> None:
    result = converted(1, source, target)
    assert result.from_meaning == meaning
    assert len(result.assumptions) == 1


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("ton", "kg", "ambiguous"),
        ("barrel", "l", "ambiguous"),
        ("Pfund", "kg", "ambiguous"),
        ("Zentner", "kg", "ambiguous"),
        ("Cal", "J", "ambiguous"),
        ("KB", "B", "ambiguous"),
        ("J/kg K", "J/(kg K)", "ambiguous"),
        ("m", "kg", "domain_error"),
        ("N m", "rad", "domain_error"),
        ("dB", "W", "domain_error"),
        ("pH", "mol/l", "domain_error"),
        ("foobar", "m", "invalid_argument"),
        ("", "m", "invalid_argument"),
        ("m^99", "m", "limit_exceeded"),
        ("m/", "m", "invalid_argument"),
        ("((m", "m", "invalid_argument"),
        ("m" * 101, "m", "limit_exceeded"),
        ("__import__('os')", "m", "invalid_argument"),
    ],
)
def test_what_is_unclear_or_wrong_is_refused(source: str, target: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("unit_convert", {"value": 1, "from_unit": source, "to_unit": target})
    assert caught.value.code == code


def test_a_temperature_below_absolute_zero_is_refused() -> None:
    with pytest.raises(ToolError, match="absolute zero"):
        converted("-273.16", "°C", "K")


def test_a_measured_unit_is_never_called_exact() -> None:
    result = converted(1, "u", "kg")
    assert not result.value.is_exact
    assert "measured" in result.assumptions[0].en


def test_the_german_answer_tells_its_assumption_in_german() -> None:
    args: dict[str, JsonValue] = {"value": 1, "from_unit": "Meile", "to_unit": "km"}
    answer = invoke("unit_convert", args, AnswerStyle(language="de")).answer
    assert answer.startswith("1 Meile = 1,609344 km ('Meile' ist gelesen als statute_mile, nicht als nautical_mile")


@pytest.mark.parametrize("value", [True, None, [], "x", "1e999", float("inf")])
def test_what_is_no_number_is_refused(value: JsonValue) -> None:
    with pytest.raises(ToolError):
        invoke("unit_convert", {"value": value, "from_unit": "m", "to_unit": "km"})


def test_a_json_number_means_the_decimal_that_was_written() -> None:
    assert converted(0.1, "m", "mm").value.exact == "100"
