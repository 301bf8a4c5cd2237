"""Finds the end of an answer's header, where DETAILS begin."""

import re
from dataclasses import dataclass

from libs.contracts.finding import Confidence
from services.expert_worker.domain.labels import ANY_IN_CAPITALS, CONFIDENCE, DETAILS, KEY_MESSAGE, confidence_in

PREAMBLE_CHARS = 300  # a model that has not begun the contract by then does not follow it
HEADER_CHARS = 800
_ENOUGH_OF_A_LINE = 40
_LABELLED = re.compile(r"details|einzelheiten", re.IGNORECASE)
_UNLABELLED = re.compile(
    rf"(?:confidence|konfidenz)[^\n]*\n\s*(?:[^\n]{{{_ENOUGH_OF_A_LINE + 1}}}|[^\n]*\n)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Header:
    """The header before DETAILS, which begin at character `details_at` of the text.

    `fenced`: the model put the whole contract into a code block.
    """

    details_at: int
    headline: str = ""
    confidence: Confidence | None = None
    fenced: bool = False


def earliest_end(text: str) -> int:
    """A lower bound, in characters, of the prefix whose header can end.

    A header ends with the label DETAILS, with enough of a line after that of the confidence, or by its length.
    """
    found = (_LABELLED.search(text), _UNLABELLED.search(text))
    return min(*(match.end() if match else len(text) + 1 for match in found), PREAMBLE_CHARS + 1)


def find_header(text: str) -> Header | None:
    """The header as soon as its end is certain, None before. Meant to be called after every character."""
    if (details := DETAILS.find(text)) and _may_be_header(text[: details.start()]):
        return _header(text[: details.start()], details.end())
    if not _has_begun(text):
        return Header(0) if len(text.lstrip()) > PREAMBLE_CHARS else None
    if (place := _unlabelled_details(text)) is not None:
        return _header(text[:place], place)
    return last_header(text) if len(text) > HEADER_CHARS else None


def last_header(text: str) -> Header:
    """The header of a text that has ended, or that is too long for a header, without the label DETAILS."""
    if not _has_begun(text):
        return Header(0)
    if confidence := CONFIDENCE.find(text):
        place = _end_of_line(text, confidence.end())
        return _header(text[:place], place)
    key = KEY_MESSAGE.find(text)
    return _header(text, key.end() if key else 0)


def _has_begun(text: str) -> bool:
    """A confidence after free text does not begin the contract: that text would be lost."""
    confidence = CONFIDENCE.find(text)
    return KEY_MESSAGE.find(text) is not None or (confidence is not None and _is_empty(text[: confidence.start()]))


def _may_be_header(head: str) -> bool:
    return _is_empty(head) or KEY_MESSAGE.find(head) is not None or CONFIDENCE.find(head) is not None


def _is_empty(text: str) -> bool:
    return not text.strip(" \t\r\n`*_#>-")


def _unlabelled_details(text: str) -> int | None:
    """Where text continues after the line of the confidence, unless another label follows."""
    confidence = CONFIDENCE.find(text)
    if confidence is None or (end := _end_of_line(text, confidence.end())) == len(text):
        return None
    rest = text[end:].lstrip()
    certain = "\n" in rest or len(rest) > _ENOUGH_OF_A_LINE
    return len(text) - len(rest) if certain and not ANY_IN_CAPITALS.match(rest) else None


def _end_of_line(text: str, start: int) -> int:
    """The end of the first non-blank line from `start`."""
    begin = len(text) - len(text[start:].lstrip())
    end = text.find("\n", begin)
    return len(text) if end < 0 else end


def _header(head: str, details_at: int) -> Header:
    key, confidence = KEY_MESSAGE.find(head), CONFIDENCE.find(head)
    labels = sorted(match.start() for match in (key, confidence) if match)
    fenced = bool(labels) and "```" in head[: labels[0]]
    stated = head[confidence.end() : _end_of_line(head, confidence.end())] if confidence else ""
    return Header(details_at, _headline(head), confidence_in(stated), fenced)


def _headline(head: str) -> str:
    key, confidence = KEY_MESSAGE.find(head), CONFIDENCE.find(head)
    if key is None:
        return ""
    end = confidence.start() if confidence and confidence.start() > key.start() else len(head)
    lines = head[key.end() : end].strip().split("\n")
    return " ".join(line.strip() for line in lines if not ANY_IN_CAPITALS.match(line)).strip("*_ ")
