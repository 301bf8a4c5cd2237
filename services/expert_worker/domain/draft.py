"""An answer while it is written: the text that may be streamed, and the parsed result."""

from libs.contracts.expert import AskExpert
from libs.core.output_filters import CONCISE_SENTENCES, OutputFilter, apply_filter, first_sentences, output_filter_for
from services.expert_worker.domain.contract import MIN_DETAILS_CHARS, ContractReader, ParsedAnswer, graded
from services.expert_worker.domain.plain_text import PlainReader


class Draft:
    """One answer. Feed its pieces in order, then finish; returns the candidate's text in the question's mode.

    Returns no text before the candidate is `opened`. Opening needs 40 characters of DETAILS under a header of high
    confidence; for a plain command, 40 characters or the end of the text. Other answers never open.
    """

    def __init__(self, command: AskExpert, *, plain: bool) -> None:
        self._ask = command
        self._reader: ContractReader | PlainReader = PlainReader() if plain else ContractReader()
        self._streamed_plain = plain and command.plain
        self._shaper = self._fresh_shaper()
        self._preface = command.preface
        self._waiting = ""
        self.opened = False

    def feed(self, text: str) -> str:
        """The characters that extend the candidate's stream."""
        self._waiting += self._reader.feed(text)
        return self._out(self._shaper.feed(self._released(ended=False)))

    def finish(self) -> str:
        """The last characters of the candidate's stream."""
        self._waiting += self._reader.finish()
        last = self._shaper.feed(self._released(ended=True))
        return self._out(last + self._shaper.finish()) if self.opened else ""

    def parsed(self) -> ParsedAnswer:
        """The whole answer; a candidate's details are in the question's mode. Call after `finish`.

        For an expert among others, `concise` limits only the number of sentences.
        """
        reading, mode = self._reader.parsed(), self._ask.question.mode
        if self._ask.candidate:
            return ParsedAnswer(
                apply_filter(self._fresh_shaper(), reading.details), reading.headline, reading.confidence
            )
        if mode != "concise":
            return reading
        return ParsedAnswer(first_sentences(reading.details, CONCISE_SENTENCES), reading.headline, reading.confidence)

    def _fresh_shaper(self) -> OutputFilter:
        question = self._ask.question
        return output_filter_for(question.mode, question.language, sentences=CONCISE_SENTENCES)

    def _out(self, text: str) -> str:
        """The preface precedes the first character."""
        if not text:
            return ""
        preface, self._preface = self._preface, ""
        return preface + text

    def _released(self, *, ended: bool) -> str:
        self.opened = self.opened or (self._ask.candidate and self._may_open(ended=ended))
        if not self.opened:
            return ""
        text, self._waiting = self._waiting, ""
        return text

    def _may_open(self, *, ended: bool) -> bool:
        """Until it opens, all DETAILS are held back."""
        if self._streamed_plain:
            return len(self._waiting) >= MIN_DETAILS_CHARS or (ended and bool(self._waiting))
        return graded(self._waiting, self._reader.confidence) == "high"
