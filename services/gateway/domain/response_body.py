"""A response as JSON, in the shape of OpenAI's Responses API as far as a chat completion fills it."""

from typing import Literal

import orjson

from libs.contracts.answer import AnswerFinished, Outcome
from libs.contracts.progress import RequestOpened
from libs.ports.answers import Known
from services.gateway.domain.outcomes import error_of

Status = Literal["queued", "in_progress", "completed", "failed", "expired", "cancelled"]
_STATUS: dict[Outcome, Status] = {
    "answered": "completed",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}


def status_of(known: Known) -> Status:
    """Return where a response is."""
    if known.end is not None:
        return _STATUS[known.end.outcome]
    return "in_progress" if known.started else "queued"


def response_body(opened: RequestOpened, known: Known) -> bytes:
    """Return the response object. Text, usage and error come with the end; before it they are empty."""
    end = known.end
    return orjson.dumps(
        {
            "id": opened.envelope.response_id,
            "object": "response",
            "created_at": int(opened.accepted_at),
            "model": opened.model,
            "status": status_of(known),
            "output": [] if end is None or end.outcome != "answered" else [_message(end)],
            "output_text": "" if end is None else end.text,
            "incomplete_details": {"reason": "max_output_tokens"} if end is not None and end.truncated else None,
            "error": None if end is None else _error(end),
            "usage": None if end is None else _usage(end),
        }
    )


def _message(end: AnswerFinished) -> dict[str, object]:
    content = {"type": "output_text", "text": end.text, "annotations": []}
    return {
        "id": f"msg_{end.envelope.event_id}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def _error(end: AnswerFinished) -> dict[str, str] | None:
    if end.outcome == "answered":
        return None
    error = error_of(end)
    return {"code": error.code, "message": error.message}


def _usage(end: AnswerFinished) -> dict[str, int]:
    spent = end.usage
    total = spent.prompt_tokens + spent.completion_tokens
    return {"input_tokens": spent.prompt_tokens, "output_tokens": spent.completion_tokens, "total_tokens": total}
