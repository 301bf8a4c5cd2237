"""Units as people write and pronounce them, mapped to the spelling of `unit_convert` and the dimension.

This file holds everyday units, with symbols and with names that the tool decides by a convention. A table generated
from the tool's own holds all others.
"""

import re
from pathlib import Path

from services.planner.recogniser.numerals import Tongue

# dimension -> symbol -> names in lower case; a symbol itself also matches as it is. Ambiguous names are omitted:
# ton, pint, cup, gallon and ounce of a liquid, degree without a scale, month and year, the German Pfund.
_UNITS: dict[str, dict[str, str]] = {
    "length": {
        "km": "kilometer kilometers kilometre kilometres kilometern",
        "m": "meter meters metre metres metern",
        "dm": "dezimeter decimeter decimetre decimeters decimetres dezimetern",
        "cm": "centimeter centimeters centimetre centimetres zentimeter zentimetern",
        "mm": "millimeter millimeters millimetre millimetres millimetern",
        "µm": "micrometer micrometers micrometre micrometres mikrometer mikrometern",
        "nm": "nanometer nanometers nanometre nanometres nanometern",
        "mi": "mile miles meile meilen",
        "yd": "yard yards",
        "ft": "foot feet fuß",
        "in": "inch inches zoll",
        "nmi": "nautical_mile nautical_miles seemeile seemeilen",
    },
    "area": {
        "m^2": "square_meter square_meters square_metre square_metres quadratmeter quadratmetern m² m2",
        "km^2": "square_kilometer square_kilometers square_kilometre square_kilometres quadratkilometer km² km2",
        "cm^2": "square_centimeter square_centimeters quadratzentimeter cm² cm2",
        "mm^2": "square_millimeter square_millimeters quadratmillimeter mm² mm2",
        "mi^2": "square_mile square_miles quadratmeile quadratmeilen",
        "ft^2": "square_foot square_feet quadratfuß ft² ft2",
        "ha": "hectare hectares hektar",
        "acre": "acre acres",
    },
    "volume": {
        "l": "liter liters litre litres litern",
        "ml": "milliliter milliliters millilitre millilitres millilitern",
        "cl": "centiliter centiliters centilitre zentiliter",
        "m^3": "cubic_meter cubic_meters cubic_metre cubic_metres kubikmeter kubikmetern m³ m3",
        "cm^3": "cubic_centimeter cubic_centimeters kubikzentimeter cm³ cm3",
    },
    "mass": {
        "kg": "kilogram kilograms kilogramme kilogrammes kilogramm kilo kilos",
        "g": "gram grams gramme grammes gramm",
        "mg": "milligram milligrams milligramm",
        "t": "tonne tonnes tonnen metric_ton metric_tons",
        "lb": "pound pounds lbs",
        "oz": "ounce ounces unze unzen",
    },
    "time": {
        "s": "second seconds sekunde sekunden sec",
        "ms": "millisecond milliseconds millisekunde millisekunden",
        "min": "minute minutes minuten",
        "h": "hour hours stunde stunden std",
        "day": "day days tag tage tagen",
        "week": "week weeks woche wochen",
    },
    "temperature": {
        "°C": "celsius degree_celsius degrees_celsius grad_celsius",
        "°F": "fahrenheit degree_fahrenheit degrees_fahrenheit grad_fahrenheit",
        "K": "kelvin kelvins",
    },
    "speed": {
        "km/h": "kilometers_per_hour kilometres_per_hour kilometer_pro_stunde kmh kph",
        "m/s": "meters_per_second metres_per_second meter_pro_sekunde",
        "mi/h": "miles_per_hour mph meilen_pro_stunde",
        "kn": "knot knots knoten",
        "ft/s": "feet_per_second foot_per_second fuß_pro_sekunde",
    },
    "length / time^2": {"m/s^2": "m/s² meters_per_second_squared metres_per_second_squared"},
    "length mass / time^2": {"N": "newton newtons", "kN": "kilonewton kilonewtons"},
    "information": {
        "bit": "bit bits",
        "B": "byte bytes",
        "kB": "kilobyte kilobytes",
        "MB": "megabyte megabytes",
        "GB": "gigabyte gigabytes",
        "TB": "terabyte terabytes",
        "KiB": "kibibyte kibibytes",
        "MiB": "mebibyte mebibytes",
        "GiB": "gibibyte gibibytes",
        "TiB": "tebibyte tebibytes",
    },
    "information / time": {
        "bit/s": "bits_per_second bit_pro_sekunde bps",
        "kbit/s": "kilobits_per_second kilobit_pro_sekunde kbps",
        "Mbit/s": "megabits_per_second megabit_per_second megabit_pro_sekunde",
        "Gbit/s": "gigabits_per_second gigabit_per_second gigabit_pro_sekunde gbps",
        "B/s": "bytes_per_second byte_pro_sekunde",
        "kB/s": "kilobytes_per_second kilobyte_pro_sekunde",
        "MB/s": "megabytes_per_second megabyte_per_second megabyte_pro_sekunde",
        "GB/s": "gigabytes_per_second gigabyte_per_second gigabyte_pro_sekunde",
    },
    "energy": {
        "J": "joule joules",
        "kJ": "kilojoule kilojoules",
        "MJ": "megajoule megajoules",
        "Wh": "watt_hour watt_hours wattstunde wattstunden",
        "kWh": "kilowatt_hour kilowatt_hours kilowattstunde kilowattstunden",
        "kcal": "kilocalorie kilocalories kilokalorie kilokalorien",
        "eV": "electronvolt electronvolts elektronenvolt",
    },
    "frequency": {
        "Hz": "hertz",
        "kHz": "kilohertz",
        "MHz": "megahertz",
        "GHz": "gigahertz",
    },
    "power": {
        "W": "watt watts",
        "kW": "kilowatt kilowatts",
        "MW": "megawatt megawatts",
        "PS": "pferdestärke pferdestärken",
    },
    "pressure": {
        "Pa": "pascal pascals",
        "hPa": "hectopascal hectopascals hektopascal",
        "kPa": "kilopascal kilopascals",
        "bar": "bar bars",
        "mbar": "millibar millibars",
        "psi": "psi",
        "atm": "atmosphere atmospheres atmosphäre atmosphären",
    },
    "angle": {"rad": "radian radians radiant"},
}
_BY_SYMBOL = {symbol: (symbol, kind) for kind, units in _UNITS.items() for symbol in units}
_BY_NAME = {
    name.replace("_", " "): (symbol, kind)
    for kind, units in _UNITS.items()
    for symbol, names in units.items()
    for name in names.split()
}
_TABLE = (Path(__file__).parent / "unit_names.txt").read_text(encoding="utf-8")
_BY_TABLE = {
    name: (unit, kind)
    for kind, unit, names in (line.split("|") for line in _TABLE.splitlines() if line[0] != "#")
    for name in names.split(", ")
}
# `KM` and `kg` match in any case; `mb` is not megabyte and `mw` not megawatt
_ANY_CASE = {symbol.lower(): (symbol, kind) for symbol, (_, kind) in _BY_SYMBOL.items() if kind in ("length", "mass")}
_ANY_CASE |= {symbol.lower(): _BY_SYMBOL[symbol] for symbol in ("kJ", "kWh", "kPa", "hPa", "kW")}

