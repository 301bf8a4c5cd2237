"""What people wrap around a question: greeting, courtesy, punctuation. The core is what is left."""

import re
import unicodedata
from dataclasses import dataclass

from services.planner.recogniser.literals import Literal, without_literals
from services.planner.recogniser.wrapping import without_closing, without_opening

MAX_CHARS = 2_000
MAX_CORE = 300  # lists of numbers are longer

_SIGNS = str.maketrans(
    {
        "\u2013": "-",
        "\u2212": "-",
        "\u00d7": "*",
        "·": "*",
        "⋅": "*",
        "÷": "/",
        "π": "pi",
        "∫": "integral of ",
        "`": None,
    }
)
_ANY_CASE = re.IGNORECASE
_GREETING = re.compile(r"(?:hey|hi|hello|hallo|moin|servus|guten (?:tag|morgen|abend))(?: there)?[,!.]? ", _ANY_CASE)
_COURTESY_BEFORE = re.compile(
    r"(?:please|bitte|(?:can|could|would|will) you(?: please)?|(?:tell|give) me|gimme|(?:sage?|nenne|gib) mir(?:"
    r" bitte| mal)?,?"
    r"|nenne|kannst du mir(?: bitte)? sagen,?|ich (?:möchte|würde gerne?) wissen,?|i(?: would|'d) like (?:you"
    r" )?to(?: know)?"
    r"|(?:do you|weißt du|wissen sie)(?: (?:happen to )?know| zufällig)?,?|i(?: was|'m|'m just| am) wondering,?"
    r"|i (?:need|want|have) (?:you )?to|i (?:just )?(?:need|want)|i(?:'m| am) looking for|help me(?: to)?|let(?:'s| us)"
    r"|go ahead and|mich interessiert,?|ich (?:brauche|suche|benötige)|(?:brauche|suche|benötige) ich) ",
    _ANY_CASE,
)
_GERMAN_REQUEST = re.compile(
    r"(?:(?:kannst|könntest|können|könnten|würdest|würden) (?:du|sie)|ich (?:muss|möchte|will|soll)|(?:muss|möchte)"
    r" ich) "
    r"(?:gerne? )?(?:bitte )?(?:mir )?(?:bitte )?(?P<rest>.+) "
    r"(?P<verb>sagen|nennen|geben|berechnen|ausrechnen|ermitteln|bestimmen|vereinfachen|prüfen|umrechnen|umwandeln"
    r"|lösen)",
    _ANY_CASE,
)
_REQUESTS = {
    "vereinfachen": "vereinfache {}",
    "prüfen": "prüfe {}",
    "umrechnen": "rechne {} um",
    "umwandeln": "wandle {} um",
    "lösen": "löse {}",
}
_EXCLAMATION = re.compile(r"(?<![\d)!])!+$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without its wrapping: in lower case, letter by letter as it was written, and what was quoted.

    `plain` is the core in which code marks are simply left out: `2+2` between them is an expression like any other.
    """

    core: str
    written: str
    literals: tuple[Literal, ...]
    plain: str


def asked(question: str) -> Asked | None:
    """Return the question that is meant, or None if there is none, or it is longer than `MAX_CHARS`."""
    if len(question) > MAX_CHARS:
        return None
    marked = without_literals(question)
    if marked is None:
        return None
    written = _unwrapped(marked[0])
    core = written.lower()
    if not core or len(core) != len(written):
        return None
    plain = _unwrapped(unicodedata.normalize("NFC", question)).lower() if marked[1] else core
    return Asked(core, written, marked[1], plain)


def _unwrapped(text: str) -> str:
    bare = without_closing(_without_end(" ".join(text.translate(_SIGNS).split())))
    core = _without_wrapping(_without_end(without_opening(bare)))
    if request := _GERMAN_REQUEST.fullmatch(core):
        core = _REQUESTS.get(request["verb"].lower(), "berechne {}").replace("{}", request["rest"])
    return core


def _without_end(text: str) -> str:
    return _EXCLAMATION.sub("", text.rstrip("?. "))


def _without_wrapping(text: str) -> str:
    """Take away one greeting and all courtesies in front."""
    if greeting := _GREETING.match(text):
        text = text[greeting.end() :]
    while before := _COURTESY_BEFORE.match(text):
        text = text[before.end() :]
    return text
