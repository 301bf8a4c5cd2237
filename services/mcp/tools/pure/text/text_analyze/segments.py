"""Boundaries of characters, words and sentences in a text."""

import re

import regex

UNICODE_RULE = f"extended grapheme clusters of UAX #29, by regex {regex.__version__}"
WORD_RULE = (
    "runs of letters, with their marks, and digits; apostrophes, hyphens and the points of numbers hold a word together"
)
SENTENCE_RULE = (
    "a part with a word in it that ends at . ! ? … before white space, or at an empty line; no end is a common "
    "abbreviation, a single letter, a German ordinal before its noun, or what a lower-case letter follows"
)

_GRAPHEME = regex.compile(r"\X")
_RUN = r"(?:[\p{L}\p{N}][\p{M}\u00ad\u200c\u200d]*)+"  # a letter has its marks; soft hyphens and joiners hold it
_WORD = regex.compile(rf"{_RUN}(?:['\u2019\u2010\u2011_-]{_RUN}|[.,:/][0-9]+)*")
_END = re.compile(r"(?P<marks>[.!?…]+)[\"'”\u2019»«“)\]]*(?=\s|$)")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_FIRST_OF_TOKEN = re.compile(r"[\s(\[\"'„“»]")
_TOKEN_CHARS = 40
_SHORT = (
    "mr mrs ms dr prof sr jr st vs etc e.g i.e cf al vol fig approx inc ltd co dept u.s a.m p.m "
    "bzw ca d.h usw u.a z.b nr str abs art bd evtl ggf inkl max min mind o.ä s.o s.u tel v.a vgl zzgl hr fr "
    "jan feb mär apr jun jul aug sep sept okt oct nov dez dec mio mrd"
)
_COUNTED = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember Jahrhundert Jahrtausend "
    "Klasse Stock Platz Tag Woche Monat Mal Auflage Quartal Kapitel Geburtstag Weltkrieg Semester Liga"
)
_ABBREVIATIONS, _ORDINAL_NOUNS = frozenset(_SHORT.split()), frozenset(_COUNTED.split())


def count_graphemes(text: str) -> int:
    """Grapheme clusters: a base with its marks, a flag, a joined emoji count as one."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def words(text: str) -> list[str]:
    """By `WORD_RULE`."""
    return _WORD.findall(text)


def count_sentences(text: str) -> int:
    """By `SENTENCE_RULE`."""
    return sum(_sentences_in(paragraph) for paragraph in _PARAGRAPH.split(text))


def count_paragraphs(text: str) -> int:
    """Blocks between empty lines, without blank ones."""
    return sum(bool(paragraph.strip()) for paragraph in _PARAGRAPH.split(text))


def _sentences_in(paragraph: str) -> int:
    count = start = 0
    for end in _END.finditer(paragraph):
        if _WORD.search(paragraph, start, end.start()) and _is_end(paragraph, end):
            count, start = count + 1, end.end()
    return count + bool(_WORD.search(paragraph, start))


def _is_end(paragraph: str, end: re.Match[str]) -> bool:
    following = _WORD.search(paragraph, end.end(), end.end() + _TOKEN_CHARS)
    if following is None:
        return True
    if following.group()[0].islower():
        return False
    if end["marks"] != ".":
        return True
    token = _FIRST_OF_TOKEN.split(paragraph[max(0, end.start() - _TOKEN_CHARS) : end.start()])[-1]
    if token.isdigit():
        return len(token) > 2 or following.group() not in _ORDINAL_NOUNS
    return token.lower() not in _ABBREVIATIONS and not (len(token) == 1 and token.isalpha())
