"""Texts, quoted or not: digests, checksums and Base64."""

import re

from services.planner.recogniser.algorithms import NAMED_DIGEST, NAMED_SUM, algorithm_of
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.names import is_file, is_word, may_be_base64
from services.planner.recogniser.requests.reader import Reading, Request

OF_TEXTS = words(
    "text string word phrase sentence input hash digest checksum sum value over of the line title field header letter"
    " hashwert prüfsumme summe textes zeichenkette wort wortes satz satzes dieser diesem folgenden following"
    " this payload"
    " bilde erzeuge generate create compute message wert abstract invitation tweet post slogan haiku article paragraph"
    " password passwort exact literal im über header-wert allows token basic auth"
    " basic-auth hexwert hex hexadezimal hexadecimal durch through jagen schicken"
)
_NOUNS = ("ext", "extes", "ord", "ort", "ortes", "tring", "trings", "eichenkette", "eichenfolge", "ayload", "nput",
          "ingabe", "message", "Nachricht")  # fmt: skip
_LINKS = ("of", "for", "von", "für", "ver", "über", "aus", "auf", "zu", "to", "hash", "hashe", "encode", "odiere", "is",
          "ist", "what's", "du", "send", "run", "take", "nimm", "jag", "schick", ":")  # fmt: skip
_END = r"(?=[?.,;:]*$|[?.,;:]* )(?<![?.,;:])(?:(?<!!)|(?= ))"  # `hallo!` at the end may be either text
# an unquoted text: a word after the noun that it is one, `of the text invoice-2024-117`
_BARE = (
    rf"(?:{'|'.join(f'(?<={noun} )' for noun in _NOUNS)})(?!(?:of|to|in|with|mit|als|as|is|ist|and|und|from) )"
    rf"[^\s\"'„“,\ue000]{{3,60}}{_END}"
)


def _data(sign: str) -> str:
    """A word with a sign, after a word that leads to a value."""
    return (
        rf"(?:^|{'|'.join(f'(?<={link} )' for link in _LINKS)})"
        rf"(?!\d+-?(?:st|nd|rd|th|bits?|bytes?|er|mal|x|[kmg]b|[ap]m)\b)(?!v\d|(?i:utf|iso|base|ipv|ascii|windows|latin)"
        rf"-?\d)(?=[^\s\ue000]*[^\W\d_])(?=[^\s\ue000]*(?:{sign}))[^\s\"'„“,\ue000]{{4,80}}{_END}"
    )


def _algorithm(reading: Reading) -> str:
    """The only algorithm that is named."""
    names = {algorithm_of(text) for kind, text in reading.pieces if kind == "k"} - {""}
    return names.pop() if len(names) == 1 else ""


def quoted_text(reading: Reading) -> str:
    text = reading.only("text")
    return "" if is_file(text) else text


_OF_A_RESULT = re.compile(
    r"\b(?:of|von|vom|from) (?:the |its |dem |der )?(?:md5|sha|blake|crc|adler|base|decod|encod|dekodiert)"
)
_OF_BYTES = words("bytes byte binary binär bits")


def _text_or_word(reading: Reading) -> str:
    """The only text, which is neither the notation of bytes nor to be changed first."""
    if not _OF_BYTES.isdisjoint(reading.words) or _OF_A_RESULT.search(reading.text.lower()):
        return ""
    texts = [*reading.all("text"), *reading.all("bare"), *reading.all("data")]
    is_name = not reading.all("text") and texts and texts[0].islower() and texts[0].isalpha()
    return texts[0] if len(texts) == 1 and not is_file(texts[0]) and not is_name else ""


def _digest(reading: Reading) -> ToolCall | None:
    name, text = _algorithm(reading), _text_or_word(reading)
    return ToolCall("hash_text", {"text": text, "algorithm": name}) if name and text else None


def _summed(reading: Reading) -> ToolCall | None:
    name, text = _algorithm(reading), _text_or_word(reading)
    return ToolCall("checksum", {"text": text, "algorithm": name}) if name and text else None


