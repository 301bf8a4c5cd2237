"""Questions about a quoted text: its digest, its encoding, its words, matches of a pattern."""

from services.planner.recogniser.algorithms import DIGEST, SUM, algorithm_of
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.grammar import LEAD_DE, LEAD_EN, Build, Family, Found, quoted, rules
from services.planner.recogniser.names import is_file, is_title, is_word, may_be_base64

_HASH, _SUM = rf"(?P<name>{DIGEST})", rf"(?P<name>{SUM})"
_TEXT_EN = rf"(?:the )?(?:text |string |word )?{quoted('text')}"
_TEXT_DE = rf"(?:dem |den |der |des |die )?(?:text |textes |zeichenkette |wort |wortes |worts )?{quoted('text')}"
_HASH_EN, _HASH_DE = r"(?: (?:hash|checksum|digest|sum))?", r"(?:[- ]?(?:hash(?:wert)?|prüfsumme|summe))?"
_SUM_DE = r"(?:[- ]?(?:prüfsumme|summe))?"
_ENCODED = rf"(?:(?:the )?(?:base64 )?(?:string |text )?)?(?:{quoted('text')}|(?P<bare>[a-z0-9+/_-]{{2,200}}={{0,2}}))"
_ENCODED_DE = (
    rf"(?:(?:den |die )?(?:base64-?(?:text|zeichenkette|string) )?)?"
    rf"(?:{quoted('text')}|(?P<bare>[a-z0-9+/_-]{{2,200}}={{0,2}}))"
)
_COUNTED = {
    "words": "words", "wörter": "words", "word": "words", "characters": "characters", "zeichen": "characters",
    "character": "characters", "sentences": "sentences", "sätze": "sentences", "lines": "lines", "zeilen": "lines",
}  # fmt: skip
_THING_EN, _THING_DE = r"(?P<thing>words|characters|sentences|lines)", r"(?P<thing>wörter|zeichen|sätze|zeilen)"
_REGEX_EN = rf"(?:the )?(?:regex |regexp |pattern |regular expression )?{quoted('pattern')}"
_REGEX_DE = rf"(?:den |des |dem |der )?(?:regex |muster |regulären ausdrucks? )?{quoted('pattern')}"
_TWO_EN = rf"{quoted('old')} (?:and|to|with) {quoted('new')}"
_TWO_DE = rf"{quoted('old')} (?:und|mit|zu) {quoted('new')}"


def _text(found: Found, name: str = "text") -> str | None:
    """The quoted text; None for a file name, which is not the file's content."""
    text = found.written(name)
    return None if is_file(text) else text


def _digest(found: Found) -> ToolCall | None:
    text = _text(found)
    return None if text is None else ToolCall("hash_text", {"text": text, "algorithm": algorithm_of(found["name"])})


def _summed(found: Found) -> ToolCall | None:
    text = _text(found)
    return None if text is None else ToolCall("checksum", {"text": text, "algorithm": algorithm_of(found["name"])})


def _coded(mode: str) -> Build:
    def build(found: Found) -> ToolCall | None:
        """Unquoted text must look like data: `decode this from base64` only names it."""
        text = _text(found, "text" if found["text"] else "bare")
        if text is None or (not found["text"] and (is_word(text) or len(text) % 4 != 0)):
            return None
        if mode == "decode" and not may_be_base64(text):
            return None
        return ToolCall("base64_codec", {"text": text, "mode": mode})

    return build


def _analysed(found: Found) -> ToolCall | None:
    """The words of a title are not those of the book, and its characters may be persons."""
    text, thing = _text(found), found["thing"]
    may_be_title = thing != "zeichen" and (_COUNTED[thing] != "characters" or " " in (text or ""))
    if text is None or (may_be_title and is_title(text)):
        return None
    return ToolCall("text_analyze", {"text": text}, _COUNTED[thing])


def _extracted(found: Found) -> ToolCall | None:
    text = _text(found)
    return None if text is None else ToolCall("regex_extract", {"pattern": found.written("pattern"), "text": text})


def _compared(found: Found) -> ToolCall | None:
    """Needs two lines or three words: `diff between "main" and "dev"` only names the texts."""
    old, new = found.written("old"), found.written("new")
    are_texts = all("\n" in text or len(text.split()) > 2 for text in (old, new))
    return ToolCall("text_diff", {"old": old, "new": new}) if are_texts else None


