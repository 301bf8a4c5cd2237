"""Text of HTML and XML, in one pass.

A scanner of our own: linear for any input, it resolves no entities but characters, loads nothing and tracks no nesting
that could grow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice

MAX_PIECES = 200_000  # some half a second; a large page has a quarter of it
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tr", "ul"}
)
_SILENT = frozenset(["script", "style", "template", "svg", "noscript", "iframe", "object", "head", "math"])
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:_-]{0,40}")
_ATTRIBUTE = re.compile(r"([a-zA-Z_:-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_MAX_TAG_CHARS = 16_384
_LONG_REFERENCE = re.compile(r"&#(?:([0-9]{8,})|[xX]([0-9a-fA-F]{8,}));?")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name in lower case, `/` in front of a closing one; `inside` is the rest of its text."""

    name: str
    inside: str

    def attribute(self, name: str) -> str:
        """Empty for a missing attribute."""
        for match in _ATTRIBUTE.finditer(self.inside[:_MAX_TAG_CHARS]):
            if match[1].lower() == name:
                return unescaped(match[2] or match[3] or match[4] or "")
        return ""

    def has_class(self, name: str) -> bool:
        return name in self.attribute("class").split()


@dataclass(frozen=True, slots=True)
class Page:
    """What a person would read of a page."""

    title: str
    text: str


def pieces(markup: str) -> Iterator[Tag | str]:
    """Yield tags and the text between them, comments and declarations left out; at most `MAX_PIECES`."""
    return islice(_scanned(markup), MAX_PIECES)


def unescaped(text: str) -> str:
    """Text with resolved character references such as `&amp;` and `&#8364;`, of any length."""
    return unescape(_LONG_REFERENCE.sub(_shortened, text))


def _shortened(reference: re.Match[str]) -> str:
    """Same reference in 8 digits: Python reads no more than 4,300, and no character has a larger number."""
    digits = (reference[1] or reference[2]).lstrip("0")[:8] or "0"
    return f"&#{'x' if reference[2] else ''}{digits};"


def _scanned(markup: str) -> Iterator[Tag | str]:
    at = 0
    while (start := markup.find("<", at)) >= 0:
        if start > at:
            yield unescaped(markup[at:start])
        if markup.startswith("<!--", start):
            at = _after(markup, "-->", start + 4)
            continue
        name = _NAME.match(markup, start + 1)
        if name is None and markup[start + 1 : start + 2] not in {"!", "?"}:
            yield "<"
            at = start + 1
            continue
        at = _after(markup, ">", start)
        if name is not None:
            yield Tag(name[0].lower(), markup[name.end() : at - 1])
    if at < len(markup):
        yield unescaped(markup[at:])


def readable(html: str) -> Page:
    """Title and text of an HTML page, a line for each block."""
    title, text = "", []
    parts = pieces(html)
    for part in parts:
        if isinstance(part, str):
            text.append(part.replace("\n", " "))
        elif part.name == "title" and not title:
            title = inner_text(parts, "/title")
        elif part.name in _SILENT:
            title = _skipped(parts, part.name, title)
        else:
            text.append(_break(part.name))
    return Page(title.strip(), "".join(text))


def _skipped(parts: Iterator[Tag | str], name: str, title: str) -> str:
    """Skip an element; returns the title in it, or else `title`."""
    for part in parts:
        if isinstance(part, Tag) and part.name == f"/{name}":
            break
        if isinstance(part, Tag) and part.name == "title" and name == "head" and not title:
            title = inner_text(parts, "/title")
        if isinstance(part, Tag) and part.name == "body" and name == "head":
            break
    return title


def inner_text(parts: Iterator[Tag | str], end: str) -> str:
    """Text up to a closing tag, `/a` for example; nested markup is removed."""
    text = []
    for part in parts:
        if isinstance(part, Tag):
            if part.name == end:
                break
            continue
        text.append(part)
    return "".join(text)


def _break(name: str) -> str:
    if name.lstrip("/") in _BLOCKS:
        return "\n- " if name == "li" else "\n"
    return " " if name in {"td", "th"} else ""


def _after(markup: str, end: str, start: int) -> int:
    found = markup.find(end, start)
    return len(markup) if found < 0 else found + len(end)
