"""Replaces everyday speech by words of the rules: contractions, particles, short imperatives, slips."""

import re

from services.planner.recogniser.number_words import with_digits
from services.planner.recogniser.numerals import has_digit
from services.planner.recogniser.slips import meant_by

_ANY_CASE = re.IGNORECASE
_OUTSIDE = re.compile(
    r"(```.*?```|`[^`]+`|\"[^\"]*\"|“[^“”]*”|„[^„“”\"]*[“”\"]|(?<!\w)'[^']+'(?!\w)|\{.*\})", re.DOTALL
)
_SPACES = re.compile(r"\s+")
_WORDS = {
    "gibt's": "gibt es", "gibts": "gibt es", "sind's": "sind es", "ist's": "ist es", "geht's": "geht es",
    "wenn's": "wenn es", "wie's": "wie es", "was'n": "was", "hat's": "hat es", "macht's": "macht es", "wär": "wäre",
    "ne": "eine", "'ne": "eine", "nen": "einen", "'nen": "einen", "nem": "einem", "'n": "ein", "n'": "ein",
    "isn": "ist", "issn": "ist", "ham": "haben", "hab": "habe", "haste": "hast du", "kannste": "kannst du",
    "wat": "was", "wieviel": "wie viel", "wieviele": "wie viele", "fuer": "für", "ueber": "über", "vun": "von",
    "udn": "und", "nud": "und", "dei": "die", "dre": "der", "sone": "so eine", "zerleg": "zerlege", "lös": "löse",
    "zähl": "zähle", "prüf": "prüfe", "bestimm": "bestimme", "berechn": "berechne", "rechn": "rechne",
    "schreib": "schreibe", "vereinfach": "vereinfache", "vergleich": "vergleiche", "addier": "addiere",
    "multiplizier": "multipliziere", "integrier": "integriere", "faktorisier": "faktorisiere", "wandel": "wandle",
    "konvertier": "konvertiere", "dekodier": "dekodiere", "kodier": "kodiere", "codier": "kodiere",
    "decodier": "dekodiere", "transponier": "transponiere", "invertier": "invertiere", "validier": "validiere",
    "ermittel": "ermittle", "überprüf": "überprüfe", "stell": "schreibe", "waht": "what", "wat's": "what's",
    "wht": "what", "whta": "what", "wots": "what's", "hwo": "how", "hwat": "what", "teh": "the", "hte": "the",
    "fo": "of", "adn": "and", "nad": "and", "frm": "from", "fro": "for", "fpr": "for",
    "btw": "between", "wich": "which", "whcih": "which", "whihc": "which", "ot": "to",
    "inot": "into", "u": "you", "ur": "your", "pleas": "please", "plese": "please", "pleaes": "please",
    "plz": "please", "covert": "convert", "conver": "convert",
    "whats": "what's", "hows": "how is", "dont": "don't",
    "manny": "many", "mnay": "many", "mcuh": "much", "avarage": "average",
    "diffrent": "different", "bakc": "back",
    "derivitive": "derivative", "derivate": "derivative", "pirme": "prime",
    "celcius": "celsius", "farenheit": "fahrenheit", "fahrenheid": "fahrenheit",
    "holydays": "holidays", "calender": "calendar", "calander": "calendar", "factros": "factors",
    "percentle": "percentile", "römsich": "römisch", "rmöisch": "römisch",
    "determinent": "determinant", "seperate": "separate",
    "kilometre's": "kilometres", "vaild": "valid", "valied": "valid", "hexidecimal": "hexadecimal",
}  # fmt: skip
_PARTICLES = re.compile(
    r"(?<![\w'])(?:denn|eigentlich|nochmals?|noch mal|noch einmal|doch|eben|halt|bloß"
    r"|(?<!welchen )(?<!welcher )(?<!der )(?<!den )grad|(?-i:gerade)|kurz mal|mal"
    r" (?:eben|schnell|kurz|bitte)"
    r"|gleich mal|bitte mal|bitteschön|ma|again|currently|right now|rn|lol|haha|exactly|actually|basically|quickly"
    r"|by the way|genau|einfach|schnell|fix)(?![\w']) ?",
    _ANY_CASE,
)
_MAL = re.compile(r"(?<![\w'])(?<![\d)] )mal(?![\w']) ?|(?<=[\d)] )mal (?=[^\d(\s-])", _ANY_CASE)
_BOTH_UNITS = re.compile(
    r"(?<![\w.,/+-])(\d{1,4}) ?(ft|feet|foot|h|hours?|hrs?|stunden?|kg|lbs?|pounds?|km|min|minutes|minuten|yards?) "
    r"(\d{1,4})(?:(?: and)? ?(in|inch|inches|min|mins|minutes|minuten|g|gramm?s?|oz|ounces|m|cm|seconds?|sekunden|feet"
    r"|ft)(?= (?:in|to|into|as|[-+]|plus|minus)(?: |\b)))",
    _ANY_CASE,
)
_PERCENT_OF = re.compile(
    r"(?:what (?:percent(?:age)?|%) of ([\d.,]*\d) is|wie ?viel prozent von ([\d.,]*\d) (?:ist|sind)) ([\d.,]*\d)",
    _ANY_CASE,
)
_O_CLOCK = re.compile(r"(?<![\d:.,])(\d{1,2}) (?:uhr|o'clock)(?: (\d{2})(?!\d))?(?! ?[ap]m)", _ANY_CASE)
_DATE_AND_TIME = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::00)?(?![\d:Z+-])", _ANY_CASE)
_HOURS = {"noon": "12:00", "midday": "12:00", "midnight": "0:00", "mittags": "12:00", "mitternacht": "0:00"}
_NOON = re.compile(rf"\b(?:{'|'.join(_HOURS)})(?= (?:in|on|at|am|,))", _ANY_CASE)
_FRACTION_OF = re.compile(r"(?<![\d/.,])(\d{1,4}/\d{1,4}) (?:of|von) (\d)", _ANY_CASE)
_BLANK = re.compile(r"^([^=?]{3,80}?) ?= ?\?$")
_B64 = re.compile(r"\bb64\b", _ANY_CASE)
_LOG = re.compile(r"\blog(?:arithm)? (?:to )?(?:the )?base (2|10) of (\d+)(?![\d.,]*\d)", _ANY_CASE)
_WORD = re.compile(r"(?<![\w'\u2019.])(?<!\w-)['\u2019]?[^\W\d_]+(?:['\u2019][^\W\d_]*)?(?![\w])")


