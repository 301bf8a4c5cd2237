"""Finds the grammars that a text can match: those of which it contains a cue."""

from collections.abc import Sequence

_START = 3  # letters of a cue that are looked up before the cue is searched for


class CueIndex:
    """Grammars by their cues, pieces of lower-case text. Only cues whose first letters occur are searched for."""

    def __init__(self, cues: Sequence[tuple[str, ...]]) -> None:
        """`cues` of each grammar, in the order of the grammars."""
        owners: dict[str, list[int]] = {}
        for grammar, of_one in enumerate(cues):
            for cue in of_one:
                owners.setdefault(cue, []).append(grammar)
        self._short = [(cue, grammars) for cue, grammars in owners.items() if len(cue) < _START]
        self._long: dict[str, list[tuple[str, list[int]]]] = {}
        for cue, grammars in owners.items():
            if len(cue) >= _START:
                self._long.setdefault(cue[:_START], []).append((cue, grammars))

    def candidates(self, text: str) -> list[int]:
        """Indices of the grammars of which a cue is in the text, in order."""
        found = {grammar for cue, grammars in self._short if cue in text for grammar in grammars}
        starts = {text[index : index + _START] for index in range(len(text) - _START + 1)}
        for start in starts & self._long.keys():
            for cue, grammars in self._long[start]:
                if cue in text:
                    found.update(grammars)
        return sorted(found)
