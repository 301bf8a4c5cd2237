"""One quantity in another unit."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.units import UNITS
from services.planner.recogniser.filler import words
from services.planner.recogniser.phrasing import UnwrappedQuestion
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers

NAMES = (
    r"[kmg]?bit/s|[kmg]?b/s|[kmg]bps|(?:kilo|mega|giga)(?:bits?|bytes?) (?:per second|pro sekunde)"
    r"|(?:englische[nrs]?|amerikanische[nrs]?|britische[nrs]?|american|british|english|imperial)"
    r" (?:pfund|pounds?|meilen?|miles?|zoll|inch(?:es)?|fuß|feet)"
    r"|km/h|m/s(?:\^2|²)|m/s|mph|kmh|°c|°f|°|(?:degrees? |grad )?(?:celsius|fahrenheit|kelvin)|[cf](?= |$|[?.,!])"
    r"|knots?|knoten"
    r"|fl\.? oz|fluid ounces?|square (?:feet|foot|met(?:er|re)s?|miles?|kilomet(?:er|re)s?|inch(?:es)?|yards?)"
    r"|cubic (?:met(?:er|re)s?|feet|centimet(?:er|re)s?|inch(?:es)?)|quadrat(?:meter|kilometer|fuß)n?|kubikmetern?"
    r"|(?:kilo|centi|milli|deci|micro|zenti|dezi|mikro|nano|mega|hekto)?(?:met(?:er|re)s?|metern|gram(?:me?)?s?|gramm"
    r"|lit(?:er|re)s?|litern|watts?|joules?|watt)|kilos?|tons?|tonnes?|tonnen?|pounds?|pfund|lbs?|ounces?|unzen?|oz"
    r"|stones?|inch(?:es)?|zoll|feet|foot|ft|fuß|yards?|yds?|miles?|meilen?|seemeilen?|nautical miles?|acres?"
    r"|hectares?|hektar|gallons?|gallonen?|pints?|quarts?|cups?|tablespoons?|teaspoons?|tbsp|tsp|seconds?"
    r"|sekunden?|(?:kilo|mega)?wattstunden|kilowatt[- ]hours?|(?:mega|giga)joules?"
    r"|minutes?|minuten?|mins?|hours?|stunden?|hrs?|days?|tagen?|weeks?|wochen?|psi|bar|pascals?|hpa|kpa|atm"
    r"|kcal|kilocalories|kilokalorien|kj|mj|kwh|wh|mwh|calories|kalorien|kw|ps|hp|horsepower|watt[- ]hours?"
    r"|bytes?|[kmgt]i?b"
    r"|[kmgt](?:ega|iga|era|ilo|ebi|ibi)?bytes?|mm|cm|dm|km|m|mg|kg|g|t|ml|cl|dl|hl|l|ha|h|min|s|ms|in"
    r"|km²|m²|m2|cm²|m³|m3|k?n|newtons?|w|mw|radians?|degrees?|grad|hz|khz|mhz|ghz|volts?|nm|n"
)
QUANTITY = rf"(?<![\w.,/^*+-])(?:(?i:minus|negative) |-)?\d+(?:[.,]\d+)* ?(?i:{NAMES})(?![\w/²³^])"
_IN_BRACKETS = re.compile(r"^(-?[\d.,]+) ?[^\d(]+\((\w+)\)$")
TARGET = (
    rf"(?i:(?:in|into|to|as|nach|zu|how many|how much|wie viele?|wieviele?|many|needs?|knows?|wants?"
    rf"|braucht?|will|but|aber|shows?|zeigt|uses?|expects?|erwartet|misst) (?:us |only |nur |in )*"
    rf"(?!in(?!\w))(?:{NAMES}))(?![\w/²³^])|(?i:in inch(?:es)?|in (?:the )?inches)(?!\w)"
)
LEADS = re.compile(
    r"(?:into|in|to|as|nach|zu|how many|how much|wie viele?|wieviele?|many|needs?|knows?|wants?|braucht?|will|but|aber"
    r"|shows?|zeigt|uses?|expects?|erwartet|misst) (?:only |nur |in )*",
    re.IGNORECASE,
)
OF_UNITS = words(
    "oven recipe suitcase luggage weighs weigh weighing speed limit fast convert converted length long distance tall"
    " height high heavy deep temperature says degrees road sign car drive running ran package parcel weight bag flour"
    " water milk tank sugar butter temperature equals wiegt schwer lang weit groß hoch temperatur ofen rezept"
    " koffer strecke gewicht umrechnen umgerechnet angegeben wandle rechne um pool fuel screen pace pressure race"
    " marathon speed how set backup size express cream habe mehl passen gust wind hits doctor tall app only thermometer"
    " decimal body temp forecast outside draußen only should think reads sign warm cold kalt plot umrechnung"
    " there dort then weekend wochenende next router provider internet download downloads"
    " force kraft zug fährt lang train only yet"
)


def asked(text: str) -> UnwrappedQuestion:
    return UnwrappedQuestion(text.lower(), text, (), text.lower())


def _converted(reading: Reading) -> ToolCall | None:
    """One quantity, and one unit after `in`, `to` or `how many`."""
    quantity = re.sub(r"^(?:minus|negative) ", "-", reading.only("quantity"), flags=re.IGNORECASE)
    quantity = _IN_BRACKETS.sub(r"\1 \2", quantity)  # `180 Pfund (lb)`
    target = reading.only("target")
    if not quantity or not target or may_be_two_numbers(reading, quantity):
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    call = UNITS.recognise(asked(f"{lead} {_scaled(quantity)} in {_scaled(LEADS.sub('', target, count=1))}"))
    return call if call is not None and call.tool == "unit_convert" else None


_OF_A_COUNTRY = re.compile(
    r"\b(?:englische[nrs]?|amerikanische[nrs]?|britische[nrs]?|american|british|english|imperial) (pfund)?",
    re.IGNORECASE,
)


_MEGABITS = re.compile(r"(?<![^\W\d_])mbps(?!\w)", re.IGNORECASE)


def _scaled(text: str) -> str:
    """`°C` for `C`, which is also the coulomb; `lb` for a Pfund that is not half a kilogram; no millibits."""
    text = _OF_A_COUNTRY.sub(lambda found: "lb" if found[1] else "", text)
    text = _MEGABITS.sub("Mbit/s", text)
    return " ".join(re.sub(r"(?:°|(?<=\d) ?|^)(?:degrees? )?([cCfF])$", r" °\1", text).split())


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
            " aber ",
            " but ",
        ),
        {"target": TARGET, "quantity": rf"{QUANTITY}(?: \((?i:lbs?|kg|oz|g|mi|km|m|ft|in|l|ml)\))?"},
        {},
        _converted,
        OF_UNITS,
        5,
    ),
)
