"""Pieces of one-line summaries of messages. Each free text is cut; line breaks and control characters stay in."""

from libs.core.text import capped

TEXT_LIMIT = 72  # characters of a free text


def quoted(text: str) -> str:
    return f'"{capped(text, TEXT_LIMIT)}"'


def in_parentheses(note: str) -> str:
    """A note to append, with a space before it; nothing for an empty one."""
    return f" ({capped(note, TEXT_LIMIT)})" if note else ""


def cancelled(reason: str) -> str:
    return f"cancelled: {capped(reason, TEXT_LIMIT)}"
