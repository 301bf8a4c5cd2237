"""Strips greeting, courtesy and punctuation around a question; the rest is the core."""

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
_ADVERB = (
    r"(?: (?:please|kindly|possibly|perhaps|maybe|quickly|just|also|really|very much|so much|bitte|mal|kurz|gerne?))*"
)
_IF_YOU = rf"(?:if|when)(?: (?:you|someone|somebody)){_ADVERB} (?:could|can|would|might){_ADVERB}"
_COURTESY_BEFORE = re.compile(
    r"(?:(?:please|pls|plz|bitte|kindly)"
    rf"|(?:can|could|would|will|may|might) (?:you|u|someone|anyone|somebody|anybody){_ADVERB}"
    r"(?: be (?:so )?(?:kind|good|nice)(?: enough)?(?: as)? to| be able to| mind| help me(?: to)?)?"
    r"|(?:please )?be (?:so )?(?:kind|good|nice)(?: enough)?(?: as)? to"
    rf"|i(?:'d|\u2019d| would| should|'ll| will)?{_ADVERB} (?:appreciate(?: it)?|be (?:very |really |most |so "
    rf"|extremely |much )?(?:grateful"
    rf"|thankful|glad|happy|obliged|pleased|delighted)),? {_IF_YOU}"
    r"|it would be (?:great|nice|kind|lovely|good|helpful) (?:if|when) (?:you|someone) (?:could|can|would)"
    r"|(?:is there any chance|any chance|is it possible)(?: that)? (?:you|someone) (?:could|can)"
    r"|(?:may|might|can|could) i (?:please )?(?:ask|know|have|get|see)(?: you)?(?: for)?"
    r"|(?:tell|give|show|get|fetch|find|remind) (?:me|us)(?: of)?|gimme|let (?:me|us) (?:know|see)|(?:sage?"
    r"|nenne?|gib|zeige?|verrate?) (?:mir|uns)(?:"
    r" bitte| mal)*,?|sagt? (?:mal|an),?"
    r"|nenne|kannst du mir(?: bitte)? sagen,?"
    r"|ich (?:möchte|würde|wüsste|hätte)(?: (?:gerne?|bitte|mal|nur|einfach))*(?: (?:wissen|gewusst|erfahren"
    r"|gehabt))?,?"
    r"|i(?: would| should|'d|\u2019d)(?: really| just| very much)* (?:like|love) (?:you )?to(?: (?:know|see|find out"
    r"|learn|have|get))?"
    r"|i(?: would| should|'d|\u2019d)(?: really| just| very much)* (?:like|love)(?: to have)?"
    r"|(?:do you|d'you|weißt du|wissen sie)(?: (?:happen to )?know| zufällig)?,?"
    r"|(?:any idea|any clue|hast du (?:eine )?(?:ahnung|idee)|wissen sie|weißt du)(?: zufällig)?,?(?= (?:what"
    r"|which|how|was|wie|welch))"
    r"|(?:i(?: was|'m|'m just| am)(?: just)? )?(?:wondering|curious)(?: about)?,?"
    r"|(?:i'm |i am )?(?:trying|looking) to(?: (?:figure|find|work) out)?|(?:help me )?(?:figure|find) out(?=,?"
    r" (?:what|which|how|whether|if|when))"
    r"|i (?:need|want|have|must|gotta) (?:you )?to(?: (?:know|find out))?|i (?:just )?(?:need|want)|i(?:'m| am)"
    r" looking for"
    r"|what (?:do|would|will) (?:i|you|we|one) get (?:when|if) (?:i|you|we|one)"
    r"|help me(?: to)?(?: with)?|let(?:'s| us)|go ahead and|i wonder"
    r"|(?:könnten|können|kannst|könntest|würden|würdest|darf|dürfte|magst) (?:sie|du|ihr|ich)(?: (?:mir|uns"
    r"|bitte|mal|kurz|eben))*"
    r" (?:sagen|verraten|mitteilen|erklären, was|fragen|wissen|erfahren),?"
    r"|mich (?:interessiert|würde interessieren),?|ich (?:brauche?|bräuchte|suche|benötige|wollte|muss)(?:"
    r" (?:bitte|mal|nur|eben|schnell|kurz))*"
    r"(?: wissen)?,?|(?:brauche?|bräuchte|suche|benötige) (?:ich )?(?:mal )?(?:bitte )?(?:kurz )?|müsste ich"
    r" (?:mal )?wissen,?) ",
    _ANY_CASE,
)
_GERUND = re.compile(
    r"(?P<verb>convert|tell|calculat|comput|check|giv|find|list|solv|decod|encod|count|hash|comput|add|multiply|divid"
    r"|subtract|simplify|integrat|differentiat|factor|compar|verify|validat|determin|translat|writ|show|express"
    r"|chang)ing ",
    _ANY_CASE,
)
_SILENT_E = ("calculat", "comput", "giv", "solv", "decod", "encod", "divid", "integrat", "differentiat", "compar",
             "validat", "determin", "translat", "writ", "chang")  # fmt: skip
