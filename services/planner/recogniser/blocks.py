"""Texts in several lines, or after a label, become quoted texts: `old:`, `new:`, `text:`, and lines below a request.

The rest of the question is then read like any other.
"""

import re
from collections.abc import Sequence

from services.planner.recogniser.comparisons import ASKS_FOR_A_COMPARISON, two_texts
from services.planner.recogniser.lines import is_closing, quoted_block, without_rulers
from services.planner.recogniser.literals import MARK, without_literals
from services.planner.recogniser.names import is_file

MOST_CHARS = 2_000
_ANY_CASE = re.IGNORECASE
_CUE = re.compile(
    r"\b(?:json|ya?ml|xml|csv|tsv|markup|md5|sha-?\d\w*|blake2\w|crc|adler|fletcher|base-?64|reg(?:ex|exp)"
    r"|regul\w+ (?:expression|ausdr\w+)|pattern|muster|match\w*|treffer|words?|wort\w*|wörter\w*|char\w*|letters"
    r"|lines?|zeilen?|textstat\w*|text stat\w*|zeichen\w*|buchstaben|sentences?|sätze\w*|paragraphs?|absätze\w*"
    r"|reading time|lesezeit"
    r"|(?:long|lange?) .*(?:read|lesen)|read(?:ing)? .*(?:long|minutes)|grid|gitter|raster|hash\w*|prüfsumme"
    r"|jmespath|jsonpath|checksum)\b",
    _ANY_CASE,
)
_TEXT_LABEL = re.compile(
    r"(?:^|(?<=[\s(,.;?!]))(?:the |der |die )?(?:text|string|input|eingabe|zeichenkette|satz|sentence|payload"
    r"|test ?string|log|lines|zeilen|message|nachricht)(?: (?:is|ist|lautet))?:(?:[ \t]*\n|[ \t]+)",
    _ANY_CASE,
)
# a pattern with spaces is alone in its line
_PATTERN_LABEL = re.compile(
    r"(?P<label>(?<!\S)(?:the |das |der )?(?:pattern|reg(?:ex|exp)|muster|ausdruck|regulärer ausdruck"
    r"|regular expression)):[ \t]+(?P<pattern>[^\s\ue000]+(?: [^\s\ue000]+)*(?=\n)|[^\s\ue000]+?(?=[,;]?(?:\s|$)))",
    _ANY_CASE,
)
_PLAIN_WORD = re.compile(r"(?<!\S)[^\W\d_]{2,}(?!\S)")
_PROSE_END = re.compile(r"[?.:!]\s*$|[?.!:][)\"]\s*$")
_REQUEST = re.compile(
    r"(?:how|what|which|is|are|does|can|could|please|pls|count|validate|check|lint|find|list|extract|give|show|wie"
    r"|was|welche\w*|ist|sind|hat|kannst|bitte|zähl\w*|prüf\w*|überprüf\w*|validier\w*|finde|such\w*|zeig\w*|gib|stimmt"
    r"|gültig\w*|valid|word|line|character|sentence|number|anzahl|wortzahl|zeichenzahl)\b",
    _ANY_CASE,
)
_REQUEST_AND_TEXT = re.compile(r"(?P<head>[^:\"`\n]{4,160}):\s+(?P<text>\S(?:.|\n)*)")
_QUOTE = re.compile(r"[\"`„“]|(?<!\w)'")
_OF_WORDS = re.compile(r"words|wörter|sentences|sätze", _ANY_CASE)
_CLOSED = re.compile(r"[ ,](?:please|pls|bitte|thanks|thx|danke)\W*$", _ANY_CASE)
_FEWEST_WORDS = 3
_MOST_HEAD_LINES = 3
_LONGEST_TAIL = 120


