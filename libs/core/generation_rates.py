"""How fast each model writes: what an aborted call is charged for follows from it."""

from collections import OrderedDict
from collections.abc import Hashable

from libs.core.token_counts import tokens_of

TOKENS_PER_S = 50.0  # of a model that nothing is known about: a mid-size model on one accelerator
MOST_MODELS = 256  # clients name models of a node freely
LEAST_TOKENS = 16  # shorter answers measure the prompt rather than the rate
_WEIGHT = 0.2


class GenerationRates:
    """Tokens per second of each model: a moving average over whole answers whose tokens the server counted."""

    def __init__(self) -> None:
        self._rates: OrderedDict[Hashable, float] = OrderedDict()

    def tokens_per_s(self, model: Hashable) -> float:
        """Return the rate of a model, TOKENS_PER_S before its first answer."""
        return self._rates.get(model, TOKENS_PER_S)

    def observe(self, model: Hashable, tokens: int, seconds: float) -> None:
        """Add a whole answer of `tokens` that took `seconds`, prompt included."""
        if tokens < LEAST_TOKENS or seconds <= 0:
            return
        rate, before = tokens / seconds, self._rates.get(model)
        self._rates[model] = rate if before is None else before + _WEIGHT * (rate - before)
        self._rates.move_to_end(model)
        if len(self._rates) > MOST_MODELS:
            self._rates.popitem(last=False)


def estimated_answer(characters: int, unseen_tokens: int = 0, most_tokens: int = 0) -> int:
    """Return the tokens of an answer of which `characters` were heard, a token for every four, rounded up.

    `unseen_tokens` are what the model had time to write besides; the answer has `most_tokens` with them, 0: no bound.
    """
    heard = tokens_of(characters)
    answer = heard + unseen_tokens
    return max(heard, min(answer, most_tokens)) if most_tokens else answer
