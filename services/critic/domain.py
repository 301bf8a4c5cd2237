"""The critic's prompt and the parser of its verdict; pure."""

import re
import unicodedata
from dataclasses import dataclass

from libs.contracts.answer import AnswerDrafted
from libs.core.advice import advice, with_advice
from libs.core.output_filters import filter_text
from libs.core.prompt_blocks import data_blocks
from libs.core.text import without_thinking
from libs.ports.llm import ChatMessage

_LANGUAGES = {"en": "English", "de": "German"}
_MARKUP = " \t\r\n*_`\"'#>.,;:!-\u2013\u201e\u201c\u201d"
_CONFIRMED = ("CONFIRMED", "BESTÄTIGT")
_DENIED = ("NOT CONFIRMED", "UNCONFIRMED", "NICHT BESTÄTIGT", "REJECTED")
_LABEL = re.compile(
    r"[\s*_#]*(?:corrected(?: answer| version| text)?|correction|korrektur|korrigiert(?:e (?:antwort|fassung|version))?"
    r"|confirmed|bestätigt)(?:[*_ \t]*:[*_]*|[*_ \t]*(?=\n))\s*",
    re.IGNORECASE,
)
_WRAPPER = re.compile(r"(`{3,})(?:markdown|md|text|txt)?\n(?P<inside>.*)\n\1", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`replacement` is the corrected answer. A verdict that has neither counts as no answer."""

    confirmed: bool
    replacement: str = ""


def render(event: AnswerDrafted, rules: str) -> tuple[ChatMessage, ...]:
    """The rules as the system message, the answer to check as data."""
    question = event.question
    material = data_blocks(
        ("history", "\n".join(f"{turn.speaker}: {turn.text}" for turn in question.history)),
        ("question", question.text),
        ("answer", event.text),
    )
    return ChatMessage("system", rules.replace("{language}", _LANGUAGES[question.language])), ChatMessage(
        "user", material
    )


def read_verdict(text: str) -> Verdict:
    """Confirmed by CONFIRMED alone, with any markup; otherwise the correction without its label and enclosing fence.

    A bare denial corrects nothing, so it is neither.
    """
    reply = unicodedata.normalize("NFC", without_thinking(text))
    bare = reply.strip(_MARKUP).upper()
    if bare in _CONFIRMED or bare in _DENIED:
        return Verdict(confirmed=bare in _CONFIRMED)
    return Verdict(confirmed=False, replacement=_unwrapped(_without_label(_unwrapped(reply))))


def checked_text(event: AnswerDrafted, verdict: Verdict) -> str:
    """The draft if confirmed or equal, else the replacement, filtered for the mode and with the required advice."""
    if verdict.confirmed or verdict.replacement.split() == event.text.split():
        return event.text
    question = event.question
    words = sum(len(sentence.split()) for sentence in advice(event.categories, question.language))
    text = filter_text(verdict.replacement, question.mode, question.language, spare_words=words)
    return with_advice(text, event.categories, question.language)


def _without_label(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def _unwrapped(text: str) -> str:
    """A model that fences its whole reply means the text inside. Fenced code and inner fences stay."""
    text = text.strip()
    wrapper = _WRAPPER.fullmatch(text)
    return wrapper["inside"].strip() if wrapper and "```" not in wrapper["inside"] else text
