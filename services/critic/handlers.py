"""Handler of the critic: check an answer that could cause harm."""

from dataclasses import dataclass

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.model_call import total_usage
from libs.contracts.staffing import ModelRef
from libs.core.clock import Clock
from libs.core.errors import Retryable
from libs.ports.llm import LLM, Completion, ModelRequest
from libs.ports.model_calls import record_call
from services.critic.domain import Verdict, checked_text, read_verdict, render

MIN_TIMEOUT_S = 0.1


class NoVerdict(Retryable):
    """The model returned no text or was cut off: neither a confirmation nor a correction."""

    code = "no_verdict"


@dataclass(frozen=True)
class Deps:
    """`rules` is the prompt; `timeout_s` bounds one call of the judge's model, in seconds."""

    llm: LLM
    judge: ModelRef
    rules: str
    clock: Clock
    timeout_s: float


async def check_answer(event: AnswerDrafted, deps: Deps) -> AnswerFinished:
    """Publish a draft unchanged, or the corrected answer in its place. Raises NoVerdict."""
    request = _request(event, deps)
    completion = await deps.llm.complete(request)
    text = checked_text(event, _verdict(completion))
    call = record_call(request, completion)
    return AnswerFinished(
        outcome="answered",
        text=event.preface + text,
        truncated=event.truncated and text == event.text,
        sources=event.sources,
        calls=(*event.calls, call),
        usage=total_usage((call,), event.spent),
        partial=event.partial,
    ).after(event)


def _verdict(completion: Completion) -> Verdict:
    verdict = read_verdict(completion.text)
    if verdict.confirmed:
        return verdict
    if completion.finish_reason != "stop":
        raise NoVerdict(f"the verdict of {completion.model!r} broke off ({completion.finish_reason})")
    if not verdict.replacement:
        raise NoVerdict(f"the verdict of {completion.model!r} is empty")
    return verdict


def _request(event: AnswerDrafted, deps: Deps) -> ModelRequest:
    """No token limit: the client's limit applied to the draft, and a correction may need more."""
    left_s = event.envelope.deadline_at - deps.clock.now()
    timeout_s = max(MIN_TIMEOUT_S, min(deps.timeout_s, left_s))
    judge, messages = event.judge or deps.judge, render(event, deps.rules)
    return ModelRequest(judge, messages, timeout_s, temperature=0.0, stage="critic")
