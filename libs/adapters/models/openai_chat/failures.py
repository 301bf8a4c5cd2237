"""Translates server errors into errors of the port."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from libs.contracts.staffing import ModelRef
from libs.core.error_objects import error_in, status_in
from libs.core.json_values import JsonObject, is_object
from libs.ports.llm import ModelRefused, ModelUnavailable

MAX_ERROR_BYTES = 65_536
_SLUG = re.compile(r"[A-Za-z][A-Za-z_]{2,47}")
_MODEL_MISSING = re.compile(r"model.{0,200}?(not found|does not exist|not exist|not loaded)", re.DOTALL)
_CONTEXT_FULL = re.compile(r"context[ _](length|size|window)|maximum context|exceed_context|too many tokens")
_OUT_OF_MONEY = "insufficient_quota"
_PASSING = frozenset({408, 409, 425, 429})
_WORTH_REPEATING = frozenset({429, 503, 529})


class Busy(ModelUnavailable):
    """The server has not begun to answer and may accept the same call shortly after."""


class Objection(ModelRefused):
    """The server objects to a field of the request body.

    `complaint` is its text, for use in this adapter only.
    """

    def __init__(self, message: str, *, complaint: str) -> None:
        super().__init__(message)
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An HTTP error or an error object. `body` is at most MAX_ERROR_BYTES long."""

    status: int
    body: bytes
    retry_after_s: float | None = None


# Messages never quote the server: its text may hold the prompt or the key.
def failure(ref: ModelRef, reply: ErrorReply) -> ModelUnavailable | ModelRefused:
    """Translate an HTTP status of 300 or above, or an error object with such a number."""
    complaint = reply.body.decode("utf-8", "replace").lower()
    server, words = f"model server {ref.server!r}", _described(reply)
    if reply.status in _PASSING or reply.status >= 500:
        worth = reply.status in _WORTH_REPEATING and _OUT_OF_MONEY not in complaint
        kind = Busy if worth else ModelUnavailable
        return kind(f"{server} cannot serve {ref.model!r} now ({words})", retry_after_s=reply.retry_after_s)
    if reply.status in (401, 403):
        return ModelRefused(f"{server} refused the key ({words}): check its token in INFERENCE_SERVERS")
    if _MODEL_MISSING.search(complaint):
        return ModelRefused(f"{server} has no model {ref.model!r} ({words}): load it there or name another model")
    if reply.status == 404 or reply.status < 400:  # a redirect, or a web page under 200
        return ModelRefused(f"{server} has no chat endpoint at its url ({words}): check it in INFERENCE_SERVERS")
    if reply.status == 413 or _CONTEXT_FULL.search(complaint):
        return ModelRefused(f"the prompt is too long for {ref.model!r} on {server} ({words})", code="context_length")
    if reply.status in (400, 422, 501):
        return Objection(f"{server} refused the request to {ref.model!r} ({words})", complaint=complaint)
    return ModelRefused(f"{server} refused the request to {ref.model!r} ({words})")


def stream_failure(ref: ModelRef, body: bytes) -> ModelUnavailable | ModelRefused:
    """Translate an error object inside a stream that began with 200."""
    error = error_object(body)
    if (status := status_in(error)) is not None:
        return failure(ref, ErrorReply(status, body))
    return ModelUnavailable(f"model server {ref.server!r} answered {ref.model!r} with an error{_slugs(error)}")


def error_object(body: bytes) -> JsonObject:
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return error_in(parsed) if is_object(parsed) else {}


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Requested pause in seconds. Dates are not supported; they yield None."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            pause_s = float(headers[name]) * unit_s
        except (KeyError, ValueError):
            continue
        if math.isfinite(pause_s) and pause_s >= 0:
            return pause_s
    return None


def _described(reply: ErrorReply) -> str:
    return f"HTTP {reply.status}{_slugs(error_object(reply.body))}"


def _slugs(error: Mapping[str, object]) -> str:
    words = [word for name in ("type", "code") if isinstance(word := error.get(name), str) and _SLUG.fullmatch(word)]
    return "".join(f", {word}" for word in dict.fromkeys(words))