_GERMAN_REQUEST = re.compile(
    r"(?:(?:kannst|könntest|können|könnten|würdest|würden) (?:du|sie)|ich (?:muss|möchte|will|soll)|(?:muss|möchte)"
    r" ich) "
    r"(?:gerne? )?(?:bitte )?(?:mir )?(?:bitte )?(?P<rest>.+) "
    r"(?P<verb>sagen|nennen|geben|berechnen|ausrechnen|ermitteln|bestimmen|prüfen|umrechnen|umwandeln"
    r"|(?:auf)?lösen|auflisten|ableiten|[^\W\d_]{2,}ieren|zerlegen|zählen|vergleichen|schreiben|überprüfen"
    r"|vereinfachen)",
    _ANY_CASE,
)
_REQUESTS = {
    "auflösen": "löse {} auf",
    "auflisten": "liste {} auf",
    "ableiten": "leite {} ab",
    "umrechnen": "rechne {} um",
    "umwandeln": "wandle {} um",
}
_OF_VALUES = frozenset({"sagen", "nennen", "geben", "berechnen", "ausrechnen", "ermitteln", "bestimmen"})
_EXCLAMATION = re.compile(r"(?<![\d)!])!+$")


@dataclass(frozen=True, slots=True)
class UnwrappedQuestion:
    """A question without its wrapping: `core` in lower case, `written` with the same letters as typed, and its
    literals.

    `plain` is the core without code marks: `2+2` between them is an expression like any other.
    """

    core: str
    written: str
    literals: tuple[Literal, ...]
    plain: str


def unwrap_question(question: str) -> UnwrappedQuestion | None:
    """None if no question is left, or the text is longer than `MAX_CHARS`."""
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
    return UnwrappedQuestion(core, written, marked[1], plain)


def _unwrapped(text: str) -> str:
    bare = without_closing(_without_end(" ".join(text.translate(_SIGNS).split())))
    core = _without_wrapping(_without_end(without_opening(bare)))
    if request := _GERMAN_REQUEST.fullmatch(core):
        core = _german_order(request["verb"].lower()).replace("{}", request["rest"])
    return core


def _german_order(verb: str) -> str:
    """`prüfe {}` for `prüfen`."""
    if verb in _REQUESTS:
        return _REQUESTS[verb]
    return "berechne {}" if verb in _OF_VALUES else f"{verb[:-1]} {{}}"


def _without_end(text: str) -> str:
    bare = text.rstrip("?. ")
    return _EXCLAMATION.sub("", bare) if bare.endswith("!") else bare


def _without_wrapping(text: str) -> str:
    """Strip one greeting and all leading courtesies."""
    if greeting := _GREETING.match(text):
        text = text[greeting.end() :]
    while before := _COURTESY_BEFORE.match(text):
        text = text[before.end() :]
        if gerund := _GERUND.match(text):  # would you mind converting
            verb = gerund["verb"] + ("e" if gerund["verb"].lower() in _SILENT_E else "")
            text = f"{verb} {text[gerund.end() :]}"
    return text
