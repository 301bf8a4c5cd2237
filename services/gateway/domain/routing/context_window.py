"""The context window of a profile or an expert: a bound for prompt and answer together."""

from dataclasses import replace

from libs.contracts.question import Question
from services.gateway.domain.errors import RequestRefused, prompt_too_long
from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.question.request_tokens import request_tokens
from services.gateway.domain.question.token_estimate import MESSAGE_TOKENS, text_tokens
from services.gateway.domain.routing.decide import Decision, ToFleet, ToModel


def window_of(decision: Decision) -> int:
    """The window of a request, in tokens; 0: unbounded."""
    return decision.window if isinstance(decision, ToFleet) else decision.options.window


def fit_to_window(request: InferenceRequest, decision: Decision) -> Decision:
    """Fit the decision into its window. Linear in the length of the request. Raises RequestRefused (400).

    The fleet's history is shortened. A prompt that cannot be shortened is rejected with the message that makes coding
    agents shorten the conversation.
    """
    if isinstance(decision, ToFleet):
        return replace(decision, question=_shortened(decision.question, decision.window))
    return _bounded(request, decision)


def _shortened(question: Question, window: int) -> Question:
    """The newest turns that fit stay."""
    taken = _tokens(question.text) + _tokens(question.instructions)
    if taken >= window:
        raise RequestRefused(prompt_too_long(taken, window))
    for count in range(len(question.history), -1, -1):
        newest = question.history[len(question.history) - count :]
        if taken + sum(_tokens(turn.text) for turn in newest) < window:
            return question.model_copy(update={"history": newest})
    raise AssertionError("without any turn it fits")


def _bounded(request: InferenceRequest, decision: ToModel) -> ToModel:
    """Messages about tools depend on each other, so all of them stay; the answer gets the rest of the window."""
    manner = decision.options
    taken = request_tokens(request.raw) + _tokens(manner.prompt)
    if (left := manner.window - taken) <= 0:
        raise RequestRefused(prompt_too_long(taken, manner.window))
    return replace(decision, options=replace(manner, max_tokens=min(manner.max_tokens or left, left)))


def _tokens(text: str) -> int:
    return MESSAGE_TOKENS + text_tokens(text) if text else 0
