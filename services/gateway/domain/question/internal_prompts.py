"""Recognition of the prompts that Open WebUI generates besides its users' questions: titles, tags, follow-ups and
others."""

import re
from dataclasses import dataclass

from services.gateway.domain.body.chat import ChatMessageBody

_HISTORY = "<chat_history>"


@dataclass(frozen=True, slots=True)
class _Template:
    """`opening` is the beginning of the text, `marks` are texts that it must contain besides."""

    name: str
    opening: re.Pattern[str]
    marks: tuple[str, ...]

    def wrote(self, text: str) -> bool:
        return self.opening.match(text) is not None and all(mark in text for mark in self.marks)


def _task(name: str, opening: str, field: str) -> _Template:
    return _Template(name, re.compile(rf"### Task:\n{opening}"), (f'"{field}"', _HISTORY))


_TEMPLATES: tuple[_Template, ...] = (
    _task("title", r"Generate a concise(, 3-5 word)? title (with an emoji )?summarizing the chat history\.", "title"),
    _task("tags", r"Generate 1-3 broad tags categorizing the main themes of the chat history,", "tags"),
    _task("follow-ups", r"(Predict 3-5 useful messages|Suggest 3-5 relevant follow-up) ", "follow_ups"),
    _task("queries", r"Analyze the chat history to determine the necessity of generating search queries,", "queries"),
    _task("autocomplete", r"You are an autocompletion system\. Continue the text in `<text>`", "text"),
    _task("image-prompt", r"Generate a detailed prompt for am? image generation task", "prompt"),
    _Template(
        "emoji",
        re.compile(r"Your task is to reflect the speaker's likely facial expression through a fitting emoji\."),
        ("\n\nMessage: ```",),
    ),
)
_LONGEST_LEAD = 32  # so many characters suffice to exclude most other texts
_LEADS = ("### Task:\n", "Your task is to reflect the spea")


def internal_prompt(messages: list[ChatMessageBody]) -> str:
    """Template of a request's only message, empty for none.

    Recognised are the beginnings of its templates together with the fields that they request (version 0.12.4, and the
    wording of older ones), never a single word: a user's own request for a title is a question for the fleet.
    """
    if len(messages) != 1 or messages[0].role != "user":
        return ""
    text = messages[0].content
    if not isinstance(text, str) or not text[:_LONGEST_LEAD].startswith(_LEADS):
        return ""
    return next((template.name for template in _TEMPLATES if template.wrote(text)), "")
