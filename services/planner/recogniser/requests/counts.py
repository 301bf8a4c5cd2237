"""Counts of a quoted text: words, characters, sentences, lines, and its reading time."""

import re

from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.filler import words
from services.planner.recogniser.literals import MARK
from services.planner.recogniser.names import is_title
from services.planner.recogniser.requests.reader import Reading, Request
from services.planner.recogniser.requests.texts import OF_TEXTS, quoted_text

_A_WORD = re.compile(rf"(?:word|wort|string|zeichenkette|text) {MARK}|zeichen(?! hat die)|characters are in")
_COUNTED = ("words", "characters", "sentences", "lines", "paragraphs", "unique_words", "characters_without_spaces")
_OF_A_PART = re.compile(
    r"\b(?:first|second|third|last|longest|shortest|each|every|per|erste[nrms]?|zweite[nrms]?|dritte[nrms]?|letzte[nrms]?"
    r"|längste[nrms]?|kürzeste[nrms]?|jede[rnms]?|pro|je) (?:word|sentence|line|paragraph|wort|satz|zeile|absatz)"
)


def _counted(reading: Reading) -> ToolCall | None:
    text = quoted_text(reading)
    named = [key for key in dict.fromkeys(reading.keys) if key in (*_COUNTED, "reading", "stats")]
    if reading.all("limit") and not named:
        named = ["characters"]
    is_count = not {"count", "reading", "stats"}.isdisjoint(reading.keys) or len(named) > 1
    if not text or not named or not is_count or is_title(text) or _OF_A_PART.search(reading.text.lower()):
        return None
    if reading.has("without_spaces"):
        if named != ["characters"] or reading.has("with_spaces"):
            return None
        named = ["characters_without_spaces"]
    elif reading.has("both"):
        named = [*named, "characters_without_spaces"]
    if len(text.split()) < 3 and not (named[0].startswith("characters") and _A_WORD.search(reading.text.lower())):
        return None
    return ToolCall("text_analyze", {"text": text}, named[0] if len(named) == 1 and named[0] in _COUNTED else None)


REQUESTS = (
    Request(
        ("word", "char", "letter", "length", "long", "sentence", "line", "wört", "wort", "zeichen", "buchstab", "länge",
         "lang", "sätze", "zeile", "stat", "reading time", "lesezeit"),
        {"text": MARK, "limit": r"(?i:(?:under|max(?:imum|imal|\.)?|at most|up to|no more than|unter"
            r"|limit(?: of)?|allows?|only|nur|höchstens|bis zu|nicht mehr als) \d{1,4} (?:chars|characters|zeichen)"
            r"(?: (?:including|incl\.?|with|mit|inkl\.?|inklusive|samt) (?:spaces|leerzeichen))?)"},
        {
            "count": r"(?:aus )?wie vielen|how many|counts?|number(?: of)?|wie ?viele|anzahl|zähle|zählen"
                r"|length of|how long is|länge"
            r"|wie lang ist",
            "words": r"words?(?: count)?(?! ?\ue000)|wordcount|wörtern?|wortzahl|wortanzahl",
            "characters": r"in (?:letters|buchstaben)|(?<=many )letters|(?<=viele )buchstaben|characters?(?: count)?"
                          r"|chars|character length|zeichen(?:zahl|anzahl)?|length|länge",
            "sentences": r"sentences?(?: count)?|sätze|satzzahl",
            "lines": r"lines?(?: count)?|zeilen",
            "reading": r"reading[- ]time|readability|lese(?:zeit|dauer)|lesbarkeit|time to read"
            r"|how (?:long|many minutes) (?:(?:it|does it|would it|will it|do you) )?(?:takes? |need )?"
            r"(?:(?:me|you|one|someone|people) )?to read(?: it| this| that| out)?"
            r"|wie lange? (?:braucht man|brauche ich|dauert es|liest man|dauert das)"
            r"(?: (?:zum|zu|daran|das zu) ?lesen)?",
            "stats": r"(?:text|wort|word|zeichen)[- ]?(?:stats|statistics|statistik(?:en)?)",
            "unique_words": r"(?:unique|different|distinct) words|verschiedene[nr]? wörter",
            "paragraphs": r"paragraphs?(?: count)?|absätzen?",
            "both": r"(?:with|mit) (?:and|und|or|oder) (?:without|ohne) (?:spaces|leerzeichen)",
            "without_spaces": r"(?:without|excluding|not counting|ohne|exkl\w*) (?:the )?(?:spaces|blanks|leerzeichen)",
            "with_spaces": r"(?:with|including|mit|inklusive|inkl\.?) (?:the )?(?:spaces|blanks|leerzeichen)",
        },
        _counted,
        OF_TEXTS - {"word", "sentence", "line", "the"} | words("bio fit contain contains long satz enthält stehen"
            " steht stats text zählt zählen word wort"
                                                          " statistics characters 60 besteht bestehen stecken steckt"),
        4,
    ),
)  # fmt: skip
