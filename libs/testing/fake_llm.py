"""A fake model with scripted answers, in the order of the calls."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from libs.core.errors import FleetError
from libs.ports.llm import Completion, FinishReason, ModelRequest, TextDelta, TokenUsage

USAGE = TokenUsage(prompt_tokens=10, completion_tokens=5)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, streamed in pieces of `piece_chars`. With `error` the call fails: a stream after all of its text."""

    text: str = ""
    finish_reason: FinishReason = "stop"
    usage: TokenUsage = USAGE
    piece_chars: int = 7
    error: FleetError | None = None

    def completion(self, model: str) -> Completion:
        return Completion(self.text, self.finish_reason, self.usage, model, duration_s=0.25)


class FakeLLM:
    """Port `LLM`. Every call takes the next answer; `requests` holds all requests."""

    def __init__(self, *answers: Answer | str) -> None:
        self._answers = [Answer(answer) if isinstance(answer, str) else answer for answer in answers]
        self.requests: list[ModelRequest] = []

    async def complete(self, request: ModelRequest) -> Completion:
        """Next answer. Raises its error."""
        answer = self._next(request)
        if answer.error is not None:
            raise answer.error
        return answer.completion(request.ref.model)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        """Yield the next answer in pieces, then its completion or its error."""
        answer = self._next(request)
        for start in range(0, len(answer.text), answer.piece_chars):
            yield TextDelta(answer.text[start : start + answer.piece_chars])
        if answer.error is not None:
            raise answer.error
        yield answer.completion(request.ref.model)

    def _next(self, request: ModelRequest) -> Answer:
        self.requests.append(request)
        if len(self.requests) > len(self._answers):
            raise AssertionError(f"call {len(self.requests)} was not expected: {request.messages[-1].content[:200]}")
        return self._answers[len(self.requests) - 1]
