"""Text rules that several services share."""

import re

_THINK = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)
_LEFT_OUT = "\n[…]\n"
_MIN_CHARS = 30
_WORD = re.compile(r"[a-zäöüß]+")
_GERMAN = frozenset(
    _WORD.findall(
        "der die das und ist nicht ein eine einen mit für auf wie was wer wo wann warum ich du wir ihr sie mein meine "
        "kann soll muss darf haben hat bin sind wird werden von zu im am bei nach über oder aber auch noch bitte viele"
    )
)


def without_thinking(text: str) -> str:
    """Remove the `<think>…</think>` blocks of reasoning models; an unclosed block to the end."""
    return _THINK.sub("", text).strip()


def capped(text: str, limit: int) -> str:
    """At most `limit` characters: cut at a word if one ends in the last fifth, marked by an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 4 // 5 else cut) + "…"


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters: two thirds from the beginning, the rest from the end, `[…]` between them."""
    if len(text) <= limit:
        return text
    available = limit - len(_LEFT_OUT)
    if available < _MIN_CHARS:
        return capped(text, limit) if limit > 0 else ""
    head, tail = text[: available - available // 3], text[len(text) - available // 3 :]
    return f"{_to_a_word(head)}{_LEFT_OUT}{_to_a_word(tail[::-1])[::-1]}"


def _to_a_word(text: str) -> str:
    """Cut the end of a text at a word, if one ends in the last fifth."""
    space = text.rfind(" ")
    return text[:space] if space > len(text) * 4 // 5 else text


def looks_german(text: str) -> bool:
    """True if a German function word occurs with an umlaut, or a fifth of the words are German function words."""
    lowered = text.lower()
    words = _WORD.findall(lowered)
    if not words:
        return False
    hits = sum(word in _GERMAN for word in words)
    return hits * 5 >= len(words) or (hits > 0 and any(letter in lowered for letter in "äöüß"))