# Words of one language only: `kilometer`, `km` and `bytes` belong to both.
_ENGLISH = re.compile(
    r"\b(?:feet|foot|inch(?:es)?|miles?|yards|pounds?|ounces?|(?:kilo|milli)?grams?|tonnes"
    r"|(?:kilo|centi|milli)?met(?:ers|res)|(?:milli)?lit(?:ers|res)|seconds?|minutes|hours?|days?|weeks?|hectares"
    r"|acres|knots|degrees?|per)\b"
)
_GERMAN = re.compile(
    r"\b(?:fuß|zoll|(?:see)?meilen?|unzen|(?:kilo|milli)?gramm|tonnen|(?:kilo|zenti|milli)?metern|zentimeter|litern"
    r"|sekunden?|minuten|stunden?|tagen?|tag|wochen?|hektar|knoten|grad|pro|(?:quadrat|kubik)(?:kilo)?meter"
    r"|kilowattstunden?)\b"
)


def tongue_of(*written: str) -> Tongue:
    """The language of units in lower case; None if no word shows it, or they disagree."""
    text = " ".join(written)
    english, german = bool(_ENGLISH.search(text)), bool(_GERMAN.search(text))
    return None if english == german else "en" if english else "de"


def unit_of(written: str) -> tuple[str, str] | None:
    """Symbol and dimension of a unit, or None."""
    plain = " ".join(written.split())
    lowered = plain.lower()
    known = _BY_SYMBOL.get(plain) or _BY_NAME.get(lowered) or _ANY_CASE.get(lowered)
    return known or _BY_TABLE.get(lowered)


def names_read() -> tuple[str, ...]:
    return tuple({**_BY_SYMBOL, **_BY_NAME, **_BY_TABLE})
