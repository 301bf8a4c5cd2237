"""Incremental parser of an expert's answer: KEY_MESSAGE, CONFIDENCE, DETAILS.

Without the contract the whole text is the DETAILS. The result does not depend on how the text is cut into chunks.
"""

import re
from dataclasses import dataclass

from libs.contracts.finding import Confidence
from services.expert_worker.domain.header import Header, earliest_end, find_header, last_header
from services.expert_worker.domain.labels import CONFIDENCE, confidence_in

MIN_DETAILS_CHARS = 40
_ERROR = re.compile(
    r"[\s\[*]*(?:(?:internal )?(?:server )?error|fehler|exception)\s*(?:[:\]]|\d{3}\b)|\s*Traceback \(most recent",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """A whole answer. `details` is the user's text; it equals the headline if the model stopped after that."""

    details: str
    headline: str
    confidence: Confidence


class ContractReader:
    """Parses one answer. Feed its pieces in order, then finish."""

    def __init__(self) -> None:
        self._head = ""
        self._header: Header | None = None
        self._details: list[str] = []
        self._held = ""

    @property
    def confidence(self) -> Confidence | None:
        """Confidence named by the header; None before DETAILS begin, and if the header names none."""
        return self._header.confidence if self._header else None

    @property
    def details(self) -> str:
        """The characters of DETAILS that are certain so far."""
        return "".join(self._details)

    def feed(self, text: str) -> str:
        """Consume the next piece; return the DETAILS that it makes certain."""
        if self._header is not None:
            return self._add(text)
        head, self._head = self._head + text, self._head + text
        for end in range(max(len(head) - len(text) + 1, earliest_end(head)), len(head) + 1):
            self._header = find_header(head[:end])
            if self._header is not None:
                return self._add(head[self._header.details_at :])
        return ""

    def finish(self) -> str:
        """End the answer; return the last characters of DETAILS."""
        added = ""
        if self._header is None:
            self._header = last_header(self._head)
            added = self._add(self._head[self._header.details_at :])
        rest = self._held.rstrip()
        if self._header.fenced:
            rest = rest.removesuffix("```").rstrip()
        self._held = ""
        self._details.append(rest)
        return added + rest

    def parsed(self) -> ParsedAnswer:
        """The whole answer, graded. Call after `finish`."""
        header = self._header or Header(0)
        details, late = (self.details, None) if header.confidence else _without_confidence(self.details)
        details = details or header.headline
        return ParsedAnswer(details, header.headline, graded(details, header.confidence or late))

    def _add(self, text: str) -> str:
        """Hold back white space, and a closing fence, until text follows: at the end they do not count."""
        text = self._held + text
        if not self._details:
            text = text.lstrip()
        fenced = self._header is not None and self._header.fenced
        certain = text.rstrip(" \t\r\n`") if fenced else text.rstrip()
        self._held = text[len(certain) :]
        if certain:
            self._details.append(certain)
        return certain


def graded(details: str, stated: Confidence | None) -> Confidence:
    """The effective confidence: low for an error or less than 40 characters, medium if the model named none."""
    if len(details) < MIN_DETAILS_CHARS or _ERROR.match(details):
        return "low"
    return stated or "medium"


def _without_confidence(details: str) -> tuple[str, Confidence | None]:
    """Some models name their confidence last: remove it from the last line of the DETAILS."""
    before, _, line = details.rpartition("\n")
    found = CONFIDENCE.find(line)
    stated = confidence_in(line[found.end() :]) if found else None
    if found is None or stated is None:
        return details, None
    return f"{before}\n{line[: found.start()]}".strip(" \t\r\n*_-"), stated
