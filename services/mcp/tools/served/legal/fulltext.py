"""Full-text search in the norms of a law."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.mcp.tools.served.legal.law import Norm
from services.mcp.tools.served.legal.names import folded

_AROUND = 140


@dataclass(frozen=True, slots=True)
class Hit:
    """A norm that contains all search terms."""

    norm: Norm
    occurrences: int
    context: str


def hits_in(norms: Iterable[Norm], words: list[str]) -> list[Hit]:
    """Norms whose heading and text hold every word, those with most occurrences first."""
    found = [hit for norm in norms if (hit := _hit(norm, words)) is not None]
    return sorted(found, key=lambda hit: -hit.occurrences)


def _hit(norm: Norm, words: list[str]) -> Hit | None:
    written = f"{norm.title}\n{norm.text}"
    text = folded(written)
    counts = [text.count(word) for word in words]
    if not counts or not all(counts):
        return None
    return Hit(norm, sum(counts), _context(norm.text or norm.title, words))


def _context(text: str, words: list[str]) -> str:
    """Text around the first of the words; it is searched as written, because folding lengthens text."""
    pattern = "|".join(_as_written(word) for word in words)
    found = re.search(pattern, text, re.IGNORECASE)
    at = found.start() if found else 0
    start, end = max(at - _AROUND, 0), min(at + _AROUND, len(text))
    context = " ".join(text[start:end].split())
    return ("… " if start else "") + context + (" …" if end < len(text) else "")


def _as_written(word: str) -> str:
    """Pattern for a folded word in text that is not folded."""
    return word.replace("ae", "(?:ae|ä)").replace("oe", "(?:oe|ö)").replace("ue", "(?:ue|ü)").replace("ss", "(?:ss|ß)")
