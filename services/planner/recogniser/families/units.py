"""Questions for a quantity, or a sum of quantities, in another unit."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import NUMBER, Family, Found, bare_conversion, requests_de, requests_en, rules
from services.planner.recogniser.numbers import decimal, number
from services.planner.recogniser.unit_names import tongue_of, unit_of

_WORDS = r"[a-zäöüßµ°²³/]{1,20}(?:\^?[2-3])?(?: [a-zß]{1,12}){0,2}"
_SOURCE = rf"(?P<value>{NUMBER}) ?(?P<source>{_WORDS}?)"
_TARGET = rf"(?P<target>{_WORDS})"
_QUANTITY = rf"\d+(?:[.,]\d+)* ?{_WORDS}?"
_SUM = rf"(?P<sum>{_QUANTITY}(?: ?(?:[-+]|(?:and|und|plus) ) ?{_QUANTITY}){{1,5}})"
_TERM = re.compile(rf" ?(?P<sign>[-+]|and|und|plus|) ?(?P<value>\d+(?:[.,]\d+)*) ?(?P<unit>{_WORDS})", re.IGNORECASE)


def _converted(found: Found) -> ToolCall | None:
    """Both units must have one dimension; a unit to itself is not a conversion."""
    value = number(found["value"], found.tongue or tongue_of(found["source"], found["target"]))
    source, target = unit_of(found.written("source")), unit_of(found.written("target"))
    if value is None or source is None or target is None or source[1] != target[1] or source == target:
        return None
    return ToolCall("unit_convert", {"value": value, "from_unit": source[0], "to_unit": target[0]})


def _multiplied(found: Found) -> ToolCall | None:
    """`120 km / 90 min in km/h`; the tool checks the dimensions."""
    target = unit_of(found.written("target"))
    tongue = found.tongue or tongue_of(found["source"], found["target"])
    first, second = (decimal(found[name], tongue) for name in ("value", "factor"))
    unit, other = unit_of(found.written("source")), unit_of(found.written("by"))
    if first is None or second is None or unit is None or target is None or (other is None) != (not found["by"]):
        return None
    sign = "/" if found["sign"] in ("/", "divided by", "geteilt durch", "durch", "per") else "*"
    by = second if other is None else f"{second} {other[0]}"
    return ToolCall("unit_calculate", {"expression": f"{first} {unit[0]} {sign} {by} in {target[0]}"})


def _summed(found: Found) -> ToolCall | None:
    target = unit_of(found.written("target"))
    tongue = found.tongue or tongue_of(found["sum"], found["target"])
    written, terms, place = found.written("sum"), [], 0
    while place < len(written):
        term = _TERM.match(written, place)
        unit = None if term is None else unit_of(term["unit"])
        value = None if term is None else decimal(term["value"], tongue)
        if term is None or unit is None or value is None or target is None or unit[1] != target[1]:
            return None
        sign = "+" if term["sign"] in ("and", "und", "plus") else term["sign"]
        terms.append(f"{sign} {value} {unit[0]}".strip())
        place = term.end()
    return None if target is None else ToolCall("unit_calculate", {"expression": f"{' '.join(terms)} in {target[0]}"})


_SIGN = r"(?P<sign>\*|/|x|times|divided by|geteilt durch|durch|mal)"
_PRODUCT = rf"{_SOURCE} ?{_SIGN} ?(?P<factor>\d+(?:[.,]\d+)*)(?: ?(?P<by>{_WORDS}?))?"
_LEAD = r"(?:(?:[a-z] = |what is |what's |calculate |compute |was ist |was sind |wie ?viel (?:ist|sind) |berechne ))?"
_RULES = (
    *rules(None, _converted, bare_conversion(_SOURCE, _TARGET)),
    *rules(None, _summed, bare_conversion(_SUM, _TARGET)),
    *rules("en", _converted, *requests_en(_SOURCE, _TARGET)),
    *rules(
        "en",
        _converted,
        rf"how many {_TARGET} (?:are|is|equals?|make|are in|are there in|is in|does|do) {_SOURCE}",
    ),
    *rules("en", _converted, rf"how (?:far|long|heavy|tall|hot|cold|fast|wide|high) (?:is|are) {_SOURCE} in {_TARGET}"),
    *rules("de", _converted, *requests_de(_SOURCE, _TARGET)),
    *rules("de", _converted, rf"wie ?viele? {_TARGET} (?:sind|ist|haben|hat|entsprechen|ergeben|sind in) {_SOURCE}"),
    *rules(
        "en", _summed, rf"how (?:many|much) {_TARGET} (?:is|are|in|are in|make) {_SUM}", rf"{_SUM} (?:to|as) {_TARGET}"
    ),
    *rules(
        "en",
        _summed,
        rf"(?:what (?:do|does|is|are) )?{_SUM} (?:add up to|make|come to|together|in total|altogether),?"
        rf" (?:in|as) {_TARGET}",
        rf"add {_SUM} (?:in|and give me the (?:sum|total|result) in) {_TARGET}",
    ),
    *rules(
        "de",
        _summed,
        rf"wie ?viele? {_TARGET} (?:sind|ist|haben|hat|ergeben) {_SUM}",
        rf"rechne {_SUM} in {_TARGET}(?: um)?",
    ),
    *rules("en", _summed, rf"(?:what is|what's|calculate|compute|how much is) {_SUM} in {_TARGET}"),
    *rules("de", _summed, rf"(?:was ist|was sind|berechne|wie ?viel (?:ist|sind)) {_SUM} in {_TARGET}"),
)
UNITS = Family((" in", " to ", "how many", "wie viel", "wieviel", " nach ", " as ", " als "), _RULES)
PRODUCTS = Family(
    ("/", "*", " times ", " divided ", " geteilt ", " durch ", " mal ", " x "),
    (*rules(None, _multiplied, rf"{_LEAD}{_PRODUCT},? (?:in|to|as|als) {_TARGET}"),),
)
