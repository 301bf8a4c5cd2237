"""Incremental reader of a text without an output contract."""

from libs.contracts.finding import Confidence
from services.expert_worker.domain.contract import ParsedAnswer, graded


class PlainReader:
    """Reads one text. White space at its ends does not count."""

    confidence: Confidence | None = None

    def __init__(self) -> None:
        self._text: list[str] = []
        self._held = ""

    def feed(self, text: str) -> str:
        """Consume the next piece; return the text that is now certain."""
        text = self._held + text if self._text else (self._held + text).lstrip()
        certain = text.rstrip()
        self._held = text[len(certain) :]
        if certain:
            self._text.append(certain)
        return certain

    def finish(self) -> str:
        """Always empty: the text held back is white space."""
        self._held = ""
        return ""

    def parsed(self) -> ParsedAnswer:
        """The whole text, of medium confidence unless it is short or an error."""
        text = "".join(self._text)
        return ParsedAnswer(text, "", graded(text, None))
