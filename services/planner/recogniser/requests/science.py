"""Physical constants, and the mass of a chemical formula."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.chemistry import ELEMENTS, is_formula
from services.planner.recogniser.families.constants import CONSTANTS, CUES
from services.planner.recogniser.filler import words
from services.planner.recogniser.requests.reader import Reading, Request


def _constant(reading: Reading) -> ToolCall | None:
    places = {int(key[1:]) for key in reading.keys if key not in ("value", "other", "digits")}
    is_asked = reading.has("value") and len(places) == 1 and not reading.all("formula") and not reading.has("other")
    return ToolCall("physical_constant", {"name": CONSTANTS[places.pop()][0]}) if is_asked else None


def _mass(reading: Reading) -> ToolCall | None:
    """The one formula, possibly repeated, of a question for its mass or composition."""
    formulas = {_bare(text) for text in reading.all("formula")}
    formula = formulas.pop() if len(formulas) == 1 else ""
    is_asked = reading.has("mass") or (reading.has("weight") and reading.has("mole"))
    return ToolCall("formula_mass", {"formula": formula}) if is_asked and _is_hydrate(formula) else None


def _bare(text: str) -> str:
    is_bracketed = text.startswith("(") and text.endswith(")") and text.find(")") == len(text) - 1
    return text[1:-1] if is_bracketed else text


def _is_hydrate(formula: str) -> bool:
    """True for a formula, also with the water of a hydrate behind a raised point."""
    salt, *water = formula.split("·")
    return is_formula(salt) and all(is_formula(_COUNT.sub("", part)) for part in water)


_COUNT = re.compile(r"^\d+")
_GROUP = r"(?:[A-Z][a-z]?\d*)+"
_PART = rf"(?:[A-Z][a-z]?\d*|\({_GROUP}\)\d*|\[{_GROUP}\]\d*)+"
_ELEMENT = "|".join(sorted(ELEMENTS - {"I", "In", "As", "At", "He", "No", "Be", "Am"}))  # which are words
_FORMULA = (
    rf"(?:(?<!\w)|(?<=\bM))(?:\(?(?=[^\s\d]{{0,16}}\d|[\[(]*[A-Z][a-z]?[\[(]?[A-Z])"
    rf"{_PART}(?:·\d*{_PART})*\)?|(?:{_ELEMENT}))(?!\w)"
)
_DIGIT_IN_FORMULA = r"(?=,? ?\(?(?:(?-i:[A-Z])\w*\d|(?-i:[A-Z][a-z]?[A-Z])))"
_NAMED = rf"(?:of|von|for|für|aus|mol|mole) (?:[^\W\d_]{{4,24}}[ -]){{0,2}}[^\W\d_]{{4,24}}{_DIGIT_IN_FORMULA}"
REQUESTS = (
    Request(
        CUES,
        {"formula": r"(?<!\w)[A-Z][a-z]?\d+\w*"},
        {
            **{
                f"c{place}": f"(?:{english}|{german})(?: [GRckhe])?"
                for place, (_, english, german, _) in enumerate(CONSTANTS)
            },
            "digits": r"(?:with|mit) (?:all|allen) (?:digits|decimals|stellen|nachkommastellen)",
            "other": r"used|benutzt|genutzt|verwendet|gebraucht",
            "value": r"(?:exact |numerical |accepted |current |recommended )?(?:codata[- ])?values?|uncertainty|units?"
            r"|(?:codata[- ]?|exakte[rn]? |genaue[rn]? |aktuelle[rn]? )?wert(?:es)?|unsicherheit|einheit(?:en)?"
            r"|how (?:big|large|fast|heavy|strong) is|wie (?:groß|schnell|schwer|hoch|stark) ist"
            r"|lautet"
            r"|what(?:'s| is)|was ist|give|look up|remind|brauche|bräuchte|benötige|nenne|need|in (?:coulomb|joules?"
            r"|newtons?|kelvin|kg)|in si(?: units)?|in j ?s|in j/k|numerically|m/s|zahlenwert|am besten(?: mit| in)?"
            r"|ideally",
        },
        _constant,
        words(
            "codata lab report physics si unit units physik einheit einheiten wert coulomb joule kelvin newton kg g"
            " h c k latest aktuelle aktuellen aktueller"
            " second sekunde per pro meters metres metern exactly physikaufgabe formelsammlung textbook reminds look me"
            " forgetting keep forget writing up thesis paper including inklusive einschließlich samt source quelle"
            " thermodynamics quantum exam"
            " physikklausur klausur prüfung physiker exercise homework morgen heute tomorrow today protokoll"
            " laborbericht praktikum versuchsprotokoll bachelorarbeit masterarbeit seminararbeit current"
        ),
        3,
    ),
    Request(
        ("mol", "mass", "weigh", "wiegt", "schwer", "heavy", "m(", "compos", "zusammensetz"),
        {"formula": _FORMULA},
        {
            "mass": r"molar (?:mass|weight)|molecular (?:mass|weight)|formula (?:mass|weight)|mol(?:are[rn]? )?massen?"
            r"|molmassen?|molekül(?:masse|gewicht)|molekulargewicht|formelmasse"
            r"|grams? per mole|g ?/ ?mol|gramm pro mol|molgewicht|m(?=\()"
            r"|(?:elemental |percent(?:age)? |mass )?composition(?: by mass)?|mass (?:fractions?|percent(?:ages?)?)"
            r"|(?:elementare |prozentuale )?zusammensetzung|massenanteile?n?|massenprozente?",
            "named": _NAMED,
            "mole": r"(?:one |a |1 |ein(?:em|es)? )?mole?s?",
            "weight": r"weighs?|weight|mass|masse|wiegt|wiegen|schwer|heavy|gewicht|grams?|gramm",
        },
        _mass,
        words(
            "next nächste week woche titration preparing weigh weighs weight gram grams wiegt schwer davon glucose"
            " glukose water wasser salt kochsalz caffeine"
            " koffein ethanol formula formel"
            " ammonia ammoniak methane methan rust rost sulfuric sulphuric acid schwefelsäure säure chalk kalk one ein"
            " report protocol protokoll mole molecule molekül chemistry lab compound stoff verbindung chemie"
            " elements elemente elementen element constituents formula formel substance substanz per pro"
            " chemie-hausaufgabe chemiehausaufgabe labor angeben each jedes"
        ),
        5,
    ),
)
