"""Ranks tools by the words of a question: Okapi BM25 over both languages at once.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009. Without length normalisation, so
that many keywords do not lower a tool's score.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log

from libs.contracts.tool_catalogue import OfferedTool
from services.planner.shortlist.words import SHORTEST_PART, SHORTEST_REST, words_of

SATURATION = 1.2  # k1
NAME, KEYWORD, PURPOSE = 2.0, 2.0, 0.7  # weight of a word by its field
PART_OF_COMPOUND = 0.8


class Index:
    """Weights of words by tool, from names, keywords and purposes."""

    def __init__(self, tools: Sequence[OfferedTool]) -> None:
        counts = {tool.name: _counts(tool) for tool in tools}
        containing: dict[str, int] = defaultdict(int)
        for words in counts.values():
            for word in words:
                containing[word] += 1
        self._order = {tool.name: place for place, tool in enumerate(tools)}
        self._tools = len(tools)
        self._weights: dict[str, dict[str, float]] = defaultdict(dict)
        for name, words in counts.items():
            for word, count in words.items():
                self._weights[word][name] = self._weight(containing[word], count)

    def of_one_keyword(self) -> float:
        """The score for one keyword that a single tool has: the unit of all scores."""
        return self._weight(1, KEYWORD)

    def ranked(self, words: Mapping[str, float], among: Collection[str]) -> list[tuple[float, str]]:
        """Score and name of the tools that have any of the words, best first."""
        scores: dict[str, float] = defaultdict(float)
        for word, importance in words.items():
            for known, share in self._known(word):
                for name, weight in self._weights[known].items():
                    scores[name] += importance * share * weight
        found = [(score, name) for name, score in scores.items() if name in among]
        return sorted(found, key=lambda pair: (-pair[0], self._order[pair[1]]))

    def _weight(self, containing: int, count: float) -> float:
        rare = log(1 + (self._tools - containing + 0.5) / (containing + 0.5))
        return rare * count * (SATURATION + 1) / (count + SATURATION)

    def _known(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the word, else its longest indexed prefix and suffix, as parts of a compound."""
        if word in self._weights:
            yield word, 1.0
            return
        for length in range(len(word) - SHORTEST_REST, SHORTEST_PART - 1, -1):
            if word[:length] in self._weights:
                yield word[:length], PART_OF_COMPOUND
                break
        for length in range(len(word) - SHORTEST_REST, SHORTEST_PART - 1, -1):
            if word[-length:] in self._weights:
                yield word[-length:], PART_OF_COMPOUND
                break


def _counts(tool: OfferedTool) -> dict[str, float]:
    counts: dict[str, float] = defaultdict(float)
    parts = (
        (NAME, tool.name.replace("_", " ")),
        (KEYWORD, f"{tool.keywords.en} {tool.keywords.de}"),
        (PURPOSE, f"{tool.purpose.en} {tool.purpose.de}"),
    )
    for weight, text in parts:
        for word in words_of(text):
            counts[word] += weight
    return counts
