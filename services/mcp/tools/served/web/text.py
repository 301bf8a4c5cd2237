"""Text from outside, fit to be passed on: bounded, and without characters that do more than be read."""

import re

from libs.core.text import capped
from services.mcp.tools.served.web.markup import unescaped

MAX_LINK_CHARS = 2048
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]")
_SPACES = re.compile(r"[ \t\u00a0]+")
_NEWLINES = re.compile(r" ?\n[ \n]*\n ?")
_LINK = re.compile(r"https?://[!-~]+")


def line(text: str | None, limit: int) -> str:
    """Text as one line of at most `limit` characters."""
    return capped(" ".join(_UNSEEN.sub(" ", text or "").split()), limit)


def passage(text: str, limit: int) -> str:
    """Text with its paragraphs, of at most `limit` characters."""
    seen = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return capped(_NEWLINES.sub("\n\n", _SPACES.sub(" ", seen)).strip(), limit)


def link(text: str | None) -> str:
    """Empty for an invalid link."""
    return text if text and len(text) <= MAX_LINK_CHARS and _LINK.fullmatch(text) else ""


def unmarked(text: str | None, limit: int) -> str:
    """A title without markup (`<i>`, `&amp;`), as one line."""
    return line(unescaped(re.sub(r"</?[a-zA-Z][^<>]{0,80}>", "", text or "")), limit)
