"""The shape that a mode gives to an answer, as filters over text that is still being written.

Whatever the chunks, the pieces that come out join to the shaped whole. Shaping a shaped text changes nothing.
"""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

OutputMode = Literal["default", "code", "concise", "agent", "agent_orchestrated", "plan", "report"]
Language = Literal["en", "de"]
CONCISE_WORDS = 120
CONCISE_SENTENCES = 4  # of one expert; the judge has the words alone
_FENCE = re.compile(r"[ \t]*(?P<marks>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_WORD = re.compile(r"\S+")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_MAYBE_HEADING = re.compile(r"#{0,6}|#{1,6}[ \t]+")
_TITLES: Mapping[Language, str] = {"en": "Report", "de": "Bericht"}
# A line ends a sentence. So does a mark before white space, unless a small letter follows; a full stop only after a
# word of three letters or more, because after numbers and short words it is mostly an ordinal or an abbreviation.
_SENTENCE_END = re.compile(
    r"""\S(?=\n) | (?: [!?…] | (?<=[^\W\d_]{3})\. | (?<=[)\]"'`*])\. )+ [)\]"'`*_]* (?=\s+[^\sa-zäöüß])""", re.VERBOSE
)


class OutputFilter(Protocol):
    """A filter over one text."""

    def feed(self, text: str) -> str:
        """Take the next characters; return those that are now certain to be in the shaped text."""
        ...

    def finish(self) -> str:
        """Return the rest. The shaper must not be fed afterwards."""
        ...


def output_filter_for(
    mode: OutputMode, language: Language = "en", *, spare_words: int = 0, sentences: int | None = None
) -> OutputFilter:
    """Return a fresh shaper.

    code: fenced code blocks only, or the whole text when there is none · concise: at most 120 words, less the
    `spare_words` that will be appended, and at most `sentences` if given, cut at the end of a sentence · report: begins
    with a heading, one in `language` where the text has none · others: everything.
    """
    match mode:
        case "code":
            return CodeFilter()
        case "concise":
            return ConciseFilter(max(1, CONCISE_WORDS - spare_words), sentences)
        case "report":
            return ReportFilter(_TITLES[language])
        case _:
            return PassThrough()


def filter_text(text: str, mode: OutputMode, language: Language = "en", *, spare_words: int = 0) -> str:
    """Return a whole text in the shape of a mode."""
    return apply_filter(output_filter_for(mode, language, spare_words=spare_words), text)


def apply_filter(output_filter: OutputFilter, text: str) -> str:
    """Return what a fresh shaper makes of a whole text."""
    return output_filter.feed(text) + output_filter.finish()


def first_sentences(text: str, sentences: int) -> str:
    """Return the first sentences of a text, however long they are."""
    return apply_filter(ConciseFilter(len(text) + 1, sentences), text)


class PassThrough:
    """Changes nothing."""

    def feed(self, text: str) -> str:
        return text

    def finish(self) -> str:
        return ""


class CodeFilter:
    """Lets fenced code blocks pass, fences included, line by line. An open block is closed at the end."""

    def __init__(self) -> None:
        self._line = ""
        self._prose: list[str] = []
        self._marks = ""
        self._any = False

    def feed(self, text: str) -> str:
        *lines, self._line = (self._line + text).split("\n")
        return "".join(map(self._take, lines))

    def finish(self) -> str:
        rest = self._take(self._line)
        if self._marks:
            return f"{rest}\n{self._marks}" if self._line else f"\n{self._marks}"
        return rest if self._any else "\n".join(self._prose)

    def _take(self, line: str) -> str:
        fence = _FENCE.match(line)
        if self._marks:
            if fence and fence["marks"].startswith(self._marks) and not fence["info"].strip():
                self._marks = ""
            return f"\n{line}"
        if fence is None:
            if not self._any:
                self._prose.append(line)
            return ""
        gap = "\n\n" if self._any else ""
        self._marks, self._any = fence["marks"], True
        return gap + line


class ReportFilter:
    """Puts a title where a text does not begin with a heading. White space before the first character falls away."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._start = ""
        self._decided = False

    def feed(self, text: str) -> str:
        if self._decided:
            return text
        self._start = (self._start + text).lstrip()
        if _MAYBE_HEADING.fullmatch(self._start):
            return ""
        return self._begin()

    def finish(self) -> str:
        return "" if self._decided or not self._start else self._begin()

    def _begin(self) -> str:
        """Only the first characters tell a heading from text."""
        self._decided = True
        has_heading = _HEADING.match(self._start)
        return self._start if has_heading else f"# {self._title}\n\n{self._start}"


class ConciseFilter:
    """Lets whole sentences pass until the next one would not fit. A first one that is too long is cut at a word.

    A heading counts as a sentence, and so does each line of a list.
    """

    def __init__(self, words: int, sentences: int | None = None) -> None:
        self._left = words
        self._sentences_left = sentences
        self._pending = ""
        self._began = False
        self._full = False

    def feed(self, text: str) -> str:
        if self._full:
            return ""
        self._pending += text
        passed = "".join(iter(self._next_sentence, ""))
        if self._sentences_left == 0:
            self._full = True
            return passed
        if len(_WORD.findall(self._pending)) <= self._left:
            return passed
        self._full = True
        return passed if self._began else _cut(self._pending, self._left)

    def finish(self) -> str:
        return "" if self._full else self._pending

    def _next_sentence(self) -> str:
        """Return the next sentence if it is complete and fits, else an empty string. A code block is never divided."""
        end = next((m.end() for m in _SENTENCE_END.finditer(self._pending) if _is_whole(self._pending[: m.end()])), 0)
        sentence = self._pending[:end]
        words = len(_WORD.findall(sentence))
        if words > self._left or self._sentences_left == 0:
            return ""
        if self._sentences_left is not None and words:
            self._sentences_left -= 1
        self._left -= words
        self._pending = self._pending[end:]
        self._began = self._began or words > 0
        return sentence


def _is_whole(text: str) -> bool:
    return text.count("```") % 2 == 0


def _cut(text: str, words: int) -> str:
    """Return the first words of a text; a code block that is cut is closed."""
    ends = [word.end() for word in _WORD.finditer(text)]
    cut = text[: ends[words - 1]]
    if _is_whole(cut):
        return f"{cut}…"
    return f"{text[: ends[max(words - 2, 0)]]}\n```"
