"""Questions for a physical constant, and for the mass of a chemical formula."""

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.chemistry import in_capitals, is_formula
from services.planner.recogniser.families.constants import CONSTANTS, CUES
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Family, Found, rules

_EN = "|".join(f"(?P<c{place}>{english})" for place, (_, english, _, _) in enumerate(CONSTANTS))
_DE = "|".join(f"(?P<c{place}>{german})" for place, (_, _, german, _) in enumerate(CONSTANTS))
_UNIT = r"(?: in (?:m/s|si units|si-einheiten|kg|metern pro sekunde|meters per second))?"

_FORMULA = r"(?P<formula>[a-z()\d₀-₉]{1,60})"
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_MASS_EN = r"(?:molar mass|molecular (?:mass|weight)|formula (?:mass|weight))"
_MASS_DE = r"(?:molare masse|molmasse|molekülmasse|molekulargewicht|formelmasse)"


def _constant(found: Found) -> ToolCall | None:
    taken = next((name for place, (name, _, _, _) in enumerate(CONSTANTS) if found[f"c{place}"]), None)
    return None if taken is None else ToolCall("physical_constant", {"name": taken})


def _light(_: Found) -> ToolCall:
    return ToolCall("physical_constant", {"name": "speed of light in vacuum"})


def _weight(found: Found) -> ToolCall:
    return ToolCall("physical_constant", {"name": f"{found['particle'].replace('k', 'c')} mass"})


def _mass(found: Found) -> ToolCall | None:
    formula = found.written("formula").translate(_LOWERED)
    if formula.startswith("(") and formula.find(")") == len(formula) - 1:
        formula = formula[1:-1]
    if formula.islower():
        formula = in_capitals(formula) or formula
    return ToolCall("formula_mass", {"formula": formula}) if is_formula(formula) else None


_RULES = (
    *rules(
        "en",
        _constant,
        rf"(?:what is |what's )?(?:the )?(?:exact |numerical )?value of (?:the )?(?:{_EN}){_UNIT}",
        rf"(?:what is|what's) the (?:{_EN}){_UNIT}",
        rf"(?:the )?(?:{_EN}) value{_UNIT}",
    ),
    *rules(
        "en",
        _light,
        r"how fast (?:is (?:the )?light|does light (?:travel|move|go)|is the speed of light)(?: in (?:a )?vacuum)?",
    ),
    *rules("de", _light, r"wie schnell (?:ist|bewegt sich) (?:das )?licht(?: im vakuum)?(?: genau)?"),
    *rules("en", _weight, r"how heavy (?:is|are) (?:an? |the )?(?:single )?(?P<particle>proton|electron|neutron)s?"),
    *rules("de", _weight, r"wie schwer ist (?:ein|das) (?P<particle>proton|elektron|neutron)"),
    *rules(
        "de",
        _constant,
        rf"wie (?:groß|hoch|schwer) (?:ist|war) (?:die |das |der |ein )?(?:{_DE}){_UNIT}",
        rf"welchen (?:genauen )?wert hat (?:die |das |der )?(?:{_DE}){_UNIT}",
        rf"(?:was ist |wie lautet )?(?:der )?(?:genaue )?wert (?:der |des )(?:{_DE}){_UNIT}",
    ),
    *rules(
        "en",
        _mass,
        rf"{LEAD_EN}{_MASS_EN} (?:of |for )?{_FORMULA}",
        rf"{_FORMULA} {_MASS_EN}",
        rf"how much does (?:one|a|1) mole? of {_FORMULA} weigh",
    ),
    *rules(
        "de",
        _mass,
        rf"{LEAD_DE}{_MASS_DE} (?:von |für )?{_FORMULA}",
        rf"{_FORMULA} {_MASS_DE}",
        rf"wie (?:schwer ist|viel wiegt) ein mol {_FORMULA}",
    ),
)
SCIENCE = Family((*CUES, "mol", "formel", "formula", "heavy", "schwer"), _RULES)
