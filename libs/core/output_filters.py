"""Output filters for the modes of an answer, over text that is still streaming."""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

# Invariants: the output is the same for any split into chunks; filtering a filtered text changes nothing.
OutputMode = Literal["default", "code", "concise", "agent", "agent_orchestrated", "plan", "report"]
Language = Literal["en", "de"]
CONCISE_WORDS = 120
CONCISE_SENTENCES = 4  # of one expert; the judge is limited by words only
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
        """Append the next characters; return those that are certain to be in the filtered text."""
        ...

    def finish(self) -> str:
        """The rest of the text. Do not feed the filter afterwards."""
        ...


def output_filter_for(
    mode: OutputMode, language: Language = "en", *, spare_words: int = 0, sentences: int | None = None
) -> OutputFilter:
    """A new filter for a mode.

    code: fenced code blocks only, or the whole text if there is none · concise: at most 120 words, less the
    `spare_words` that will be appended, and at most `sentences` if set, cut at the end of a sentence · report: begins
    with a heading, one in `language` if the text has none · others: everything.
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
    return apply_filter(output_filter_for(mode, language, spare_words=spare_words), text)


def apply_filter(output_filter: OutputFilter, text: str) -> str:
    """`output_filter` must be new."""
    return output_filter.feed(text) + output_filter.finish()


def first_sentences(text: str, sentences: int) -> str:
    """The first sentences of a text, whatever their length."""
    return apply_filter(ConciseFilter(len(text) + 1, sentences), text)


class PassThrough:
    """Changes nothing."""

    def feed(self, text: str) -> str:
        return text

    def finish(self) -> str:
        return ""


class CodeFilter:
    """Passes fenced code blocks, fences included, line by line. Closes an open block at the end."""

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
    """Adds a title to a text that does not begin with a heading. Removes leading white space."""

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
        self._decided = True
        has_heading = _HEADING.match(self._start)
        return self._start if has_heading else f"# {self._title}\n\n{self._start}"


class ConciseFilter:
    """Passes whole sentences until the next one does not fit. Cuts a first sentence that is too long at a word.

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
        """The next sentence if it is complete and fits, else an empty string. Never splits a code block."""
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
    """The first words of a text; closes a code block that it cuts."""
    ends = [word.end() for word in _WORD.finditer(text)]
    cut = text[: ends[words - 1]]
    if _is_whole(cut):
        return f"{cut}…"
    return f"{text[: ends[max(words - 2, 0)]]}\n```"
