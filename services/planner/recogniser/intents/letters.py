"""Counts of one letter in a word, and digests of unquoted words."""

import re
from collections.abc import Iterator

from services.planner.recogniser.filler import is_filler
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.names import is_file
from services.planner.recogniser.phrasing import UnwrappedQuestion

_LETTER = rf"(?:the )?(?:(?:letters?|characters?|buchstaben?s?|zeichens?) )?(?P<letter>{MARK}|[^\W\d_])(?:['\u2019]?s)?"
_WORD = rf"(?:(?:the |dem |das )?(?:word|string|name|wort|string|namen) )?(?P<word>{MARK}|[^\W\d_]{{3,40}})"
_OF = r"(?:the |die |der |all the |alle )?"
_QUESTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"how many (?:times )?{_LETTER}(?: letters?)?(?: (?:are|is|do|does)(?: there)?(?: you see)?)?"
        rf"(?: in| inside| within| appears? in| occurs? in)? {_WORD}(?: have| has| contain)?(?: there)?",
        rf"how (?:many times|often) (?:does |do |is )?{_LETTER} (?:(?:appears?|occurs?|shows? up|found|comes? up) )?"
        rf"in {_WORD}",
        rf"(?:the )?(?:number|count) of (?:times )?{_OF}{_LETTER}(?: (?:appears?|occurs?|letters?))? (?:in|inside) "
        rf"{_WORD}",
        rf"in {_WORD},? how many {_LETTER}(?: are)?(?: there)?",
        rf"in {_WORD},? how (?:many times|often) (?:does |do )?{_LETTER} (?:appear|occur|show up|come up)",
        rf"(?:im|in dem) {_WORD},? wie oft (?:kommt|steht) (?:der |das )?{_LETTER}(?: vor)?",
        rf"{_LETTER} in {_WORD}:?,? how many",
        rf"(?:count )?{_OF}{_LETTER} (?:in|inside) {_WORD}(?: zählen)?",
        rf"wie ?viele? {_LETTER}(?:-?s)? (?:sind(?: es)? in|hat|gibt es in|enthält|stecken in|kommen in|stehen in"
        rf"|sind im"
        rf"|sind in dem) {_WORD}(?: vor)?",
        rf"wie ?viele? {_LETTER} {_WORD} (?:hat|enthält)",
        rf"wie ?viele? {_LETTER} (?:in|im) {_WORD} (?:sind|stecken|vorkommen|stehen)",
        rf"wie (?:oft|häufig) (?:kommt |taucht |steht |ist |steckt |findet sich |gibt es )?(?:der |das |ein |den"
        rf" )?{_LETTER} (?:in|im) {_WORD}"
        r"(?: vor| auf| vorkommt| enthalten| enthalten ist| steht)?",
        rf"(?:die )?anzahl (?:der |an |von |des )?{_LETTER} (?:in|im) {_WORD}",
    )
)
_IN_FRONT = re.compile(r"([^\W\d_]{2,}(?:'s)?),? ")
_ALSO_IN_FRONT = frozenset(("count", "zähle", "zähl"))
_BEHIND = re.compile(r"(?: (?:zählen|nennen|sagen|bestimmen|ermitteln|is|are|there))+$")
_COUNTS = re.compile(r"\b(?:how (?:many|often)|count|number|times|wie ?viele?|wie (?:oft|häufig)|zähl\w*|anzahl)\b")
_PLAIN = re.compile(
    r"(?P<before>.*?\b(?:md5|sha-?(?:1|224|256|384|512)|crc-?32|adler-?32)(?:sum)?"
    r"(?:[- ](?:hash|digest|checksum|hashwert|prüfsumme|sum|summe))?)"
    r" (?:of|for|over|von|für|hat|über) (?:(?:the|den|dem|die|der|das) )?(?:(?:string|text|word|wort"
    r"|payload|input|zeichenkette|zeichenfolge) )?"
    r"(?P<text>\w+(?: \w+)??)(?: (?:berechnen|bilden|bestimmen|erzeugen))?",
    re.ASCII | re.IGNORECASE,
)
_NAMES = frozenset((
    "file", "files", "image", "iso", "kernel", "photo", "picture", "commit", "password", "message", "string", "text",
    "data", "input", "something", "anything", "it", "everything", "nothing", "zero", "bytes", "love", "certificate",
    "binary", "download", "archive", "datei", "dateien", "bild", "passwort", "nachricht", "etwas", "daten", "nichts",
    "meiner", "mein", "meine", "diesem", "dieser", "or", "but", "not", "why", "python", "java", "bash", "linux",
    "windows", "ubuntu", "debian", "two", "each", "every", "all", "both", "passwords", "files", "words", "texts",
    "list", "lists", "per", "person", "pro", "oder", "jeder", "alle", "alles", "wörtern", "texten", "passwörtern",
))  # fmt: skip
_NO_LETTERS = ("es ", "as ", "us ")  # `wie viel Grad hat es in Berlin`
_GREETINGS = frozenset(("hello", "hi", "hey", "hallo", "moin", "servus"))


