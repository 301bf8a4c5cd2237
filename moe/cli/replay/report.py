"""Results of a replay, as text for people and as JSON lines for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from libs.contracts.message import Message
from libs.core.reads import Read
from libs.ports.journal import Claims, JournalEntry, Position
from moe.replay.diff import EventDiff
from moe.replay.forensic import Prompt, View
from moe.replay.verifying import Status, Verdict
from services.journal.domain.summary import summary_of
from services.merger.domain import Request

_MARKS = {"same": "=", "changed": "~", "new": "+", "gone": "-"}


def verdict_lines(verdicts: Sequence[Verdict], *, as_json: bool) -> Iterator[str]:
    """Yield a line per request, one per difference, and the totals; or one object per request."""
    if as_json:
        yield from (json.dumps({**asdict(verdict), "status": verdict.status.value}) for verdict in verdicts)
        return
    for verdict in verdicts:
        made = f"{verdict.checked} of {verdict.records} records made again"
        made += f", {verdict.lost} lost with their log" if verdict.lost else ""
        yield f"{verdict.response_id}  {verdict.status.value}, {made}"
        for difference in verdict.differences:
            where = f"  record {difference.index} ({difference.stage}) {difference.path}:"
            yield f"{where} expected {difference.expected}, got {difference.got}"
    if len(verdicts) != 1:
        counts = {status: sum(verdict.status is status for verdict in verdicts) for status in Status}
        yield (
            ", ".join(f"{count} {status.value}" for status, count in counts.items() if count) or "no request has ended"
        )


def contrast_lines(contrasts: Sequence[EventDiff], answer: Sequence[str], *, as_json: bool) -> Iterator[str]:
    """Yield a line per event, and the differences of the answer."""
    if as_json:
        yield json.dumps({"events": [_event(contrast) for contrast in contrasts], "answer": list(answer)})
        return
    for contrast in contrasts:
        yield f"{_MARKS[contrast.change]} {contrast.event.schema_name()} {_line(contrast.event)}".rstrip()
        if contrast.change == "changed" and contrast.then is not None:
            yield f"    was: {_line(contrast.then)}"
    yield from answer or ("the answer is the same",)


def view_lines(view: View, *, as_json: bool) -> Iterator[str]:
    """Yield the causes of a record."""
    if as_json:
        yield json.dumps(_view(view), ensure_ascii=False)
        return
    message, envelope = view.record.message, view.record.message.envelope
    yield f"record {view.record.index}: {envelope.schema} {envelope.event_id} on {view.record.topic}"
    yield f"  {_line(message)}"
    yield f"cause: {view.cause.message.envelope.schema} (record {view.cause.index})" if view.cause else "cause: none"
    if view.described is not None:
        yield f"stage: {view.described.stage} {view.described.code_version} {view.described.sha256}"
        yield from (f"  {name}={value}" for name, value in view.described.settings.items())
    for read in view.record.reads:
        yield f"read: {json.dumps(_read(read), ensure_ascii=False)}"
    for prompt in view.prompts:
        yield from _prompt_lines(prompt)
    if view.state is not None:
        yield from ("the join knew:", *(f"  {name}: {value}" for name, value in _state(view.state).items()))


def _prompt_lines(prompt: Prompt) -> Iterator[str]:
    equal = "as recorded" if prompt.matches_record else "NOT as recorded"
    yield f"prompt for {prompt.request.ref}, {equal} ({prompt.recorded_sha256}):"
    for message in prompt.request.messages:
        yield f"  [{message.role}]"
        yield from (f"  {line}" for line in message.content.splitlines())


def _view(view: View) -> dict[str, object]:
    described = view.described
    return {
        "index": view.record.index,
        "topic": view.record.topic,
        "envelope": asdict(view.record.message.envelope),
        "body": view.record.message.model_dump(mode="json"),
        "cause": view.cause.index if view.cause is not None else None,
        "stage": {"sha256": described.sha256, **described.model_dump(mode="json")} if described is not None else None,
        "reads": [_read(read) for read in view.record.reads],
        "prompts": [
            {**asdict(prompt.request), "recorded_sha256": prompt.recorded_sha256, "equal": prompt.matches_record}
            for prompt in view.prompts
        ],
        "join": _state(view.state) if view.state is not None else None,
    }


def _event(contrast: EventDiff) -> dict[str, object]:
    event = contrast.event
    return {
        "change": contrast.change,
        "schema": event.schema_name(),
        "part": event.part_id,
        "then": contrast.then.model_dump(mode="json") if contrast.then is not None else None,
        "now": contrast.now.model_dump(mode="json") if contrast.now is not None else None,
    }


def _read(read: Read) -> dict[str, object]:
    return {"kind": read.kind, **read.values}


def _state(state: Request) -> dict[str, object]:
    return {
        "phase": state.phase.value,
        "planned": [part.id for part in state.parts],
        "asked": sorted(state.requested),
        "ended": sorted(state.ended_ids),
        "promoted": state.promoted,
        "cancelled": state.cancelled is not None,
        "finished": state.finished is not None,
        "now": state.now,
    }


def _line(message: Message) -> str:
    """One line for a message, as `--show` prints it."""
    claims = Claims(schema=message.schema_name())
    return summary_of(JournalEntry(Position("", "", 0, 0), 0, None, (), message.body(), claims)).text
