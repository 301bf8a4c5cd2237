"""A text without quotes after the request: `count the words: …`, `find all \\d+ in: …`."""

import re

from services.planner.recogniser.colloquial import in_plain_words
from services.planner.recogniser.intents.texts import BASE64, CHECKSUM, COUNTED, DIGEST
from services.planner.recogniser.literals import MARK, Literal
from services.planner.recogniser.names import is_file
from services.planner.recogniser.phrasing import MAX_CHARS, UnwrappedQuestion, unwrap_question

_REQUEST = re.compile(r"(?P<head>[^:\"`\n]{4,90}):\s+(?P<text>\S(?:.|\n)*)")
_CUES = re.compile(r"md5|sha|blake|crc|adler|base-?64|word|char|letter|sentence|line|wört|zeichen|buchstab|sätze|zeile")
_MATCHES = re.compile(
    r"(?:find|extract|get|list|show|give|pull|finde?|suche?|extrahiere?|zeige?)\b[^\\\[\]{}^$|:]{0,50}?"
    r"(?:match\w*|regexp?|pattern|muster|passen|passt|treffer)(?: (?:of|for|the|to|regex|pattern|von|für|auf|zu))*:? "
    r"[`\"']?(?P<pattern>[^\s`\"']*[\\\[\]{}^$+|][^\s`\"']*)[`\"']? (?:in|from|inside|im|aus)"
    r"(?: (?:the|this|that|dem|diesem))?(?: (?:following|folgenden))?(?: (?:text|string|line|satz))?:? "
    r"[`\"]?(?P<text>[^`\"]+?)[`\"]?",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"words|wörter|sentences|sätze")
_FEWEST_WORDS = 3
_INTENTS = (DIGEST, CHECKSUM, BASE64, COUNTED)


def texts_after_colon(question: str) -> UnwrappedQuestion | None:
    """The request with quotes around the text after it; None if the words before the colon are no request."""
    if len(question) > MAX_CHARS:
        return None
    if found := _MATCHES.fullmatch(question):
        pattern, text = found["pattern"], found["text"].strip("„“”")
        core = f"find all matches of {MARK} in {MARK}"
        return UnwrappedQuestion(core, core, (Literal(pattern, f'"{pattern}"'), Literal(text, f'"{text}"')), core)
    found = _REQUEST.fullmatch(question.strip())
    if found is None or not _CUES.search(found["head"].lower()) or is_file(found["text"]) or '"' in found["text"]:
        return None
    if len(found["text"].split()) < _FEWEST_WORDS and _COUNTS.search(found["head"].lower()):
        return None  # `how many words: a novel`
    head = unwrap_question(in_plain_words(found["head"]))
    if head is None:
        return None
    core = f"{head.core} {MARK}"
    asked = UnwrappedQuestion(core, f"{head.written} {MARK}", (Literal(found["text"], f'"{found["text"]}"'),), core)
    return next((form for intent in _INTENTS if (form := intent.rewritten(asked)) is not None), None)
