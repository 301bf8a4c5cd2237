"""Handlers of the merger: the judge writes one answer from the results of the parts."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.model_call import total_usage
from libs.contracts.staffing import ModelRef
from libs.core.advice import advice, with_advice
from libs.core.nonces import new_nonce
from libs.core.output_filters import filter_text, output_filter_for
from libs.ports.deltas import DeltaWriter, NoDeltas
from libs.ports.llm import LLM, Completion, ModelRequest
from libs.ports.model_calls import record_call
from services.merger.answer_stream import AnswerStream, OutputFormat
from services.merger.domain.gathering import sources_of
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.domain.wording import missing_note


@dataclass(frozen=True)
class Deps:
    """`timeout_s` bounds one judge call; `nonce` names the stream of an answer."""

    llm: LLM
    deltas: DeltaWriter
    judge: ModelRef
    prompt: JudgePrompt
    timeout_s: float
    nonce: Callable[[], str] = field(default=new_nonce)


async def merge_answer(event: MergeAnswer, deps: Deps) -> AnswerFinished | AnswerDrafted:
    """Publish a finished answer, streamed as it is written, or an unstreamed draft if the command names a critic."""
    request = _judge_request(event, deps)
    return await (_draft(event, request, deps) if event.critic else _answer(event, request, deps))


async def _answer(event: MergeAnswer, request: ModelRequest, deps: Deps) -> AnswerFinished:
    question = event.question
    note = missing_note(event.missing, question.language)
    shaper = output_filter_for(question.mode, question.language, spare_words=_words(note))
    shaping = OutputFormat(shaper, event.preface)
    name = f"merge.{deps.nonce()}"
    deltas = deps.deltas if question.streamed else NoDeltas()
    async with AnswerStream(deltas, event.envelope.response_id, name, shaping) as stream:
        completion = await _streamed(request, deps, stream)
        await stream.end(instead_of_nothing=_best_text(event), note=note)
    call = record_call(request, completion)
    return AnswerFinished(
        outcome="answered",
        text=stream.text,
        truncated=completion.finish_reason == "length",
        sources=sources_of(event.results),
        calls=(call,),
        usage=total_usage((call,), event.spent),
        partial=bool(event.missing),
    ).after(event)


async def _streamed(request: ModelRequest, deps: Deps, stream: AnswerStream) -> Completion:
    completion: Completion | None = None
    async with aclosing(deps.llm.stream(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Completion):
                completion = piece
            else:
                await stream.write(piece.text)
    if completion is None:
        raise RuntimeError("the model port ended a stream without a completion")
    return completion


async def _draft(event: MergeAnswer, request: ModelRequest, deps: Deps) -> AnswerDrafted:
    completion = await deps.llm.complete(request)
    question, call = event.question, record_call(request, completion)
    note = missing_note(event.missing, question.language)
    spare_words = _words(note, *advice(event.critic, question.language))
    text = filter_text(completion.text.strip(), question.mode, question.language, spare_words=spare_words)
    text = text or _best_text(event)
    return AnswerDrafted(
        question=question,
        text=with_advice(f"{text}\n\n{note}" if note else text, event.critic, question.language),
        categories=event.critic,
        sources=sources_of(event.results),
        calls=(call,),
        spent=total_usage((call,), event.spent),
        truncated=completion.finish_reason == "length",
        judge=event.judge.model if event.judge is not None else None,
        preface=event.preface,
        partial=bool(event.missing),
    ).after(event)


def _judge_request(event: MergeAnswer, deps: Deps) -> ModelRequest:
    return ModelRequest(
        ref=(event.judge.model if event.judge is not None else None) or deps.judge,
        messages=deps.prompt.render(event),
        timeout_s=deps.timeout_s,
        max_tokens=event.question.max_tokens,
        temperature=event.question.temperature,
        stage="judge",
    )


def _best_text(event: MergeAnswer) -> str:
    """The first result replaces an empty answer of the judge."""
    question = event.question
    return next((filter_text(result.finding.text, question.mode, question.language) for result in event.results), "")


def _words(*sentences: str) -> int:
    return sum(len(sentence.split()) for sentence in sentences)