def with_quoted_blocks(question: str) -> str | None:
    """The question with quotes around each text in lines of its own; None if there is none, or its end is unclear."""
    if len(question) > MOST_CHARS or ("\n" not in question and ":" not in question) or MARK in question:
        return None
    text = question.replace("\r\n", "\n").strip()
    if ASKS_FOR_A_COMPARISON.search(text):
        return two_texts(text)
    if not _CUE.search(text):
        return None
    pattern = _PATTERN_LABEL.search(text)
    if pattern is not None and len(_PLAIN_WORD.findall(pattern["pattern"])) > 1:
        return None
    if pattern is not None and (quoted := quoted_block(pattern["pattern"])) is not None:
        text = f"{text[: pattern.start()]}{pattern['label']} {quoted}{text[pattern.end() :]}"
    whole = _after_a_label(text) or _after_a_request(text)
    if whole is None and "\n" in text and not _has_a_literal_in_lines(text):
        whole = _below_or_above_a_request(text.split("\n"))
    return whole or (None if pattern is None else text)


def _after_a_label(text: str) -> str | None:
    """The text from a label to the end: `with flag i, text: …`."""
    marked = without_literals(text)
    label = None if marked is None else _TEXT_LABEL.search(marked[0])
    if marked is None or label is None or MARK in marked[0][label.start() :]:
        return None
    place = text.rfind(marked[0][label.start() :])
    head, body = text[:place], text[place + len(label.group()) :]
    if not _CUE.search(head) or "```" in body:
        return None
    return _joined(head + label.group().strip().rstrip(":"), body.split("\n"), [])


def _after_a_request(text: str) -> str | None:
    """The text after a colon: `count the words: …`, but not `how many words: a novel`."""
    found = _REQUEST_AND_TEXT.fullmatch(text)
    if found is None or not _CUE.search(found["head"]) or is_file(found["text"]) or _QUOTE.search(found["text"]):
        return None
    if len(found["text"].split()) < _FEWEST_WORDS and _OF_WORDS.search(found["head"]):
        return None
    is_unclear = _CLOSED.search(found["text"]) or (found["text"].endswith("?") and len(found["text"].split()) < 2)
    return None if is_unclear else _joined(found["head"], found["text"].split("\n"), [])


def _has_a_literal_in_lines(text: str) -> bool:
    marked = without_literals(text)
    return marked is None or any("\n" in literal.raw for literal in marked[1])


def _below_or_above_a_request(lines: Sequence[str]) -> str | None:
    """The lines between what is said before and what is said after them."""
    head = _head_of(lines)
    rest = list(lines[head:])
    tail = _tail_of(rest, is_asked=head > 0)
    if tail is None or (not head and not tail):
        return None
    return _joined(" ".join(lines[:head]), rest[: len(rest) - len(tail)], tail)


def _head_of(lines: Sequence[str]) -> int:
    """The number of lines up to the one that asks; none if the first ones are of the text."""
    for place, line in enumerate(lines[:_MOST_HEAD_LINES]):
        is_prose = _PROSE_END.search(line) or not lines[place + 1 : place + 2] or not lines[place + 1].strip()
        if _CUE.search(line) and (is_prose or place == 0) and not _is_content(line):
            return place + 1
    return 0


def _is_content(line: str) -> bool:
    """True for a line of a document: `lines: 3`, `<words>`, or `- char`."""
    return re.match(r"\s*(?:[<{\[\"'#-]|[\w.-]+(?:: \S|=\S|[;,]\S))", line) is not None


def _tail_of(lines: list[str], *, is_asked: bool) -> list[str] | None:
    """The lines after the text: a request, or a closing; None if they may belong to the text."""
    bare = [place for place, line in enumerate(lines) if line.strip()]
    if len(bare) < 2:
        return []
    last = bare[-1]
    line, is_apart = lines[last].strip(), last > 0 and not lines[last - 1].strip()
    if is_closing(line):
        return lines[last:] if is_apart else None
    asks = len(line) <= _LONGEST_TAIL and _CUE.search(line) is not None and not _is_content(line)
    asks = asks and (_REQUEST.match(line) is not None or line.endswith("?"))
    if is_asked:
        return None if asks else []
    return lines[last:] if asks else []


def _joined(head: str, block: Sequence[str], tail: Sequence[str]) -> str | None:
    text = "\n".join(without_rulers(block))
    quoted = quoted_block(text)
    return None if quoted is None else " ".join([head, quoted, *tail]).strip()
