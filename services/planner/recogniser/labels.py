"""Labels of two texts: `old:` and `new:`, `--- before ---`, `Version 1`, `This is the text after the review:`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ANY_CASE = re.IGNORECASE
_OLD = (
    r"old(?:er)?|previous(?:ly)?|prior|former|original(?:e[rns]?|ly)?|before|first|left|initial|base(?:line)?|yesterday"
    r"|alte?[rnms]?|vorher(?:ige[rns]?)?|bisher(?:ige[rns]?)?|ursprünglich(?:e[rnms]?)?|ursprung|frühere?[rns]?|zuvor|davor"
    r"|erste[rns]?|links|gestern|ausgangs(?:text|version|fassung|lage)"
)
_NEW = (
    r"new(?:er)?|updated?|current|after(?:wards)?|changed|edited|revised|modified|latest|second|right|now|today"
    r"|neue?[rnms]?|nachher|jetzt|jetzige[rns]?|geändert\w*|überarbeitet\w*|aktualisiert\w*|aktuell\w*|danach|zweite[rns]?"
    r"|rechts|heute|korrigiert\w*|bearbeitet\w*"
)
_NOUN = (
    r"versions?|texte?|text|files?|drafts?|lists?|copy|config(?:uration)?|state|content|contents|lines|block|snippet|output"
    r"|fassung|liste|datei|entwurf|stand|inhalt|absatz|variante|konfiguration|zustand|v|code|input|paragraph|revision|rev"
)
_FIRST, _SECOND = r"(?:1|a|i|one|eins)", r"(?:2|b|ii|two|zwei)"
_ARTICLE = r"(?:(?:the|my|our|his|her|their|die|der|das|den|dem|meine?|unsere?|ihre?|seine?|im|in|am) )?"
_NAMES = {"old": (_OLD, _FIRST), "new": (_NEW, _SECOND)}
STRICT = {
    side: rf"{_ARTICLE}(?:(?:{name})(?: (?:{_NOUN}))?|(?:{_NOUN})[ _-]?{count}|(?:{_NOUN}) \(?(?:{name})\)?)"
    for side, (name, count) in _NAMES.items()
}
_STRICT = {side: re.compile(pattern, _ANY_CASE) for side, pattern in STRICT.items()}
_LETTERS = {side: re.compile(count, _ANY_CASE) for side, (_, count) in _NAMES.items()}
_LOOSE = {side: re.compile(rf"(?<!\w)(?:{name})(?!\w)", _ANY_CASE) for side, (name, _) in _NAMES.items()}
_LABEL = re.compile(
    r"(?P<before>[\s>*#=_~+|\[(<-]*)(?P<label>[^\n:]{1,60}?)(?P<after>[\s*#=_~+|\])>-]*)"
    r"(?P<colon>:[*_]*(?P<rest>(?:[ \t].*)?))?"
)
_SIGNS = " *#_-=:"
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Label:
    """The line of a label, its side, and the text after it in its line."""

    place: int
    side: str
    rest: str


def side_of(label: str) -> str:
    """`old` or `new` for a label; nothing for another text."""
    return next((side for side, pattern in _STRICT.items() if pattern.fullmatch(label.strip(_SIGNS))), "")


def labels_of_two(lines: Sequence[str], is_request: Callable[[str], object]) -> tuple[Label, Label] | None:
    """The only label of each side, in written order."""
    strict = _strict_labels(lines)
    return _pair_of(strict) or _pair_of([*strict, *_loose_labels(lines, strict)]) or _other_labels(lines, is_request)


def _strict_labels(lines: Sequence[str]) -> list[Label]:
    """`old:`, `new: text`, `--- before ---`, `Version 1`, `+++ b`."""
    found = []
    for place, line in enumerate(lines):
        label = _LABEL.fullmatch(line)
        if label is None:
            continue
        is_marked = bool(label["colon"] or label["before"].strip() or label["after"].strip())
        rest = (label["rest"] or "").strip()
        for side, pattern in _STRICT.items():
            if pattern.fullmatch(label["label"]) or (is_marked and _LETTERS[side].fullmatch(label["label"])):
                found.append(Label(place, side, rest))
    return found


def _loose_labels(lines: Sequence[str], strict: Sequence[Label]) -> list[Label]:
    """`This is the old version:`, alone in its line."""
    found = []
    for place, line in enumerate(lines):
        if not line.rstrip(" *_").endswith(":") or len(line.split()) > _MOST_WORDS:
            continue
        sides = [side for side, pattern in _LOOSE.items() if pattern.search(line)]
        if len(sides) == 1 and all(label.place != place for label in strict):
            found.append(Label(place, sides[0], ""))
    return found


def _pair_of(labels: list[Label]) -> tuple[Label, Label] | None:
    """The labels if there is one of each side."""
    labels = sorted(labels, key=lambda label: label.place)
    return (labels[0], labels[1]) if sorted(label.side for label in labels) == ["new", "old"] else None


def _other_labels(lines: Sequence[str], is_request: Callable[[str], object]) -> tuple[Label, Label] | None:
    """The only two lines that end in a colon, after blank lines: `Production:` and `Staging:`."""
    ends = [place for place, line in enumerate(lines) if line.rstrip(" *_").endswith(":")]
    ends = [place for place in ends if not is_request(lines[place])]
    are_labels = all(
        len(lines[place].split()) <= _MOST_WORDS and (not place or not lines[place - 1].strip()) for place in ends
    )
    return (Label(ends[0], "old", ""), Label(ends[1], "new", "")) if len(ends) == 2 and are_labels else None
