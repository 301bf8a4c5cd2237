"""The current state of a response as JSON, in the shape of OpenAI's Responses for every protocol."""

from dataclasses import replace
from typing import cast

import orjson

from libs.contracts.answer import AnswerFinished, Failure, Outcome
from libs.contracts.direct import DirectOpened, DirectReply
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged
from libs.ports.answers import DirectState, ResponseState
from services.gateway.dialects.responses.shape import (
    Progress,
    Status,
    ended,
    finished,
    message_item,
    response_fields,
)
from services.gateway.domain.direct.record import completed_at
from services.gateway.domain.errors import not_found, too_long_to_show
from services.gateway.domain.streaming.reply import (
    FinishReason,
    Reply,
    ReplyHead,
    ToolCall,
    answered_at,
    error_of,
    finish_reason,
    late_error,
    public_id,
)

SETTLES_WITHIN_S = 60.0  # after its deadline a response has ended, and the log has its end
_STATUS: dict[Outcome, Status] = {"failed": "failed", "expired": "failed", "cancelled": "cancelled"}


def response_body(opened: RequestOpened, known: ResponseState) -> bytes:
    """Serialize the response object. Text, usage and error are empty before the end."""
    echo = opened.echo if opened.protocol == "responses" else ""
    head = ReplyHead(
        opened.envelope.response_id,
        opened.model,
        int(opened.accepted_at),
        echo=echo,
        protocol=opened.protocol,
        completed_at=lambda: answered_at(opened, known.end),
    )
    text = "" if known.end is None else known.end.text
    return orjson.dumps({**response_fields(head, _progress(head, known)), "output_text": text})


def direct_body(known: DirectState, now: float) -> bytes:
    """Serialize the response object of a direct reply; `now` is Unix time.

    A running one counts as failed `SETTLES_WITHIN_S` after its deadline: its gateway has ended then. Raises
    RequestRefused (404) where no reply is recorded.
    """
    if isinstance(known, RequestLogged):
        return _ended_body(known)
    if now > known.envelope.deadline_at + SETTLES_WITHIN_S:
        error = late_error(known.envelope.response_id)
        return opened_body(known, Progress("failed", error=(error.code, error.message)))
    return opened_body(known, Progress("in_progress"))


def deletion_body(public_id: str) -> bytes:
    """OpenAI's answer to a deletion."""
    return orjson.dumps({"id": public_id, "object": "response.deleted", "deleted": True})


def shown_id(known: DirectState) -> str:
    """The public id of a direct reply."""
    direct = known.direct if isinstance(known, RequestLogged) else known
    return public_id(known.envelope.response_id, direct.protocol if direct is not None else "chat")


def opened_body(opened: DirectOpened, progress: Progress) -> bytes:
    """The response object of a reply without an answer."""
    head = _head(opened.envelope.response_id, opened.model, opened)
    return orjson.dumps({**response_fields(head, progress), "output_text": ""})


def _ended_body(record: RequestLogged) -> bytes:
    reply = record.direct
    if reply is None:
        raise not_found()
    if reply.cut:
        raise too_long_to_show()
    head = _head(record.response_id, record.model, reply)
    if record.outcome == "answered":
        shown = _direct_fields(record, reply)
        head = replace(head, completed_at=lambda: _completed_at(record, reply))
        return orjson.dumps({**finished(head, shown), "output_text": shown.text})
    failure = reply.failure or Failure(code=record.outcome, message=f"There is no answer. [{record.response_id}]")
    error = (failure.code, failure.message)
    progress = Progress(_STATUS[record.outcome], usage=record.usage, error=error)
    return orjson.dumps({**response_fields(head, progress), "output_text": ""})


def _head(response_id: str, model: str, direct: DirectReply | DirectOpened) -> ReplyHead:
    echo = direct.echo if direct.protocol == "responses" else ""
    return ReplyHead(response_id, model, int(direct.accepted_at), echo=echo, protocol=direct.protocol)


def _completed_at(record: RequestLogged, reply: DirectReply) -> int | None:
    return completed_at(reply.accepted_at, record.call.duration_ms) if record.call is not None else None


def _direct_fields(record: RequestLogged, reply: DirectReply) -> Reply:
    text = record.answer if reply.text is None else reply.text
    calls = tuple(ToolCall(call.id, call.name, call.arguments) for call in reply.calls)
    return Reply(text, cast(FinishReason, reply.finish), record.usage, reply.reasoning, calls)


def _progress(head: ReplyHead, known: ResponseState) -> Progress:
    end = known.end
    if end is None:
        return Progress("in_progress" if known.started else "queued")
    if end.outcome == "answered":
        return _answered(head, end)
    error = error_of(end)
    return Progress(_STATUS[end.outcome], usage=end.usage, error=(error.code, error.message))


def _answered(head: ReplyHead, end: AnswerFinished) -> Progress:
    finish = finish_reason(end)
    shown = Progress(ended(finish), usage=end.usage, finish=finish)
    if not end.text:
        return shown
    return replace(shown, output=(message_item(head, end.text, cut=shown.status == "incomplete"),))
