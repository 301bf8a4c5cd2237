"""Selects the few tools that a question may need, without a model: by its words and by patterns in it."""

from collections.abc import Sequence

from libs.contracts.tool_catalogue import OfferedTool
from services.planner.shortlist.features import features_of
from services.planner.shortlist.index import Index
from services.planner.shortlist.words import words_of

__all__ = ["MAX_OFFERED", "Shortlist"]

MAX_OFFERED = 8
MAX_SHAPES = 2_000  # characters searched for addresses, formulas and similar patterns
LEAST_SHARE = 0.75  # of the score for one keyword of a single tool; lower scores come from everyday words
OF_A_FEATURE = 0.8


class Shortlist:
    """`Shortlist(catalogue).fitting("Is 97 prime?", permitted)`."""

    def __init__(self, tools: Sequence[OfferedTool]) -> None:
        self._index = Index(tools)
        self._least = LEAST_SHARE * self._index.of_one_keyword()

    def fitting(self, question: str, permitted: Sequence[OfferedTool]) -> tuple[OfferedTool, ...]:
        """At most `MAX_OFFERED` of the permitted tools, best first; none if none fits. Deterministic.

        Returns `permitted` unchanged if it holds no more than that.
        """
        if len(permitted) <= MAX_OFFERED:
            return tuple(permitted)
        words = dict.fromkeys(words_of(question), 1.0)
        for feature in features_of(question[:MAX_SHAPES]):
            for word in words_of(feature):
                words[word] = words.get(word, 0.0) + OF_A_FEATURE
        by_name = {tool.name: tool for tool in permitted}
        ranked = self._index.ranked(words, by_name)
        return tuple(by_name[name] for score, name in ranked[:MAX_OFFERED] if score >= self._least)
