"""Requests in any order of words: one intent per subject, tried in order."""

import re
from collections.abc import Iterator
from itertools import islice

from services.planner.recogniser.cues import CueIndex
from services.planner.recogniser.filler import is_filler
from services.planner.recogniser.intents import (
    calendar,
    codes,
    figures,
    integers,
    letters,
    mathematics,
    quantities,
    science,
    terse,
    texts,
)
from services.planner.recogniser.phrasing import UnwrappedQuestion

INTENTS = (
    *figures.INTENTS, *integers.INTENTS, *calendar.INTENTS, *codes.INTENTS, *mathematics.INTENTS, *science.INTENTS,
    *texts.INTENTS,
)  # fmt: skip
_INTENTS_BY_CUE = CueIndex([intent.cues for intent in INTENTS])
_VALUE = re.compile(r"[\d\ue000(^*=/#∫]|\b[A-Z]-[A-Z]\b|[MDCLXVI]{2}|[A-Z][a-z]?[A-Z]")
_WORD = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
_MOST_WORDS = 7  # words that are not filler; the longest of the corpora has six


def rewritings(asked: UnwrappedQuestion) -> Iterator[UnwrappedQuestion]:
    """Yield the question in the forms that the rules match."""
    if _is_long(asked.core):
        return
    if (form := letters.letters(asked)) is not None:
        yield form
    if (form := letters.length(asked)) is not None:
        yield form
    if (form := letters.plain_text(asked)) is not None:
        yield from _read(form)
    if (form := terse.named_text(asked)) is not None:
        yield from _read(form)
    if _VALUE.search(asked.written):
        yield from _read(asked)
    elif (form := science.CONSTANT.rewritten(asked)) is not None:
        yield form


def _is_long(core: str) -> bool:
    """True if there are too many words that are not filler; stops at the first one too many."""
    others = (word for word in _WORD.finditer(core) if not is_filler(word.group()))
    return next(islice(others, _MOST_WORDS, None), None) is not None


def _read(asked: UnwrappedQuestion) -> Iterator[UnwrappedQuestion]:
    yield asked
    if (form := quantities.rewritten(asked)) is not None:
        yield form
    for index in _INTENTS_BY_CUE.candidates(asked.core):
        if (form := INTENTS[index].rewritten(asked)) is not None:
            yield form
