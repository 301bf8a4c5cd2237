"""Generation rate of each model; the charge of an aborted call depends on it."""

from collections import OrderedDict
from collections.abc import Hashable

from libs.core.token_counts import tokens_of

TOKENS_PER_S = 50.0  # default of an unmeasured model: a mid-size one on one accelerator
MOST_MODELS = 256  # clients choose the names of a node's models
LEAST_TOKENS = 16  # shorter answers measure the prompt rather than the rate
_WEIGHT = 0.2


class GenerationRates:
    """Tokens per second of each model: a moving average over whole answers with token counts of the server."""

    def __init__(self) -> None:
        self._rates: OrderedDict[Hashable, float] = OrderedDict()

    def tokens_per_s(self, model: Hashable) -> float:
        """TOKENS_PER_S before the first answer of a model."""
        return self._rates.get(model, TOKENS_PER_S)

    def observe(self, model: Hashable, tokens: int, seconds: float) -> None:
        """Add a whole answer of `tokens` that took `seconds`, prompt included. Ignores answers below LEAST_TOKENS."""
        if tokens < LEAST_TOKENS or seconds <= 0:
            return
        rate, before = tokens / seconds, self._rates.get(model)
        self._rates[model] = rate if before is None else before + _WEIGHT * (rate - before)
        self._rates.move_to_end(model)
        if len(self._rates) > MOST_MODELS:
            self._rates.popitem(last=False)


def estimated_answer(characters: int, unseen_tokens: int = 0, most_tokens: int = 0) -> int:
    """Estimated tokens of a partial answer: one per four received `characters`, rounded up, plus `unseen_tokens`.

    `unseen_tokens` is the model's possible output since then. `most_tokens` bounds the sum, never the received part; 0:
    no bound.
    """
    received = tokens_of(characters)
    answer = received + unseen_tokens
    return max(received, min(answer, most_tokens)) if most_tokens else answer
