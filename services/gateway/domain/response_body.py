"""A response as JSON, as it is now, in the shape of OpenAI's Responses whatever it was asked in."""

from dataclasses import replace

import orjson

from libs.contracts.answer import AnswerFinished, Outcome
from libs.contracts.progress import RequestOpened
from libs.ports.answers import Known
from services.gateway.domain.dialects.responses.shape import (
    Progress,
    Status,
    ended,
    message_item,
    response_fields,
)
from services.gateway.domain.outcomes import error_of, finish_reason
from services.gateway.domain.reply import ReplyHead

_STATUS: dict[Outcome, Status] = {"failed": "failed", "expired": "failed", "cancelled": "cancelled"}


def response_body(opened: RequestOpened, known: Known) -> bytes:
    """Return the response object. Text, usage and error come with the end; before it they are empty."""
    echo = opened.echo if opened.protocol == "responses" else ""
    head = ReplyHead(opened.envelope.response_id, opened.model, int(opened.accepted_at), echo=echo)
    text = "" if known.end is None else known.end.text
    return orjson.dumps({**response_fields(head, _progress(head, known)), "output_text": text})


def _progress(head: ReplyHead, known: Known) -> Progress:
    end = known.end
    if end is None:
        return Progress("in_progress" if known.started else "queued")
    if end.outcome == "answered":
        return _answered(head, end)
    error = error_of(end)
    return Progress(_STATUS[end.outcome], usage=end.usage, error=(error.code, error.message))


def _answered(head: ReplyHead, end: AnswerFinished) -> Progress:
    finish = finish_reason(end)
    told = Progress(ended(finish), usage=end.usage, finish=finish)
    return replace(told, output=(message_item(head, end.text),)) if end.text else told