def letters(asked: UnwrappedQuestion) -> UnwrappedQuestion | None:
    """Rewrite to a request for all matches of a letter in a word; in both cases if the word has both."""
    if not _COUNTS.search(asked.core):
        return None
    found = next(_matches(asked.core), None)
    if found is None:
        return None
    if asked.core[found.start("letter") :].startswith(_NO_LETTERS):
        return None
    letter, word = (_text(asked, found, name) for name in ("letter", "word"))
    if len(letter) != 1 or " " in word or len(word) < 3 or (found["word"] != MARK and _is_other(found["word"])):
        return None
    both = word.count(letter) != word.lower().count(letter.lower())
    pattern = f"[{letter.lower()}{letter.upper()}]" if both else letter
    core = f"find all matches of {MARK} in {MARK}"
    return UnwrappedQuestion(core, core, (Literal(pattern, f'"{pattern}"'), Literal(word, f'"{word}"')), core)


def _matches(core: str) -> Iterator[re.Match[str]]:
    """Yield the matches of the core, with filler around it."""
    start, end = 0, len(core)
    for behind in _BEHIND.finditer(core):
        end = behind.start()
    while True:
        for question in _QUESTIONS:
            if found := question.fullmatch(core, start, end):
                yield found
        word = _IN_FRONT.match(core, start)
        if word is None or not (is_filler(word[1]) or word[1] in _ALSO_IN_FRONT):
            return
        start = word.end()


_BASE64 = re.compile(
    r"(?P<before>(?:.* )?base-?64(?: (?:encoding|encoded|encode))?) (?:of|for|von|für) (?:(?:the )?(?:string|text"
    r"|word) )?"
    r"(?P<text>\w+)",
    re.ASCII | re.IGNORECASE,
)


_LENGTH = re.compile(
    r"(?:how many|number of|count (?:of )?(?:the )?|wie ?viele|anzahl(?: der)?|zähle (?:die )?)"
    r" ?(?P<kind>letters|characters|buchstaben|zeichen)"
    r"(?: are(?: there)? in| in| does| hat| sind in| von| im)? (?P<named>(?:the |das |dem )?(?:word|wort)"
    r" )?(?P<text>[^\W\d_]{3,60})"
    r"(?: have| contain)?",
    re.IGNORECASE,
)
_LONG_WORD = 12


def length(asked: UnwrappedQuestion) -> UnwrappedQuestion | None:
    """Rewrite to a request for the letters of a word that is named as a word, or too long to be anything else."""
    found = None if asked.literals else _LENGTH.fullmatch(asked.written)
    if found is None or _is_other(found["text"].lower()) or not (found["named"] or len(found["text"]) >= _LONG_WORD):
        return None
    core = f"how many characters are in {MARK}"
    return UnwrappedQuestion(core, core, (Literal(found["text"], f'"{found["text"]}"'),), core)


def _text(asked: UnwrappedQuestion, found: re.Match[str], name: str) -> str:
    if found[name] == MARK:
        return asked.literals[asked.core.count(MARK, 0, found.start(name))].text
    return asked.written[found.start(name) : found.end(name)]


def _is_other(word: str) -> bool:
    """True if an unquoted word stands for something other than its letters."""
    return is_filler(word) or word in {
        "total",
        "english",
        "german",
        "class",
        "school",
        "general",
        "alphabet",
        "deutsch",
    }


def plain_text(asked: UnwrappedQuestion) -> UnwrappedQuestion | None:
    """`sha256 of hello world` with quotes around the text, if no word of it has another meaning."""
    found = None if asked.literals else _PLAIN.fullmatch(asked.written) or _BASE64.fullmatch(asked.written)
    if found is None or is_file(found["text"]):
        return None
    words = found["text"].lower().split()
    if any((is_filler(word) and word not in _GREETINGS) or word in _NAMES for word in words):
        return None
    before = found["before"]
    written = f"{before} of {MARK}"
    return UnwrappedQuestion(written.lower(), written, (Literal(found["text"], f'"{found["text"]}"'),), written.lower())
