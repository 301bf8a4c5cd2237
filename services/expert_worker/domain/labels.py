"""Labels of the output contract, in the spellings that models use."""

import re

from libs.contracts.finding import Confidence

# `NAME:`, `**NAME:**`, `**NAME**:`, or `### NAME` on a line of its own. A bold label is complete only when the text
# that may close it has arrived, so that later text never changes an earlier match.
_CLOSED = r"(?:(?P=bold)[ \t]*[:\n]|[ \t]*:[ \t]*(?:(?P=bold)|(?=[^*_ \t])))"
_LABEL = rf"(?P<bold>\*\*|__|\*)?(?:{{names}})(?(bold){_CLOSED}|[ \t]*[:\n])"
_LINE_START = r"(?:\A|(?<=\n))[ \t]*(?:[#>\-]+[ \t]*|\*[ \t]+)?"
_WORD_START = r"(?:\A|(?<=\s))"


class Label:
    """One label: capitals match anywhere, small letters only at the start of a line."""

    def __init__(self, *names: str) -> None:
        label = _LABEL.format(names="|".join(names))
        self._names = tuple(name.lower() for name in names)
        self._in_capitals = re.compile(f"(?:{_LINE_START}|{_WORD_START}){label}")
        self._in_any_case = re.compile(_LINE_START + label, re.IGNORECASE)

    def find(self, text: str) -> re.Match[str] | None:
        lowered = text.lower()
        if not any(name in lowered for name in self._names):
            return None  # called after every character, so the common case must be cheap
        found = (self._in_capitals.search(text), self._in_any_case.search(text))
        return min((match for match in found if match is not None), key=lambda match: match.start(), default=None)


KEY_MESSAGE = Label("KEY_MESSAGE", "KEY MESSAGE", "KERNAUSSAGE", "CORE_FINDING", "CORE FINDING")
CONFIDENCE = Label("CONFIDENCE", "KONFIDENZ")
DETAILS = Label("DETAILS", "EINZELHEITEN")
ANY_IN_CAPITALS = re.compile(r"[*_#>\- \t]*[A-ZÄÖÜ][A-ZÄÖÜ_ ]{2,30}[*_ \t]*:")
_WORDS: dict[str, Confidence] = {
    "high": "high",
    "hoch": "high",
    "medium": "medium",
    "mittel": "medium",
    "low": "low",
    "niedrig": "low",
    "gering": "low",
}
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)


def confidence_in(text: str) -> Confidence | None:
    """The confidence that a text names; None if it names none, or several."""
    named = {_WORDS[word.lower()] for word in _WORD.findall(text)}
    return named.pop() if len(named) == 1 else None
