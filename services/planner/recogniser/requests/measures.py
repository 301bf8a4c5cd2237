"""Sums, differences, products and quotients of quantities, and what several equal pieces have together."""

import re
from dataclasses import dataclass

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.families.units import PRODUCTS, UNITS
from services.planner.recogniser.filler import words
from services.planner.recogniser.numbers import decimal
from services.planner.recogniser.numerals import Tongue
from services.planner.recogniser.requests.quantities import LEADS, NAMES, OF_UNITS, QUANTITY, TARGET, asked
from services.planner.recogniser.requests.reader import Reading, Request, may_be_two_numbers
from services.planner.recogniser.requests.values import COUNT, count_of
from services.planner.recogniser.unit_names import unit_of


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a unit, taken `times` times."""

    value: str
    unit: str
    dimension: str
    times: int = 1

    @property
    def written(self) -> str:
        return f"{self.value} {self.unit}" if self.times == 1 else f"{self.times} * {self.value} {self.unit}"


_VALUE_AND_UNIT = re.compile(r"(\d+(?:[.,]\d+)*) ?(.+)")
_PIECES = (
    rf"{COUNT}(?: (?i:more|further|weitere[nr]?|other|pieces of|stück))?"
    rf"(?: (?!(?i:and|und|plus|minus|{NAMES})(?!\w))[^\W\d_]{{3,20}}){{1,2}},?"
    rf"(?: (?i:of|with|zu|mit|à|a|at|von|weighing|measuring))? ?(?:(?i:je(?:weils)?|each)(?: (?i:with|of|mit))? )?"
    rf"{QUANTITY}(?:,? (?i:each|apiece))?|{COUNT} ?(?:x|[*]|(?i:mal|times)) ?{QUANTITY}"
)
_EACH = re.compile(
    r"(?<!\w)(?:of|with|zu|mit|à|je|jeweils|each|apiece|weighing|measuring|mal|times|x)(?!\w)|[*]", re.IGNORECASE
)


def _measure(text: str, tongue: Tongue) -> Measure | None:
    """`12.5 kg`, or the pieces of `3 boxes of 12.5 kg each`."""
    quantity = next((found for found in re.finditer(rf"\d+(?:[.,]\d+)* ?(?i:{NAMES})(?![\w/²³^])", text)), None)
    found = None if quantity is None else _VALUE_AND_UNIT.fullmatch(quantity.group())
    if quantity is None or found is None:
        return None
    unit, value = unit_of(found[2]), decimal(found[1], tongue)
    before = text[: quantity.start()].split()
    times = count_of(before[0]) if before else 1
    return None if unit is None or value is None or times is None else Measure(value, *unit, times)


def _measures(reading: Reading) -> list[tuple[int, Measure]] | None:
    """All quantities with their places in written order; None if one has two readings, or is negative."""
    found: list[tuple[int, Measure]] = []
    for kind in ("pieces", "quantity"):
        for place, text in zip(reading.places.get(kind, []), reading.all(kind), strict=True):
            measure = None if may_be_two_numbers(reading, text) else _measure(text, reading.tongue)
            if measure is None or (kind == "pieces" and _EACH.search(text) is None):
                return None
            found.append((place, measure))
    return sorted(found, key=lambda each: each[0])


def _counts_pieces(reading: Reading) -> bool:
    """True for `two 2 kW heaters`, of which the number is not read."""
    return any(count_of(word) is not None for word in reading.words if len(word) > 1 and word not in _ARTICLES)


_ARTICLES = words("an one ein eine einen einem einer")


def _target(reading: Reading) -> tuple[str, str] | None:
    return unit_of(LEADS.sub("", reading.only("target"), count=1))


_ALL_OF = re.compile(
    r"(?<!\w)(?:(?:aus|von|from|(?<!cut )(?<!take )(?<!took )(?<!saw )off|out of)"
    r"(?: (?!(?:and|und|then|dann|used|took)(?!\w))[^\W\d_]+){0,3}|of(?: (?:the"
    r"|an?|my|our))?) ?$",
    re.IGNORECASE,
)


def _less(reading: Reading, measures: list[tuple[int, Measure]]) -> list[Measure] | None:
    """The whole first, and then what is taken away from it; the first quantity, unless another follows `from`."""
    if {"pieces", "stücke"} & set(reading.words):
        return None  # of each of them there may be several
    wholes = [measure for place, measure in measures if _ALL_OF.search(reading.text[:place])]
    if len(wholes) > 1 and wholes[0] is not measures[0][1]:
        return None
    whole = wholes[0] if wholes else measures[0][1]
    parts = [measure for _, measure in measures if measure is not whole]
    is_negative = any(part.unit == whole.unit and float(part.value) > float(whole.value) for part in parts)
    return None if is_negative else [whole, *parts]


def _summed(reading: Reading) -> ToolCall | None:
    """The sum of the quantities, or what is left of one of them."""
    measures, target = _measures(reading), _target(reading)
    is_less = any(reading.has(key) for key in ("difference", "from", "left"))
    is_one = is_less != reading.has("sum") and not _counts_pieces(reading)
    if not measures or target is None or not is_one or not 1 <= len(measures) <= 6:
        return None
    if any(measure.dimension != target[1] for _, measure in measures):
        return None
    kept = [measure for _, measure in measures]
    if is_less:
        less = kept if reading.has("difference") else _less(reading, measures)
        if less is None or len(less) < 2:
            return None
        kept = less
    elif len(kept) < 2 and kept[0].times == 1:
        return None
    sign = " - " if is_less else " + "
    return ToolCall(
        "unit_calculate", {"expression": f"{sign.join(measure.written for measure in kept)} in {target[0]}"}
    )


# the first quantity, the second one, what they give, and the sign between both
_DERIVED: dict[tuple[str, str, str], str] = {
    ("power", "time", "energy"): "*",
    ("energy", "time", "power"): "/",
    ("energy", "power", "time"): "/",
    ("length", "time", "speed"): "/",
    ("speed", "time", "length"): "*",
    ("length", "speed", "time"): "/",
    ("mass", "length / time^2", "length mass / time^2"): "*",
    ("length mass / time^2", "length", "energy"): "*",
    ("length", "length", "area"): "*",
    ("area", "length", "volume"): "*",
    ("length mass / time^2", "area", "pressure"): "/",
    ("information", "information / time", "time"): "/",
    ("information / time", "time", "information"): "*",
    ("information", "time", "information / time"): "/",
}


def _derived(reading: Reading) -> ToolCall | None:
    """The energy of a power and a time, the speed of a distance and a time, and so on."""
    measures, target = _measures(reading), _target(reading)
    if measures is None or len(measures) != 2 or target is None or reading.has("other") or _counts_pieces(reading):
        return None
    (_, first), (_, second) = measures
    pairs = ((first, second), (second, first))
    for above, below in pairs:
        sign = _DERIVED.get((above.dimension, below.dimension, target[1]))
        if sign is not None and above.times == below.times == 1:
            by = f"({below.written})" if sign == "/" and "/" in below.unit else below.written
            return ToolCall("unit_calculate", {"expression": f"{above.written} {sign} {by} in {target[0]}"})
    return None


def _calculated(reading: Reading) -> ToolCall | None:
    """An expression with signs."""
    total, target = reading.only("total"), _target(reading)
    if not total or target is None or may_be_two_numbers(reading, total):
        return None
    lead = "was ist" if reading.tongue == "de" else "what is"
    unwrapped = asked(f"{lead} {total} in {target[0]}")
    return PRODUCTS.recognise(unwrapped) or UNITS.recognise(unwrapped)


_LEADING = (" in ", "into ", " to ", "how many", "how much", "wie viel", "wieviel", " nach ", " as ", " als ")
_OF_WHOLES = words(
    "tag day daily fernseher tv zieht draws pour poured mix result comes out when bottle bag bags box boxes board"
    " boards rope ribbon piece pieces cut use used"
    " take taken need each tank jug bucket more further then wide carton cartons parcel parcels post mail"
    " flasche sack säcke karton kartons kiste kisten brett bretter seil stück stücke abgeschnitten abschneide nehme"
    " ausgegossen gieße verbraucht verbrauche entnommen brauche davon drin noch gehen wiegen zusätzlich eine dazu"
    " kommt ein weitere je bulb lamp heater heizung lampe glühbirne läuft runs run device gerät"
    " average mean durchschnittlich"
    " durchschnittliche durchschnittsgeschwindigkeit energie energy verbrauch verbraucht consumes consume uses use"
    " kraft force work arbeit fläche area floor room raum zimmer rechteck rectangle download downloaded"
    " file datei takes trip journey strecke cycled ran walked gefahren gelaufen geradelt fährt läuft welche welcher"
    " film movie song video"
)
REQUESTS = (
    Request(
        ("+", " - ", "*", "/"),
        {
            "target": TARGET,
            "total": rf"{QUANTITY} ?[*/] ?\d+(?:[.,]\d+)*(?: ?(?i:{NAMES})(?![\w/²³^]))?"
            rf"|{QUANTITY}(?: ?[-+] ?\d+(?:[.,]\d+)* ?(?i:{NAMES})(?![\w/²³^])){{1,5}}",
        },
        {},
        _calculated,
        OF_UNITS,
        3,
    ),
    Request(
        ("add", "together", "sum", "total", "plus", "minus", "subtract", "zusammen", "gesamt", "summe", "addier",
         "ziehe",
         "abzüg", "left", "remain", "übrig", "noch", "bleib", "rest", "combined", "altogether"),
        {"target": TARGET, "pieces": _PIECES, "quantity": QUANTITY},
        {
            "sum": r"add(?:ed)?(?: up)?|together|sum|total|plus|zusammen|summe|addier\w*|insgesamt|altogether|combined"
            r"|(?:total|overall|combined) (?:weight|length|mass|width|height|volume)|gesamt\w*|in all",
            "from": r"subtract|take away|deduct|subtrahiere|ziehe",
            "difference": r"minus|less|abzüglich|weniger",
            "left": r"left(?: over)?|remain(?:s|ing)?|übrig|noch drin|noch da|rest|verbleib\w*|bleib(?:t|en)"
            r"|restlich\w*|(?<=sind )noch|noch (?:im|in der|auf der|am)",
        },
        _summed,
        OF_UNITS | _OF_WHOLES,
        4,
    ),
    Request(
        _LEADING,
        {"target": TARGET, "quantity": QUANTITY},
        {
            "other": r"plus|minus|left|remaining|übrig|faster|slower|schneller|langsamer|per|pro|diagonal\w*|perimeter"
            r"|umfang|circumference|cost\w*|kost\w*|preis|price"
            r"|triang\w+|dreieck\w*|circ(?:le|ular)|kreis\w*|ellipse|trapez\w*|rhombus|raute|radius|diameter|durchmesser"
            r"|sphere|kugel|cylind\w+|zylind\w+|pyramid\w*|cone|kegel|walls|wände|wandfläche"
        },
        _derived,
        OF_UNITS | _OF_WHOLES,
        4,
    ),
)  # fmt: skip
