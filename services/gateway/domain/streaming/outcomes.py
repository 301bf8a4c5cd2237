"""Errors and replies from the end of a request."""

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, Reply

_STATUS_OF_CODE = {
    "model_unavailable": 503,
    "model_refused": 502,
    "stream_broken": 502,
    "deadline_exceeded": 504,
}


def error_of(event: AnswerFinished) -> ApiError:
    """The error of an end without an answer; its message contains the response id."""
    response_id = event.envelope.response_id
    if event.outcome == "expired":
        return late_error(response_id)
    if event.outcome == "cancelled":
        return ApiError(499, "cancelled", f"The request was cancelled. [{response_id}]", final=True)
    if event.failure is None:
        return ApiError(500, "failed", f"The request failed. [{response_id}]", final=True)
    status = _STATUS_OF_CODE.get(event.failure.code, 500)
    return ApiError(status, event.failure.code, f"{event.failure.message} [{response_id}]", final=True)


def answered_at(opened: RequestOpened, end: AnswerFinished | None) -> int | None:
    """Unix seconds: when the log got its end. A cached answer counts as complete
    at the start. None without an end, and for an end that was not read from the log."""
    if end is None or not (end.known or end.envelope.logged_ms):
        return None
    began = int(opened.accepted_at)
    return began if end.known else max(began, end.envelope.logged_ms // 1000)  # clocks differ


def late_error(response_id: str) -> ApiError:
    message = f"The request timed out. [{response_id}]"
    return ApiError(504, "deadline_exceeded", message, final=True)


def stopping_error(response_id: str) -> ApiError:
    """For a stream whose gateway stops before the answer; the request continues."""
    message = (
        f"This gateway is stopping; the request continues. Resume the stream with GET /v1/responses/"
        f"{response_id}?stream=true and the id of the last event as Last-Event-ID. [{response_id}]"
    )
    return ApiError(503, "stopping", message)


def erased_error(response_id: str) -> ApiError:
    return ApiError(404, "erased", f"The content of this response was erased. [{response_id}]", final=True)


def spliced_error(response_id: str) -> ApiError:
    """For a stream whose final text does not begin with the text that was sent."""
    message = f"The final answer does not start with the streamed text: discard it. [{response_id}]"
    return ApiError(502, "stream_diverged", message, final=True)


def finish_reason(event: AnswerFinished) -> FinishReason:
    """`length` for a text that a limit cut, else `stop`."""
    return "length" if event.truncated else "stop"


def reply_of(event: AnswerFinished) -> Reply:
    return Reply(event.text, finish_reason(event), event.usage)
