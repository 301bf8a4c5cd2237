"""A quantity and a unit in any order of words; the unit rules validate both."""

import re
from collections.abc import Iterator

from services.planner.recogniser.families.units import UNITS
from services.planner.recogniser.filler import is_filler, tongue_of_filler, words
from services.planner.recogniser.phrasing import UnwrappedQuestion

_QUANTITY = re.compile(r"(?<![\w.,#/+*^-])(-?\d+(?:[.,]\d+)*) ?(?=[^\W\d_]|[°µ])")
_SUBSTANCE = re.compile(r"(?<=[^\W\d_]) of [^\W\d_]{3,12}(?= (?:is|are|in|to|into)\b)")
_BREAK = re.compile(r"->|=>|→|[=?:,;]|(?<=[\w²³]) - ")
_EXTRA = words(
    "how convert converted turn change express rechne rechnen umrechnen umgerechnet wandle umwandeln um mach"
    " mache machen aus expressed length distance weight mass volume temperature height width size equivalent"
    " gewicht länge strecke temperatur höhe breite tempo geschwindigkeit druck reifendruck luftdruck backofen ofen"
    " oven speed pressure preheat flour sugar milk butter mehl zucker milch"
)
_SCALE = re.compile(r"(?:°|degrees? |deg |grad )?([cf])(?:elsius|ahrenheit)?", re.IGNORECASE)
_MOST_WORDS = 14
_MOST_OF_A_UNIT = 3


def rewritten(asked: UnwrappedQuestion) -> UnwrappedQuestion | None:
    """`5 km in m` for a question that has one quantity, one other unit, and filler."""
    asked = _without_substance(asked)
    found = _QUANTITY.search(asked.core)
    if found is None or asked.literals or len(asked.core.split()) > _MOST_WORDS:
        return None
    before = _groups(asked.written[: found.start()])
    after = _groups(asked.written[found.end() :], starts=True)
    if before is None or after is None:
        return None
    return next((form for form in _forms(found[1], before, after, asked) if UNITS.recognise(form) is not None), None)


def _without_substance(asked: UnwrappedQuestion) -> UnwrappedQuestion:
    """`250 grams in ounces` for `250 grams of flour in ounces`."""
    written = _SUBSTANCE.sub("", asked.written)
    return (
        asked
        if written == asked.written
        else UnwrappedQuestion(written.lower(), written, asked.literals, written.lower())
    )


def _forms(amount: str, before: list[str], after: list[str], asked: UnwrappedQuestion) -> Iterator[UnwrappedQuestion]:
    groups = [*before, *after[1:]]
    pairs = [(after[0], groups[0])] if len(groups) == 1 and after else []
    if not groups and len(after) == 1:
        words = after[0].split(" ")
        pairs = [(" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))]
    for source, target in map(_degrees, pairs):
        written = _in_its_tongue(f"{amount} {source} in {target}", asked)
        yield UnwrappedQuestion(written.lower(), written, (), written.lower())


def _degrees(pair: tuple[str, str]) -> tuple[str, str]:
    """`C` and `F` side by side are not coulomb and farad."""
    scales = [_SCALE.fullmatch(name) for name in pair]
    both = [f"°{scale[1].upper()}" for scale in scales if scale is not None]
    return (both[0], both[1]) if len(both) == 2 else pair


def _in_its_tongue(conversion: str, asked: UnwrappedQuestion) -> str:
    tongues = {tongue_of_filler(word) for word in asked.core.split()} - {None}
    if tongues == {"de"}:
        return f"was ist {conversion}"
    return f"what is {conversion}" if tongues == {"en"} else conversion


def _groups(text: str, *, starts: bool = False) -> list[str] | None:
    """Groups of adjacent words that are not filler; None if a group is longer than a unit."""
    groups: list[list[str]] = [[]]
    for place, word in enumerate(_BREAK.sub(" \ue000 ", text).split()):
        plain = word.lower().strip("().!")
        is_unit = starts and place == 0
        if not is_unit and (plain == "\ue000" or plain in _EXTRA or is_filler(plain)):
            groups += [[]] if groups[-1] else []
        elif plain:
            groups[-1].append(word.strip("().!"))
    kept = [" ".join(group) for group in groups if group]
    return None if any(len(group) > 2 * _MOST_OF_A_UNIT for group in groups) else kept
