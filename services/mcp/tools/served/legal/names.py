"""How people name laws and paragraphs, and how the portal does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.mcp.tools.served.legal.law import Norm

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SIGNS = re.compile(r"^(§+|art\.?|artikel|paragraph(en)?|paragraf(en)?)\s*(?=\d|[ivxl]+\b)", re.IGNORECASE)
_RANGE = re.compile(r"(?P<first>\d+)\s*[a-z]?\s*(bis|und|-)\s*(?P<last>\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Listed:
    """A law of the mirror: its folder and its names."""

    folder: str
    abbreviation: str
    official_abbreviation: str
    title: str
    short_title: str


def folded(text: str) -> str:
    """Lower case, umlauts written out."""
    return text.casefold().translate(_FOLDED)


def words_of(text: str) -> list[str]:
    return [word for word in _NOT_WORD.split(folded(text)) if word]


def key_of(name: str) -> str:
    """Common key of the spellings of a name: `SGB 5`, `sgb_5` and `SGB-5` are one."""
    return _NOT_WORD.sub("", folded(name))


def designation_key(designation: str) -> str:
    """Common key of `§ 242`, `§242` and `242`, or of `Art 1`, `Art. 1` and `Artikel 1`."""
    return key_of(_SIGNS.sub("", designation.strip()))


def find_norm(norms: Iterable[Norm], designation: str) -> Norm | None:
    """Norm of a designation: its own, else one for a range of norms, as `§§ 3 bis 5`."""
    wanted = designation_key(designation)
    ranges: list[Norm] = []
    for norm in norms:
        if designation_key(norm.designation) == wanted:
            return norm
        if _within(norm.designation, wanted):
            ranges.append(norm)
    return ranges[0] if ranges else None


def ranked(laws: Iterable[Listed], query: str) -> list[Listed]:
    """Laws that match a query, the likeliest first: by abbreviation, then by the words of titles."""
    key, words = key_of(query), words_of(query)
    scored = [(_score(law, key, words), law) for law in laws] if key else []
    scored = [(score, law) for score, law in scored if score]
    return [law for _, law in sorted(scored, key=lambda one: (-one[0], len(one[1].title), one[1].folder))]


def _score(law: Listed, key: str, words: list[str]) -> int:
    short = {key_of(law.abbreviation), key_of(law.official_abbreviation), key_of(law.folder)} - {""}
    if key in short:
        return 100
    titles = folded(f"{law.title} {law.short_title}")
    if key in (key_of(law.title), key_of(law.short_title)):
        return 90
    if all(word in titles for word in words):
        whole = set(words_of(titles))
        return 50 + sum(word in whole for word in words)
    return 30 if len(key) > 1 and any(name.startswith(key) for name in short) else 0


def _within(designation: str, wanted: str) -> bool:
    found = _RANGE.search(designation)
    if found is None or not _NUMBER.fullmatch(wanted):
        return False
    return int(found["first"]) <= int(wanted) <= int(found["last"])
