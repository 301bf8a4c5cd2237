"""One quantity in another unit, sums of quantities, constants, and the mass of a formula."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.chemistry import is_formula
from services.planner.recogniser.families.science import CONSTANTS
from services.planner.recogniser.families.units import PRODUCTS, UNITS
from services.planner.recogniser.filler import words
from services.planner.recogniser.phrasing import UnwrappedQuestion
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers

_NAMES = (
    r"km/h|m/s(?:\^2|²)|m/s|mph|kmh|°c|°f|°|(?:degrees? |grad )?(?:celsius|fahrenheit|kelvin)|[cf](?= |$|[?.,!])"
    r"|knots?|knoten"
    r"|fl\.? oz|fluid ounces?|square (?:feet|foot|met(?:er|re)s?|miles?|kilomet(?:er|re)s?|inch(?:es)?|yards?)"
    r"|cubic (?:met(?:er|re)s?|feet|centimet(?:er|re)s?|inch(?:es)?)|quadrat(?:meter|kilometer|fuß)n?|kubikmetern?"
    r"|(?:kilo|centi|milli|deci|micro|zenti|dezi|mikro|nano|mega|hekto)?(?:met(?:er|re)s?|metern|gram(?:me?)?s?|gramm"
    r"|lit(?:er|re)s?|litern|watts?|joules?|watt)|kilos?|tons?|tonnes?|tonnen?|pounds?|pfund|lbs?|ounces?|unzen?|oz"
    r"|stones?|inch(?:es)?|zoll|feet|foot|ft|fuß|yards?|yds?|miles?|meilen?|seemeilen?|nautical miles?|acres?"
    r"|hectares?|hektar|gallons?|gallonen?|pints?|quarts?|cups?|tablespoons?|teaspoons?|tbsp|tsp|seconds?"
    r"|sekunden?|(?:kilo|mega)?wattstunden|kilowatt[- ]hours?|(?:mega|giga)joules?"
    r"|minutes?|minuten?|mins?|hours?|stunden?|hrs?|days?|tagen?|weeks?|wochen?|psi|bar|pascals?|hpa|kpa|atm"
    r"|kcal|kilocalories|kilokalorien|kj|mj|kwh|wh|mwh|calories|kalorien|kw|ps|hp|horsepower|bytes?|[kmgt]i?b"
    r"|[kmgt](?:ega|iga|era|ilo|ebi|ibi)?bytes?|mbit/s|mb/s|mm|cm|dm|km|m|mg|kg|g|t|ml|cl|dl|hl|l|ha|h|min|s|ms|in"
    r"|km²|m²|m2|cm²|m³|m3|newtons?|radians?|degrees?|grad|hz|khz|mhz|ghz|volts?|nm|n"
)
_QUANTITY = rf"(?<![\w.,/^*+-])(?:(?i:minus|negative) |-)?\d+(?:[.,]\d+)* ?(?i:{_NAMES})(?![\w/²³^])"
_IN_BRACKETS = re.compile(r"^(-?[\d.,]+) ?[^\d(]+\((\w+)\)$")
_TARGET = (
    rf"(?i:(?:in|into|to|as|nach|zu|how many|how much|wie viele?|wieviele?|many|needs?|knows?|wants?"
    rf"|braucht?|will) (?:us )?(?!in(?!\w))(?:{_NAMES}))(?![\w/²³^])|(?i:in inch(?:es)?|in (?:the )?inches)(?!\w)"
)
_LEADS = re.compile(
    r"(?:into|in|to|as|nach|zu|how many|how much|wie viele?|wieviele?|many|needs?|knows?|wants?|braucht?|will) ",
    re.IGNORECASE,
)
_OF_UNITS = words(
    "oven recipe suitcase luggage weighs weigh weighing speed limit fast convert converted length long distance tall"
    " height high heavy deep temperature says degrees road sign car drive running ran package parcel weight bag flour"
    " water milk tank sugar butter temperature equals wiegt schwer lang weit groß hoch temperatur ofen rezept"
    " koffer strecke gewicht umrechnen umgerechnet angegeben wandle rechne um pool fuel screen pace pressure race"
    " marathon speed how set backup size express cream habe mehl passen gust wind hits doctor tall app only thermometer"
    " decimal body temp forecast outside draußen only should think reads sign warm cold kalt plot umrechnung"
    " force kraft zug fährt lang train only yet"
)


def _asked(text: str) -> UnwrappedQuestion:
    return UnwrappedQuestion(text.lower(), text, (), text.lower())


def _converted(reading: Reading) -> ToolCall | None:
    """One quantity, and one unit after `in`, `to` or `how many`."""
    quantity = re.sub(r"^(?:minus|negative) ", "-", reading.only("quantity"), flags=re.IGNORECASE)
    quantity = _IN_BRACKETS.sub(r"\1 \2", quantity)  # `180 Pfund (lb)`
    target = reading.only("target")
    if not quantity or not target or may_be_two_numbers(reading, quantity):
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    call = UNITS.recognise(_asked(f"{lead} {_scaled(quantity)} in {_scaled(_LEADS.sub('', target, count=1))}"))
    return call if call is not None and call.tool == "unit_convert" else None


def _scaled(text: str) -> str:
    """`°C` for `C`, which is also the coulomb."""
    return " ".join(re.sub(r"(?:°|(?<=\d) ?|^)(?:degrees? )?([cCfF])$", r" °\1", text).split())


_SYMBOLS = {"newtons": "N", "newton": "N", "joules": "J", "joule": "J", "watts": "W", "watt": "W"}


def _total(reading: Reading) -> ToolCall | None:
    total, target = reading.only("total"), reading.only("target")
    if not total or not target or may_be_two_numbers(reading, total):
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    symbol = _SYMBOLS.get(unit := _LEADS.sub("", target, count=1).lower(), unit)
    unwrapped = _asked(f"{lead} {total} in {symbol}")
    return PRODUCTS.recognise(unwrapped) or UNITS.recognise(unwrapped)


_FROM = re.compile(r"\b(?:from|von)\b", re.IGNORECASE)


def _summed(reading: Reading) -> ToolCall | None:
    """The sum, or with `minus` the difference, of the quantities."""
    quantities, target = reading.all("quantity"), reading.only("target")
    if reading.has("from"):  # `subtract 750 g from 3 lb`
        quantities = quantities[::-1] if len(quantities) == 2 and _FROM.search(reading.text) else []
    sign = reading.one_of("sum", "difference", "from")
    several = len({"sum", "difference", "from"} & set(reading.keys)) > 1
    if not 2 <= len(quantities) <= 5 or not target or not sign or several:
        return None
    if any(may_be_two_numbers(reading, quantity) for quantity in quantities):
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    operator = " + " if sign == "sum" else " - "
    return UNITS.recognise(_asked(f"{lead} {operator.join(quantities)} in {_LEADS.sub('', target, count=1)}"))


def _constant(reading: Reading) -> ToolCall | None:
    places = {int(key[1:]) for key in reading.keys if key != "value"}
    return ToolCall("physical_constant", {"name": CONSTANTS[places.pop()][0]}) if len(places) == 1 else None


def _mass(reading: Reading) -> ToolCall | None:
    formulas = [text for text in reading.all("formula") if text != "I"]
    formula = formulas[0] if len(formulas) == 1 else ""
    simple = formula.split("·")[0]
    return ToolCall("formula_mass", {"formula": formula}) if reading.keys and is_formula(simple) else None


REQUESTS = (
    Request(
        (
            " in ",
            "into ",
            " to ",
            "how many",
            "many ",
            "how much",
            "wie viel",
            "wieviel",
            " nach ",
            " as ",
            " als ",
            " zu ",
            "need",
            "know",
            "want",
            "brauch",
            " will ",
        ),
        {"target": _TARGET, "quantity": rf"{_QUANTITY}(?: \((?i:lbs?|kg|oz|g|mi|km|m|ft|in|l|ml)\))?"},
        {},
        _converted,
        _OF_UNITS,
        5,
    ),
    Request(
        ("+", " - ", "*", "/"),
        {
            "target": _TARGET,
            "total": rf"{_QUANTITY} ?[*/] ?\d+(?:[.,]\d+)*(?: ?(?i:{_NAMES})(?![\w/²³^]))?"
            rf"|{_QUANTITY}(?: ?[-+] ?\d+(?:[.,]\d+)* ?(?i:{_NAMES})(?![\w/²³^])){{1,5}}",
        },
        {},
        _total,
        _OF_UNITS,
        3,
    ),
    Request(
        (
            "add",
            "together",
            "sum",
            "total",
            "plus",
            "minus",
            "subtract",
            "zusammen",
            "summe",
            "addier",
            "ziehe",
            "abzüg",
        ),
        {"target": _TARGET, "quantity": _QUANTITY},
        {
            "sum": r"add(?:ed)?(?: up)?|together|sum|total|plus|zusammen|summe|addier\w*|insgesamt|altogether",
            "from": r"subtract|take away|deduct|subtrahiere|ziehe|nimm",
            "difference": r"minus|less|abzüglich|weniger",
        },
        _summed,
        _OF_UNITS | words("pour mix result comes out when"),
        4,
    ),
    Request(
        ("constant", "konstante", "charge", "ladung", "light", "licht", "mass", "avogadro", "planck", "radius"),
        {},
        {
            **{
                f"c{place}": f"(?:{english}|{german})(?: [Gckh])?"
                for place, (_, english, german, _) in enumerate(CONSTANTS)
            },
            "value": r"(?:exact |numerical |accepted |codata )?values?|uncertainty|(?:codata|exakte[rn]?"
            r"|genaue[rn]?) ?wert"
            r"|wert|unsicherheit|how (?:big|large|fast|heavy|strong) is|wie (?:groß|schnell|schwer|hoch|stark) ist"
            r"|lautet"
            r"|what(?:'s| is)|was ist|give|look up|remind|brauche|nenne|need|in (?:coulomb|joules?|newtons?|kelvin"
            r"|kg)|in si(?: units)?|numerically|m/s|zahlenwert",
        },
        lambda reading: _constant(reading) if reading.has("value") else None,
        words(
            "codata lab report physics si unit units physik einheit einheiten wert coulomb joule kelvin newton kg g"
            " h c k"
            " second sekunde per pro meters metres metern exactly physikaufgabe formelsammlung textbook reminds look me"
        ),
        3,
    ),
    Request(
        ("mol", "mass", "weigh", "wiegt", "schwer", "m("),
        {"formula": r"(?<!\w)(?:[A-Z][a-z]?\d*|\((?:[A-Z][a-z]?\d*)+\)\d*)+(?:·\d*(?:[A-Z][a-z]?\d*)+)?(?!\w)"},
        {
            "mass": r"molar (?:mass|weight)|molecular (?:mass|weight)|formula (?:mass|weight)|mol(?:are )?masse"
            r"|molmasse|molekül(?:masse|gewicht)|molekulargewicht|formelmasse|(?:one |a |1 |ein(?:em)? )?mole?s?"
            r"|grams? per mole|g/mol|gramm pro mol|molgewicht|m(?=\()",
        },
        _mass,
        words(
            "weigh weighs weight gram grams wiegt schwer davon glucose glukose water wasser salt kochsalz caffeine"
            " koffein ethanol"
            " ammonia ammoniak methane methan rust rost sulfuric sulphuric acid schwefelsäure säure chalk kalk one ein"
            " report protocol protokoll mole molecule molekül chemistry lab compound stoff verbindung chemie"
        ),
        3,
    ),
)
