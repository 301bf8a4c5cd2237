"""Handler of the trace: the judge weighs the results before it writes the answer."""

from libs.contracts.answer import WriteTrace
from libs.contracts.finding import Finding
from libs.contracts.part_sources import TRACE
from libs.contracts.progress import PartCompleted
from libs.ports.llm import ModelRequest
from libs.ports.model_calls import record_call
from services.merger.handlers import Deps

MAX_TRACE_TOKENS = 2048  # 300 words, and a margin for models that reason before they write


async def write_trace(event: WriteTrace, deps: Deps) -> PartCompleted:
    """Complete the part `trace` with the judge's reasoning, which only the judge's next prompt contains."""
    request = ModelRequest(
        ref=(event.judge.model if event.judge is not None else None) or deps.judge,
        messages=deps.prompt.trace_prompt(event),
        timeout_s=deps.timeout_s,
        max_tokens=MAX_TRACE_TOKENS,
        temperature=event.question.temperature,
        stage="trace",
    )
    completion = await deps.llm.complete(request)
    notes = Finding(
        text=completion.text.strip(),
        source=f"{request.ref.model}@{request.ref.server}",
        calls=(record_call(request, completion),),
        truncated=completion.finish_reason == "length",
    )
    return PartCompleted(part=event.part, part_kind=TRACE.kind, finding=notes).after(event)