_NAMED = re.compile(r"(?i:base64url|b64(?:en|de)code|\b(?:atob|btoa)\b)")
_OTHER_CODING = re.compile(
    r"\b(?:hex\w*|url[- ]?(?:encod|decod)\w*|utf-?16\w*|latin\w*|g?zip\w*|md5|sha\d*)\b|64 (?:of|von) (?:the )?base"
)
_ENCODED = re.compile(r"[A-Za-z0-9+/]{3,}={1,2}")


def _coded(reading: Reading) -> ToolCall | None:
    """A bare word must look like encoded data, or be none; a quoted text is encoded unless decoding is asked for."""
    text, bare, data = quoted_text(reading), reading.only("bare"), reading.only("data")
    is_named = reading.has("name") or reading.has("call") or _NAMED.search(reading.text) is not None
    mode = reading.one_of("decode", "encode")
    if [bool(text), bool(bare), bool(data)].count(True) != 1 or {"decode", "encode"} <= set(reading.keys):
        return None
    if _OTHER_CODING.search(reading.text.lower()) or (not mode and not reading.has("into")):
        return None
    if bare and (mode != "decode" or is_word(bare) or not (is_named or _ENCODED.fullmatch(bare))):
        return None
    if ((text or data) and not is_named) or (data and (mode == "decode" or is_file(data))):
        return None
    mode = mode or "encode"
    if mode == "decode" and not may_be_base64(text or bare):
        return None
    arguments = {"text": text or bare or data, "mode": f"urlsafe_{mode}" if reading.has("urlsafe") else mode}
    return ToolCall("base64_codec", arguments)


_TEXTS = {"text": MARK, "bare": _BARE, "data": _data(r"\d|[=#@&~_$%?>:][^\s]")}
REQUESTS = (
    Request(
        ("md5", "sha", "blake"), _TEXTS, {"name": NAMED_DIGEST}, _digest, OF_TEXTS, 4
    ),
    Request(
        ("crc", "adler", "fletcher"), _TEXTS, {"name": NAMED_SUM}, _summed, OF_TEXTS, 4
    ),
    Request(
        ("base64", "base-64", "base 64", "b64", "atob", "btoa", "decod", "dekodier"),
        {"text": MARK, "bare": r"(?<![\w/+=-])(?=\S*[0-9=]|[a-z]+[A-Z]"
            r"|[A-Z]+[a-z]+[A-Z])[A-Za-z0-9+/_-]{6,200}={0,2}(?![\w=])(?=[\s,.;:?!)]|$)",
         "data": _data(r"[#@&~$%?><:!*][^\s]")},
        {
            "urlsafe": r"url[- ]?safe|url[- ]?sicher\w*|base64url",
            "name": r"base[- ]?64(?:[- ]?(?:encoding|encoded|string|text|form|kodierung|kodiert|codiert"
            r"|block|wert|value|blob|header|zeichenkette|zeichenfolge|data|daten|token|code))?",
            "decode": r"atob|b64decode|-{1,2}d(?:ecode)?|(?:from|aus|von)(?= base)|was steht(?: da| dort)?(?: in)?"
            r"|wenn man (?:das|es|den)?|decod(?:e[sd]?|ing)|unencode|plain ?text"
            r"|clear ?text|(?:de"
                r"|ent)(?:k|c)odier(?:e|en|t|te[nr]?|ung)"
            r"|entschlüssel(?:n|t|e)|klartext|what does(?=.* (?:say|mean))|original text|verbirgt(?: sich)?"
            r"|dahinter|steckt|back to text|means|says|heißt|un(?=-base)|clear(?= ?text)|what does(?= it (?:say|mean))",
            "call": r"base64\.|base64_(?=[de])",
            "encode": r"btoa|b64encode|encod(?:e[sd]?|ing)|(?:en)?(?:k|c)odier(?:e|en|t|ung)|verschlüssle",
            "into": r"in|to|into|as|als|nach|of|von|need|for",
        },
        _coded,
        OF_TEXTS | words("sentence convert turn um wandle umwandeln header-wert say mean offenbar config konfigdatei"
            " apparently durch through jagen schicken"),
        4,
    ),
)  # fmt: skip
