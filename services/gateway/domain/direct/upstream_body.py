"""The request body for a model server."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing.call_options import PLAIN, CallOptions, with_options

LimitField = Literal["max_tokens", "max_completion_tokens"]
_LIMITS: tuple[LimitField, ...] = ("max_completion_tokens", "max_tokens")
_STREAM_OPTIONS = ("include_usage", "include_obfuscation")
_ANY_SERVER = Upstream()


@dataclass(frozen=True, slots=True)
class Form:
    """The request form that a server accepts. `count`: streams end with their usage, whatever the client wants. `limit`
    is the field for the maximum length of an answer; `default`: set it where the client does not."""

    count: bool = True
    limit: LimitField = "max_tokens"
    default: bool = True

    def simpler(self, status: int, complaint: bytes) -> "Form | None":
        """Form to try after a rejection of this one, None where the form is not at fault."""
        text = complaint.lower()
        if status not in (400, 422):
            return None
        if self.count and b"stream_options" in text:
            return replace(self, count=False)
        if self.limit == "max_tokens" and b"max_completion_tokens" in text and b"support" in text:
            return replace(self, limit="max_completion_tokens")
        if self.default and any(word in text for word in (b"max_tokens", b"max_completion_tokens", b"context")):
            return replace(self, default=False)  # the server bounds answers by its own window
        return None


FULL = Form()


def model_body(
    request: InferenceRequest,
    model: str,
    upstream: Upstream = _ANY_SERVER,
    manner: CallOptions = PLAIN,
    form: Form = FULL,
) -> dict[str, object]:
    """Build the JSON object for a model: the fields of the client's request that its server permits."""
    fields = with_options(request.raw, manner)
    permitted = upstream.permitted
    body = {name: value for name, value in fields.items() if value is not None and name in permitted}
    body["model"] = model
    _limit(body, upstream, form)
    body.pop("stream_options", None)
    if request.stream and (form.count or request.include_usage):
        body["stream_options"] = _stream_options(request.raw, count=form.count)
    return body


def is_unbounded(request: InferenceRequest, manner: CallOptions) -> bool:
    """True when neither the client nor its operator bounds the answer."""
    return not (manner.max_tokens or request.chat.max_tokens or request.chat.max_completion_tokens)


def written(body: Mapping[str, object], salt: str) -> bytes:
    """Serialize the body, with the cache salt of its tenant where there is one."""
    return orjson.dumps({**body, "cache_salt": salt} if salt else body)


def _limit(body: dict[str, object], upstream: Upstream, form: Form) -> None:
    """Both fields stay where the client sets both; a server that supports one of them gets the smaller number in it."""
    bounds: dict[str, int] = {}
    for name in _LIMITS:
        if name in body and isinstance(value := body.pop(name), int):
            bounds[name] = min(value, upstream.most_tokens)
    if not bounds:
        if form.default:
            body[form.limit] = upstream.default_tokens
    elif form.limit == "max_completion_tokens" or upstream.api_type == "ollama":
        body[form.limit] = min(bounds.values())
    else:
        body.update(bounds)


def _stream_options(raw: Mapping[str, object], *, count: bool) -> dict[str, object]:
    options = raw.get("stream_options")
    fields = options if isinstance(options, dict) else {}
    known = {name: fields[name] for name in _STREAM_OPTIONS if isinstance(fields.get(name), bool)}
    return {**known, "include_usage": True} if count else known
