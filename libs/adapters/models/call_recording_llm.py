"""An `LLM` that records every model call, also interrupted ones."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace

from libs.adapters.models.openai_chat.wire import estimated_usage
from libs.contracts.model_call import BROKEN_OFF, ModelCall, Usage
from libs.core.generation_rates import GenerationRates, estimated_answer
from libs.ports.llm import LLM, Completion, ModelRefused, ModelRequest, ModelTimeout, ModelUnavailable, TextDelta
from libs.ports.model_calls import prompt_sha256, record_call
from libs.runtime.delivery.call_recorder import add_call


class CallRecordingLLM:
    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self._rates = GenerationRates()

    async def complete(self, request: ModelRequest) -> Completion:
        with self._recording(request) as call:
            return call.complete(await self._llm.complete(request))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        with self._recording(request) as call:
            async with aclosing(self._llm.stream(request)) as pieces:
                async for piece in pieces:
                    yield call.complete(piece) if isinstance(piece, Completion) else call.receive(piece)

    @contextmanager
    def _recording(self, request: ModelRequest) -> Iterator["_Call"]:
        """Record the call when it ends, except when the server refuses it or is unreachable; a timeout is recorded."""
        call, is_made = _Call(request), True
        try:
            yield call
        except (ModelRefused, ModelUnavailable) as error:
            is_made = isinstance(error, ModelTimeout)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            call.abort(self._rates.tokens_per_s(request.ref))
            raise
        finally:
            if is_made:
                self._close(call)

    def _close(self, call: "_Call") -> None:
        call.took_s = asyncio.get_running_loop().time() - call.started
        add_call(call.id, call.as_model_call)
        if (whole := call.completion) is not None and not whole.usage.estimated:
            self._rates.observe(call.request.ref, whole.usage.completion_tokens, whole.duration_s)


@dataclass(slots=True)
class _Call:
    """One call in flight.

    `characters` counts the answer text received so far. `unseen_tokens` estimates the tokens generated since the last
    chunk.
    """

    request: ModelRequest
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    characters: int = 0
    unseen_tokens: int = 0
    completion: Completion | None = None
    took_s: float = 0.0
    started: float = field(init=False)
    _received_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self._received_at = asyncio.get_running_loop().time()

    def receive(self, piece: TextDelta) -> TextDelta:
        self.characters += len(piece.text)
        self._received_at = asyncio.get_running_loop().time()
        return piece

    def abort(self, tokens_per_s: float) -> None:
        self.unseen_tokens = int((asyncio.get_running_loop().time() - self._received_at) * tokens_per_s)

    def complete(self, completion: Completion) -> Completion:
        self.completion = replace(completion, call_id=self.id)
        return self.completion

    def as_model_call(self) -> ModelCall:
        if self.completion is not None:
            return record_call(self.request, self.completion)
        # An interrupted call has no reported usage, so estimate its prompt and answer tokens.
        usage = estimated_usage(self.request.messages, self.characters)
        answered = estimated_answer(self.characters, self.unseen_tokens, self.request.max_tokens or 0)
        return ModelCall(
            stage=self.request.stage,
            model=self.request.ref.model,
            server=self.request.ref.server,
            prompt_sha256=prompt_sha256(self.request),
            usage=Usage(prompt_tokens=usage.prompt_tokens, completion_tokens=answered),
            duration_ms=round(self.took_s * 1000),
            finish_reason=BROKEN_OFF,
            usage_estimated=True,
            id=self.id,
        )
