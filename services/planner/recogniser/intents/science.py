"""Constants of physics and masses of molecules."""

from services.planner.recogniser.families.constants import CONSTANTS, CUES
from services.planner.recogniser.filler import words
from services.planner.recogniser.wording import Intent, Meaning

CONSTANT = Intent(
    CUES,
    {},
    (
        *(
            Meaning(f"c{place}", english, german, f"value of the {plain}", f"value of the {plain}")
            for place, (_, english, german, plain) in enumerate(CONSTANTS)
        ),
        Meaning("unit", r"in (?:m/s|si units|kg|kilograms)", r"in (?:si-einheiten|kilogramm)"),
        Meaning(
            "wanted",
            r"values?|exact|how fast|uncertainty|units?|source|look up|numerical|si units",
            r"wert(?:es)?|groß|hoch|schnell|lautet|unsicherheit|einheit|quelle|samt",
        ),
    ),
    words("numeric nachschlagen up look digits all its known current official codata nist laut according kg gramm si"),
)
_MOLE = r"(?:one |a |1 )?mole?s?"
MASS = Intent(
    ("mol", "formula", "formel"),
    {"formula": r"(?=[^\s]*[\d(₀-₉]|[A-Z][a-z]?[A-Z])(?:[A-Z][a-z]?|\((?:[A-Z][a-z]?[\d₀-₉]*)+\)(?=[\d₀-₉])"
        r"|[\d₀-₉]+)+(?!\w)"},
    (
        Meaning("unit", r"g ?/ ?mol|grams per mole", r"gramm pro mol"),
        Meaning(
            "mass",
            rf"molar mass(?:es)?|molecular (?:mass|weight)|formula (?:mass|weight)|(?:how heavy is|weight of|mass of"
            rf"|what does|how much does) {_MOLE} of",
            r"(?:molare[rn]? masse|molmasse|molekülmasse|molekulargewicht|formelmasse)"
            r"|(?:wie ?viel wiegt|wie schwer ist) (?:ein|1) mol",
            "molar mass of <formula>",
            "molmasse von <formula>",
        ),
    ),
    words("weigh weighs wiegt compound molecule verbindung substance"),
)  # fmt: skip

INTENTS = (CONSTANT, MASS)
