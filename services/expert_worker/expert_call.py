"""One model call for one part, streamed."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from libs.contracts.expert import AskExpert, AskExpertT1
from libs.contracts.finding import Confidence, Finding
from libs.contracts.part_sources import EXPERT
from libs.contracts.progress import CandidateOpened, PartCompleted
from libs.contracts.staffing import ModelRef
from libs.core.clock import Clock
from libs.core.errors import Rejected
from libs.core.nonces import new_nonce
from libs.ports.deltas import DeltaWriter, NoDeltas
from libs.ports.llm import LLM, Completion, ModelRequest, TextDelta
from libs.ports.model_calls import record_call
from libs.runtime.messaging.delta_coalescer import DeltaCoalescer
from libs.runtime.settings.model_catalogue import ModelCatalogue
from services.expert_worker.domain.draft import Draft
from services.expert_worker.domain.prompt import ExpertPrompt, max_tokens_of, temperature_of
from services.expert_worker.domain.tiers import standing

MIN_TIMEOUT_S = 0.1


class EmptyAnswer(Rejected):
    """The model returned no text, or reached its token limit before the answer began."""

    code = "empty_answer"


@dataclass(frozen=True)
class Deps:
    """`timeout_s` bounds one call, in seconds; `nonce` keeps a repeated call out of the first call's stream."""

    llm: LLM
    catalogue: ModelCatalogue
    deltas: DeltaWriter
    prompt: ExpertPrompt
    clock: Clock
    timeout_s: float
    nonce: Callable[[], str] = field(default=new_nonce)


class ExpertCall:
    """One model call for one part. After `run`, `opened` is True if it was streamed; `completed` returns its result."""

    def __init__(self, command: AskExpert, ref: ModelRef, deps: Deps) -> None:
        self._ask = command
        self._deps = deps
        self._plain = command.plain or deps.catalogue.is_small(ref)
        self._draft = Draft(command, plain=self._plain)
        self._request = _request(command, ref, deps, plain=self._plain)
        self._completion: Completion | None = None
        self._stream = f"{command.part}.{deps.nonce()}"

    @property
    def opened(self) -> bool:
        return self._draft.opened

    async def run(self) -> AsyncIterator[CandidateOpened]:
        """Receive the answer; yield once if it becomes a candidate. Raises the model port's errors."""
        if not self._ask.candidate:  # not streamed to the user
            self._receive_whole(await self._deps.llm.complete(self._request))
            return
        response_id = self._ask.envelope.response_id
        writer = self._deps.deltas if self._ask.question.streamed else NoDeltas()
        async with (
            DeltaCoalescer(writer, response_id, self._stream) as deltas,
            aclosing(self._deps.llm.stream(self._request)) as pieces,
        ):
            async for piece in pieces:
                was_open = self.opened
                deltas.feed(self._receive(piece))
                if self.opened and not was_open:
                    confidence: Confidence = "medium" if self._plain else "high"
                    yield CandidateOpened(part=self._ask.part, confidence=confidence, stream=self._stream)

    def completed(self, first: Finding | None = None) -> PartCompleted:
        """Complete the part; a more confident `first` finding stands. Raises EmptyAnswer."""
        return PartCompleted(
            part=self._ask.part,
            part_kind=EXPERT.kind,
            category=self._ask.category,
            finding=standing(first, self.finding()),
            stream=self._stream if self.opened else "",
        )

    def finding(self) -> Finding:
        """Raises EmptyAnswer."""
        reading, completion, ref = self._draft.parsed(), self._completion, self._request.ref
        if completion is None or not reading.details.strip():
            raise EmptyAnswer(f"{ref.model!r} on model server {ref.server!r} gave an empty answer")
        return Finding(
            text=reading.details,
            headline=reading.headline,
            confidence=reading.confidence,
            source=str(ref),
            calls=(record_call(self._request, completion),),
            truncated=completion.finish_reason == "length",
        )

    def _receive_whole(self, completion: Completion) -> None:
        self._draft.feed(completion.text)
        self._receive(completion)

    def _receive(self, piece: TextDelta | Completion) -> str:
        if isinstance(piece, TextDelta):
            return self._draft.feed(piece.text)
        self._completion = piece
        return self._draft.finish()


def _request(command: AskExpert, ref: ModelRef, deps: Deps, *, plain: bool) -> ModelRequest:
    left_s = command.envelope.deadline_at - deps.clock.now()
    return ModelRequest(
        ref=ref,
        messages=deps.prompt.render(command, plain=plain),
        timeout_s=max(MIN_TIMEOUT_S, min(deps.timeout_s, left_s)),
        max_tokens=max_tokens_of(command),
        temperature=temperature_of(command.category, command.question),
        stage="expert-t1" if isinstance(command, AskExpertT1) else "expert-t2",
    )