_RULES = (
    *rules(
        "en",
        _digest,
        rf"{LEAD_EN}{_HASH}{_HASH_EN} (?:of|for) {_TEXT_EN}",
        rf"hash {_TEXT_EN} (?:with|using|by) {_HASH}",
        rf"{_HASH}\({quoted('text')}\)",
    ),
    *rules(
        "de", _digest, rf"{LEAD_DE}{_HASH}{_HASH_DE} (?:von |des |für )?{_TEXT_DE}", rf"hashe {_TEXT_DE} mit {_HASH}"
    ),
    *rules("en", _summed, rf"{LEAD_EN}{_SUM}{_HASH_EN} (?:of|for) {_TEXT_EN}"),
    *rules("de", _summed, rf"{LEAD_DE}{_SUM}{_SUM_DE} (?:von |für ){_TEXT_DE}"),
    *rules(
        "en",
        _coded("encode"),
        rf"(?:encode|convert|write) {_TEXT_EN} (?:in|to|into|as|with) base64",
        rf"base64[- ]encode {_TEXT_EN}",
        rf"(?:what is |what's )?{_TEXT_EN} (?:in|as) base64",
        rf"{LEAD_EN}base64 encoding of {_TEXT_EN}",
    ),
    *rules(
        "de",
        _coded("encode"),
        rf"(?:kodiere|codiere|wandle|konvertiere) (?:den )?{_TEXT_DE} (?:in|als|nach|mit) base64(?: um)?",
        rf"(?:was ist )?{_TEXT_DE} (?:in|als) base64",
        rf"was ist {_TEXT_DE} base64-?(?:k|c)odiert",
    ),
    *rules(
        "en",
        _coded("decode"),
        rf"decode {_ENCODED} (?:from|as) base64",
        rf"decode the base64 (?:string |text )?{_ENCODED}",
        rf"base64[- ]decode {_ENCODED}",
        rf"what does the base64 (?:string |text )?{_ENCODED} decode to",
    ),
    *rules(
        "de",
        _coded("decode"),
        rf"(?:dekodiere|decodiere) {_ENCODED_DE} (?:aus|von) base64",
        rf"was ist {_ENCODED_DE} base64-?(?:dekodiert|decodiert)",
        rf"(?:dekodiere|decodiere) (?:den |die )?base64-?(?:text|zeichenkette|string) {_ENCODED_DE}",
    ),
    *rules(
        "en",
        _analysed,
        rf"how many {_THING_EN} (?:are there in|are in|does|has|are) {_TEXT_EN}(?: have| contain)?",
        rf"count the {_THING_EN} (?:in|of) {_TEXT_EN}",
        rf"{LEAD_EN}(?P<thing>word|character) count of {_TEXT_EN}",
    ),
    *rules(
        "de",
        _analysed,
        rf"wie ?viele {_THING_DE} (?:hat|sind in|enthält|gibt es in) {_TEXT_DE}",
        rf"zähle die {_THING_DE} (?:in|von|im) {_TEXT_DE}",
    ),
    *rules(
        "en",
        _extracted,
        rf"(?:extract|find|list|get|show) (?:all |the )?(?:the )?matches (?:of|for) {_REGEX_EN} (?:from|in) {_TEXT_EN}",
        rf"apply (?:the )?(?:regex|regexp|pattern|regular expression) {quoted('pattern')} to {_TEXT_EN}",
        rf"what does {_REGEX_EN} (?:match|find) in {_TEXT_EN}",
    ),
    *rules(
        "de",
        _extracted,
        rf"(?:finde|extrahiere|zeige) alle treffer (?:von )?{_REGEX_DE} (?:in|aus) {_TEXT_DE}",
        rf"wende (?:den |das )?(?:regex|muster|regulären ausdruck) {quoted('pattern')} auf {_TEXT_DE} an",
    ),
    *rules("en", _compared, rf"(?:show |what is )?(?:me )?(?:the )?diff (?:between |of )?{_TWO_EN}"),
    *rules("de", _compared, rf"(?:zeige |was ist )?(?:mir )?(?:den |der )?diff (?:zwischen |von )?{_TWO_DE}"),
)
TEXTS = Family(("md5", "sha", "blake", "crc", "adler", "fletcher", "base64", "\ue000"), _RULES)