def in_plain_words(text: str) -> str:
    """Replace words outside of quotes; the same text if nothing changes."""
    parts = _OUTSIDE.split(text)
    return "".join(part if place % 2 else _SPACES.sub(" ", _plain(part)) for place, part in enumerate(parts)).strip()


def _plain(text: str) -> str:
    is_equation = "=" in text  # in which `u` is an unknown
    text = text.replace("\u2019", "'")
    text = _WORD.sub(
        lambda found: (
            found.group() if found.group() == "u" and (is_equation or _is_a_unit(found)) else _usual(found.group())
        ),
        text,
    )
    if "/" in text:
        text = _FRACTION_OF.sub(r"\1 * \2", text)
    if text.endswith("?") and "=" in text:
        text = _BLANK.sub(r"what is \1", text)
    text = _shorthand(text)
    if has_digit(text):
        text = _PERCENT_OF.sub(lambda found: f"{found[3]} as a percentage of {found[1] or found[2]}", text)
        text = _BOTH_UNITS.sub(r"\1 \2 + \3 \4", text)
    text = _NOON.sub(lambda found: _HOURS[found.group().lower()], text)
    if has_digit(text):
        text = _DATE_AND_TIME.sub(r"\1 \2", _O_CLOCK.sub(lambda found: f"{found[1]}:{found[2] or '00'}", text))
    text = _PARTICLES.sub("", text)
    return _MAL.sub(lambda found: found.group() if _ends_with_number(text[: found.start()]) else "", text)


def _is_a_unit(found: re.Match[str]) -> bool:
    """True for the atomic mass unit in `proton mass in u`."""
    return found.string[: found.start()].endswith(" in ")


def _ends_with_number(text: str) -> bool:
    """True for `zwölf`, after which `mal` is a sign."""
    word = text.lower().split()[-1:]
    return bool(word) and with_digits(word[0]) != word[0]


def _shorthand(text: str) -> str:
    lowered = text.lower()
    if "b64" in lowered:
        text = _B64.sub("base64", text)
    return _LOG.sub(r"log\1(\2)", text) if "log" in lowered else text


def _usual(word: str) -> str:
    lowered = word.lower()
    return _WORDS.get(lowered) or meant_by(lowered) or word
