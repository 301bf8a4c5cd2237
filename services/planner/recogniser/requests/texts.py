"""Quoted texts, or a text after a colon: digests, checksums, Base64, counts, patterns, and comparisons."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.names import is_file, is_title, is_word
from services.planner.recogniser.requests.reader import Reading, Request

_OWN = words(
    "text string word phrase sentence input hash digest checksum sum value over of the line title field header letter"
    " hashwert prüfsumme summe textes zeichenkette wort wortes satz satzes dieser diesem folgenden following"
    " this payload"
    " bilde erzeuge generate create compute message wert abstract invitation tweet post slogan haiku article paragraph"
    " password passwort exact literal im über header-wert allows token basic auth"
)
_DIGESTS = {
    "md5": r"md5(?:[- ]?sum)?", "sha1": r"sha-?1(?:sum)?", "sha224": r"sha-?224", "sha256": r"sha-?256(?:sum)?",
    "sha384": r"sha-?384", "sha512": r"sha-?512(?:sum)?", "sha3_256": r"sha3[-_]256", "sha3_512": r"sha3[-_]512",
    "blake2b": r"blake2b", "blake2s": r"blake2s",
}  # fmt: skip
# a word after the noun that it is one: `of the text invoice-2024-117`
_BARE = (
    r"(?:(?<=[tT]ext )|(?<=[wW]ord )|(?<=[wW]ort )|(?<=[sS]tring ))(?!of |to |in |with |mit )"
    r"[^\s\"'„“?:,\ue000]{3,60}(?=[?.!]*$)"
)
_SUMS = {
    "CRC-16/MODBUS": r"crc-?16[-/ ]modbus|modbus crc(?:-?16)?", "CRC-32C": r"crc-?32c", "CRC-16/XMODEM":
        r"crc-?16/xmodem",
    "crc32": "crc-?32", "crc16": "crc-?16", "crc8": "crc-?8", "crc64": "crc-?64", "adler32": "adler-?32",
}  # fmt: skip


def _keyed(names: dict[str, str], ending: str) -> dict[str, str]:
    return {f"a{place}": f"(?:{pattern}){ending}" for place, pattern in enumerate(names.values())}


def _named(reading: Reading, names: dict[str, str]) -> str:
    found = {list(names)[int(key[1:])] for key in reading.keys if key[0] == "a" and key[1:].isdigit()}
    return found.pop() if len(found) == 1 else ""


def _text(reading: Reading) -> str:
    text = reading.only("text")
    return "" if is_file(text) else text


def _text_or_word(reading: Reading) -> str:
    texts = [*reading.all("text"), *reading.all("bare")]
    is_name = not reading.all("text") and texts and texts[0].islower() and texts[0].isalpha()
    return texts[0] if len(texts) == 1 and not is_file(texts[0]) and not is_name else ""


def _digest(reading: Reading) -> ToolCall | None:
    name, text = _named(reading, _DIGESTS), _text_or_word(reading)
    return ToolCall("hash_text", {"text": text, "algorithm": name}) if name and text else None


def _summed(reading: Reading) -> ToolCall | None:
    name, text = _named(reading, _SUMS), _text_or_word(reading)
    return ToolCall("checksum", {"text": text, "algorithm": name}) if name and text else None


_ENCODED = re.compile(r"[A-Za-z0-9+/]{3,}={1,2}")


def _coded(reading: Reading) -> ToolCall | None:
    """A bare word must look like encoded data; a quoted text is encoded unless decoding is asked for."""
    text, bare = _text(reading), reading.only("bare")
    mode = reading.one_of("decode", "encode")
    if bool(text) == bool(bare) or (not mode and not reading.has("into")):
        return None
    if bare and (mode != "decode" or is_word(bare) or not (reading.has("name") or _ENCODED.fullmatch(bare))):
        return None
    if text and not reading.has("name"):
        return None
    if {"decode", "encode"} <= set(reading.keys):
        return None
    mode = mode or "encode"
    return ToolCall(
        "base64_codec", {"text": text or bare, "mode": f"urlsafe_{mode}" if reading.has("urlsafe") else mode}
    )


_A_WORD = re.compile(rf"(?:word|wort|string|zeichenkette|text) {MARK}|zeichen(?! hat die)|characters are in")
_COUNTED = ("words", "characters", "sentences", "lines")


def _counted(reading: Reading) -> ToolCall | None:
    text = _text(reading)
    named = [key for key in dict.fromkeys(reading.keys) if key in (*_COUNTED, "reading")]
    if reading.all("limit") and not named:
        named = ["characters"]
    is_count = reading.has("count") or reading.has("reading") or len(named) > 1
    if not text or not named or not is_count or is_title(text):
        return None
    if len(text.split()) < 3 and not (named == ["characters"] and _A_WORD.search(reading.text.lower())):
        return None
    return ToolCall("text_analyze", {"text": text}, named[0] if len(named) == 1 and named[0] in _COUNTED else None)


_REGEX = re.compile(r"[\\\[\]{}^$+*|]|\.\*|#")


def _extracted(reading: Reading) -> ToolCall | None:
    """One pattern, bare or quoted, and one quoted text."""
    texts, bare = reading.all("text"), reading.all("pattern")
    if not reading.has("match") or len(texts) + len(bare) != 2 or not texts:
        return None
    patterns = [text for text in texts if _REGEX.search(text) and " " not in text]
    if bare:
        pattern, text = bare[0], texts[0]
    elif len(patterns) == 1:
        pattern, text = patterns[0], next(text for text in texts if text != patterns[0])
    else:
        return None
    if is_file(text) or pattern.startswith(("$.", "$[")):
        return None  # a JSONPath
    try:
        re.compile(pattern)
    except re.error:
        return None
    flags = {"flags": "i"} if reading.has("insensitive") else {}
    return ToolCall("regex_extract", {"pattern": pattern.rstrip(",;"), "text": text, **flags})


_SETTING = re.compile(r"\w[:=] ?\S|\d")


def _compared(reading: Reading) -> ToolCall | None:
    texts = reading.all("text")
    if len(texts) != 2 or not (reading.has("diff") or reading.has("changed")) or any(is_file(text) for text in texts):
        return None
    # two words are compared by their meaning, settings by their letters
    is_setting = all(_SETTING.search(text) for text in texts) or reading.has("changed")
    enough = (is_setting and bool(set(texts[0].split()) & set(texts[1].split()))) or all(
        "\n" in text or len(text.split()) > 2 for text in texts
    )
    return ToolCall("text_diff", {"old": texts[0], "new": texts[1]}) if enough else None


REQUESTS = (
    Request(("md5", "sha", "blake"), {"text": MARK, "bare": _BARE}, _keyed(_DIGESTS, r"(?:[- ]?(?:hash(?:wert)?"
        r"|digest|prüfsumme|sum))?"),
            _digest, _OWN, 4),
    Request(("crc", "adler"), {"text": MARK, "bare": _BARE}, _keyed(_SUMS, r"(?:[- ]?(?:checksum|prüfsumme|sum"
        r"|summe|value|wert))?"),
            _summed, _OWN, 4),
    Request(
        ("base64", "base-64", "base 64", "decod", "dekodier"),
        {"text": MARK, "bare": r"(?<![\w/+=-])(?=\S*[0-9=]|[a-z]+[A-Z]"
            r"|[A-Z]+[a-z]+[A-Z])[A-Za-z0-9+/_-]{6,200}={0,2}(?![\w=])"},
        {
            "urlsafe": r"url[- ]?safe|url[- ]?sicher\w*|base64url",
            "name": r"base[- ]?64(?:[- ]?(?:encoding|encoded|string|text|form|kodierung|kodiert|codiert))?",
            "decode": r"wenn man (?:das|es|den)?|decod(?:e[sd]?|ing)|unencode|plain ?text|clear ?text|(?:de"
                r"|ent)(?:k|c)odier(?:e|en|t|te[nr]?|ung)"
            r"|entschlüssel(?:n|t|e)|klartext|what does(?=.* (?:say|mean))|original text|verbirgt(?: sich)?"
            r"|dahinter|steckt|back to text|means|says|heißt|un(?=-base)|clear(?= ?text)|what does(?= it (?:say|mean))",
            "encode": r"encod(?:e[sd]?|ing)|(?:en)?(?:k|c)odier(?:e|en|t|ung)|verschlüssle",
            "into": r"in|to|into|as|als|nach|of|von|need|for",
        },
        _coded,
        _OWN | words("sentence convert turn um wandle umwandeln header-wert say mean offenbar config konfigdatei"
            " apparently"),
        4,
    ),
    Request(
        ("word", "char", "letter", "length", "long", "sentence", "line", "wört", "wort", "zeichen", "buchstab", "länge",
         "lang", "sätze", "zeile", "reading time", "lesezeit"),
        {"text": MARK, "limit": r"(?i:(?:under|max(?:imum|\.)?|at most|unter|limit(?: of)?|allows?"
            r"|only) \d{1,4} (?:chars|characters|zeichen))"},
        {
            "count": r"(?:aus )?wie vielen|how many|counts?|number(?: of)?|wie ?viele|anzahl|zähle|zählen"
                r"|length of|how long is|länge"
            r"|wie lang ist",
            "words": r"words?(?: count)?(?! ?\ue000)|wordcount|wörtern?|wortzahl|wortanzahl",
            "characters": r"in (?:letters|buchstaben)|(?<=many )letters|(?<=viele )buchstaben|characters?(?: count)?"
                          r"|chars|character length|zeichen(?:zahl|anzahl)?|length|länge",
            "sentences": r"sentences?(?: count)?|sätze|satzzahl",
            "lines": r"lines?(?: count)?|zeilen",
            "reading": r"reading time|readability|lesezeit|lesbarkeit",
        },
        _counted,
        _OWN - {"word", "sentence", "line", "the"} | words("bio fit contain contains long satz enthält stehen"
            " steht stats text zählt zählen word wort"
                                                          " statistics characters 60 besteht bestehen"),
        4,
    ),
    Request(
        ("match", "wende ", "apply", "\\d", "\\w", "\\s", "\\b",
         "regex", "regexp", "pattern", "muster", "regul", "treffer", "ausdruck", "extract", "extrahiere"),
        {"text": MARK, "pattern": r"(?<![\w\\])[^\s\ue000,]*(?:\\[dwsbDWSB]"
            r"|\[[^\]\s]+\])[^\s\ue000]*[^\s\ue000,.?!:;]"},
        {
            "match": r"match(?:es|ing|ed)?|wende(?=.* an)|apply|regex(?:p)?|patterns?|muster|regular expression"
                r"|reguläre[rn]? ausdrucks?|treffer"
            r"|regulären ausdruck|extract|extrahiere|finds?|groups?|gruppen",
            "insensitive": r"(?:case[- ]insensitive(?:ly)?|ignor(?:ing|e) case|ohne groß-?/?kleinschreibung)",
        },
        _extracted,
        _OWN | words("anything something any etwas irgendetwas irgendwas does apply all every find run show groups"
                     " angewendet wende anwenden finde alle in from gegen against"
                     " captures capture"),
        4,
        yes_or_no=True,
    ),
    Request(
        ("diff", "changed", "unterschied", "geändert", "vergleich", "compare"),
        {"text": MARK},
        {
            "changed": r"what (?:has |was )?changed|what changes|was (?:wurde |hat sich )?geändert|line by line"
            r"|zeile für zeile|changed|changes",
            "diff": r"(?:unified |text |line )?diffs?(?:erences?|er)?|unterschied(?:e|en|lich)?|vergleiche?n?|compare",
        },
        _compared,
        _OWN | words("old new alt neu alte neue version versions before after first second texts texte fassung"
            " fassungen"
                     " from to draft drafts original two paragraphs lines zeilen sentences sätze what"),
        4,
    ),
)  # fmt: skip
