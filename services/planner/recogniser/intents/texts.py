"""Quoted texts and documents: digests, encodings, counts, and values inside."""

import re

from services.planner.recogniser import algorithms
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.wording import Intent, Meaning, Wording

_TEXT = words(
    "text string word phrase input hash digest checksum sum hashwert hashwertes prüfsumme summe textes zeichenkette"
    " wort wortes bilde bilden hashe hash hashed erzeuge erzeugen generate create zeichenfolge worts"
)
_QUOTED = {"text": MARK}


def _named(wording: Wording) -> str | None:
    """The only algorithm that is named, and named once: not `md5 of md5 of`."""
    names = [token.text for token in wording.all("name")]
    return f"{names[0]} of <text>" if len(names) == 1 else None


DIGEST = Intent(("md5", "sha", "blake"), _QUOTED, (Meaning("name", algorithms.DIGEST),), _TEXT, _named)
CHECKSUM = Intent(("crc", "adler", "fletcher"), _QUOTED, (Meaning("name", algorithms.SUM),), _TEXT, _named)


_MAY_BE_ENCODED = re.compile(r"(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}==|[A-Za-z0-9+/_-]{3}=)?")


def _coded(wording: Wording) -> str | None:
    if len(wording.all("name")) != 1 or (wording.has("decode") and wording.has("encode")):
        return None
    if wording.has("decode"):
        return "decode <text> from base64" if wording.has("text") else "decode <bare> from base64"
    texts = [literal.text for token in wording.all("text") if (literal := wording.literal(token))]
    is_bare = len(wording.tokens) == 2 and not any(_MAY_BE_ENCODED.fullmatch(text) for text in texts)
    is_asked = (
        is_bare
        or wording.has("encode")
        or wording.has_word("in", "to", "into", "as", "of", "als", "von", "nach", "aus")
    )
    return "encode <text> in base64" if is_asked else None


BASE64 = Intent(
    ("base64", "base-64"),
    {"text": MARK, "bare": r"(?=\S*[0-9=]|[a-z]+[A-Z]|[A-Z]+[a-z]+[A-Z])[A-Za-z0-9+/_-]{2,200}={0,2}(?![\w=])"},
    (
        Meaning("name", r"base-?64"),
        Meaning(
            "decode",
            r"decod(?:e[sd]?|ing)|unencode|(?:says?|means?)(?= in base)|plain ?text|clear ?text|to text",
            r"(?:de|ent)(?:k|c)odier(?:e|en|t|te[nr]?|ung)|entschlüsseln?|klartext|steht in|steckt in|verbirgt"
            r" sich in|versteckt sich in",
        ),
        Meaning("encode", r"encod(?:e[sd]?|ing)", r"(?:en)?(?:k|c)odier(?:e|en|t|ung)|umwandeln|wandle"),
    ),
    _TEXT | words("convert converted turn translate um how"),
    _coded,
)
_COUNTED = (
    ("words", r"words?(?: count)?|wordcount", r"wörter|wortzahl|wortanzahl"),
    ("characters", r"characters?(?: count)?|chars|letters|length|how long", r"zeichen(?:zahl|anzahl)?|buchstaben"
        r"|länge|wie lang"),
    ("sentences", r"sentences|sentence count", r"sätze|satzzahl"),
    ("lines", r"lines?(?: count)?", r"zeilen"),
)  # fmt: skip
_TITLES = ("length", "how long", "länge", "wie lang")  # `how long is "Titanic"` is about a film
_LETTERS = ("letters", "buchstaben")


def _counted(wording: Wording) -> str | None:
    named = [token for kind, _, _ in _COUNTED for token in wording.all(kind)]
    texts = wording.all("text")
    if len({token.kind for token in named}) != 1 or len(texts) != 1 or not _is_count(wording, named[0].text):
        return None
    if wording.has_word("with", "name", "say", "mit") or (wording.has_word("for") and "count" not in named[0].text):
        return None  # how many words do you have for "love"
    literal = wording.literal(texts[0])
    if named[0].text in _LETTERS and (literal is None or not literal.text.isalpha()):
        return None
    return f"how many {named[0].kind} are in <text>"


def _is_count(wording: Wording, name: str) -> bool:
    if name in _TITLES:
        return wording.has_word("string", "text", "word", "zeichenkette", "wort") or name == "length"
    return "count" in name or "zahl" in name or wording.has("count")


COUNTED = Intent(
    ("word", "char", "letter", "length", "long", "sentence", "line", "wört", "wort", "zeichen", "buchstab", "länge",
     "lang", "sätze", "zeile"),
    _QUOTED,
    (
        Meaning("count", r"how many|count|number(?: of)?", r"wie ?viele|anzahl|zähle|zählen"),
        *(Meaning(kind, english, german) for kind, english, german in _COUNTED),
    ),
    words("string text word phrase sentence contain contains long consist zeichenkette satz enthält textes stehen"
        " steht"),
    _counted,
)  # fmt: skip


def _valid(wording: Wording) -> str | None:
    names = [name for name in ("json", "yaml", "xml", "csv") if wording.has(name)]
    return f"is this <text> valid {names[0]}" if len(names) == 1 and wording.has("valid") else None


VALID = Intent(
    ("json", "yaml", "xml", "csv"),
    _QUOTED,
    (
        *(Meaning(name, name) for name in ("json", "yaml", "xml", "csv")),
        Meaning(
            "valid",
            r"valid(?:ate|ity)?|lint|parse[sd]?|errors?|well[- ]?formed|correct|syntax check",
            r"gültig(?:e[rnms]?|keit)?|valide[srn]?|wohlgeformt(?:e[srn]?)?|korrekt(?:e[srn]?)?|prüfe"
            r" dieses|validiere|fehlerfrei|fehler",
        ),
    ),
    words("auf count check verify syntax document text whether prüfe prüfen überprüfe dokument"),
    _valid,
    yes_or_no=True,
)
VALUE = Intent(
    ("{", MARK),
    {"json": MARK, "path": r"[A-Za-z_]\w{0,40}(?:\.\w{1,40}|\[\d{1,6}\]){1,10}(?![\w.])"},
    (),
    words("json path key under read extract out field lies lese auslesen steht stehen unter hole holen pfad feld"),
    lambda wording: "what is at <path> in <json>",
)
INTENTS = (DIGEST, CHECKSUM, BASE64, COUNTED, VALID, VALUE)
