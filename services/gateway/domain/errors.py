"""API errors in OpenAI's shape, and the rejections that carry them."""

import re
from dataclasses import dataclass

import orjson

from libs.core.errors import Rejected
from libs.ports.identity import GrantKind

_NOT_FOUND = "response_not_found"
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}", re.IGNORECASE)
_PASSING = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error. `status` is the HTTP status, `code` is stable, `param` the path of the field at fault.

    `retry_after_s`: seconds until a retry. `final`: a client must not retry by itself, because the work failed or a
    retry would be rejected again. `kind` is the error type where the status does not determine it.
    """

    status: int
    code: str
    message: str
    param: str | None = None
    retry_after_s: int | None = None
    final: bool = False
    kind: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    own_name: bool = False

    @property
    def type(self) -> str:
        """The error type, as OpenAI names it."""
        if self.kind or self.status == 429:
            return self.kind or "rate_limit_error"
        return "server_error" if self.status >= 500 else "invalid_request_error"

    @property
    def repeatable(self) -> bool:
        """True when the same request may succeed later."""
        return not self.final and (self.status >= 500 or self.status in _PASSING)

    def body(self) -> bytes:
        fields = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return orjson.dumps({"error": fields})


class RequestRefused(Rejected):
    """A request is rejected before it is accepted, or ends with an error instead of an answer."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message, code=error.code)
        self.error = error


def invalid(message: str, *, param: str | None = None, code: str = "invalid_request") -> RequestRefused:
    return RequestRefused(ApiError(400, code, message, param))


def prompt_too_long(tokens: int | None, window: int | None) -> ApiError:
    """The error (400) of a prompt that exceeds the context window; None for unknown figures.

    Claude Code shortens a conversation when it reads exactly this message; other clients use the code.
    """
    known = tokens is not None and window is not None
    figures = f": {tokens} tokens > {window} maximum" if known else " for the model"
    return ApiError(400, "context_length_exceeded", f"prompt is too long{figures}", "messages")


def invalid_key() -> RequestRefused:
    """Missing and wrong keys get the same error (401), so that a response does not reveal which it was."""
    return RequestRefused(
        ApiError(401, "invalid_api_key", "Missing or incorrect API key. Send `Authorization: Bearer <key>`.")
    )


def ambiguous_key(message: str) -> RequestRefused:
    return RequestRefused(ApiError(400, "ambiguous_key", message))


def too_many_failures(retry_after_s: int) -> RequestRefused:
    """For wrong keys only (429): a valid key is accepted all the same."""
    message = "Too many requests with an incorrect API key. Check the key, then try again."
    return RequestRefused(ApiError(429, "too_many_failures", message, retry_after_s=retry_after_s))


def not_granted(kind: GrantKind, resource: str) -> RequestRefused:
    message = f"Your key does not permit this: it needs `{kind}` for `{resource[:80]}`."
    return RequestRefused(ApiError(403, "permission_denied", message))


def admins_only() -> RequestRefused:
    return RequestRefused(ApiError(403, "permission_denied", "This requires an admin's API key."))


def keys_unavailable() -> RequestRefused:
    message = "API keys cannot be checked now. Try again shortly."
    return RequestRefused(ApiError(503, "temporarily_unavailable", message, retry_after_s=2))


def templates_unavailable() -> RequestRefused:
    message = "Templates and profiles cannot be looked up yet. Try again shortly."
    return RequestRefused(ApiError(503, "temporarily_unavailable", message, retry_after_s=2))


def template_not_found(template: str) -> RequestRefused:
    message = f"The expert template `{template[:80]}` was deleted. Choose another model, or ask your operator."
    return RequestRefused(ApiError(422, "template_not_found", message, "model"))


def template_unusable(template: str, fault: str) -> RequestRefused:
    message = f"The expert template `{template[:80]}` cannot be used: {fault}."
    return RequestRefused(ApiError(422, "template_unusable", message, "model"))


def profile_not_found(profile: str) -> RequestRefused:
    message = f"Your key is bound to the profile `{profile[:80]}`, which is deleted or disabled. Ask your operator."
    return RequestRefused(ApiError(422, "profile_not_found", message))


def profile_unusable(profile: str, fault: str) -> RequestRefused:
    return RequestRefused(ApiError(422, "profile_unusable", f"The profile `{profile[:80]}` cannot be used: {fault}."))


def model_not_found(model: str) -> RequestRefused:
    shown = model if len(model) <= 80 else f"{model[:80]}…"
    return RequestRefused(ApiError(404, "model_not_found", f"The model `{shown}` does not exist.", "model"))


def no_vision() -> RequestRefused:
    message = "No model that sees images is configured: EXPERT_MODELS has no entry for `vision`."
    return RequestRefused(ApiError(400, "no_vision_model", message, "messages"))


def remote_media(where: str) -> RequestRefused:
    message = f"`{where}`: send media as data URLs (`data:image/png;base64,…`): the model servers here fetch nothing."
    return RequestRefused(ApiError(400, "remote_media_not_allowed", message, where, own_name=True))


def outbox_full() -> RequestRefused:
    message = "The outbox of earlier requests is full. Try again shortly."
    return RequestRefused(ApiError(503, "outbox_full", message, retry_after_s=5))


def too_large(limit_bytes: int) -> RequestRefused:
    return RequestRefused(ApiError(413, "request_too_large", f"The body is larger than {limit_bytes} bytes."))


def not_json(content_type: str) -> RequestRefused:
    shown = f", not as `{content_type}`" if _MEDIA_TYPE.fullmatch(content_type) else ""  # any other value is not echoed
    message = f"The body must be sent as application/json without content encoding{shown}."
    return RequestRefused(ApiError(415, "unsupported_media_type", message))


def body_too_slow() -> RequestRefused:
    return RequestRefused(ApiError(408, "request_timeout", "The body did not arrive in time."))


def overloaded() -> RequestRefused:
    message = "Too many requests are running. Try again shortly."
    return RequestRefused(ApiError(503, "overloaded", message, retry_after_s=1))


def queue_full(retry_after_s: int) -> RequestRefused:
    """503; a request sent `retry_after_s` seconds later would not wait too long."""
    message = f"Too many requests are queued. Try again in {retry_after_s} s."
    return RequestRefused(ApiError(503, "overloaded", message, retry_after_s=retry_after_s))


def tenant_overloaded() -> RequestRefused:
    message = "Too many of your requests are running. Try again when one of them has ended."
    return RequestRefused(ApiError(429, "rate_limit_exceeded", message, retry_after_s=1))


def body_memory_full() -> RequestRefused:
    message = "Too many large requests are being read. Try again shortly."
    return RequestRefused(ApiError(503, "overloaded", message, retry_after_s=1))


def instance_replaced() -> RequestRefused:
    message = "Another instance has replaced this gateway. Try again."
    return RequestRefused(ApiError(503, "instance_replaced", message, retry_after_s=1))


def not_found() -> RequestRefused:
    """Unknown responses and those of other users get the same error (404), so that ids reveal nothing."""
    return RequestRefused(ApiError(404, _NOT_FOUND, "The response does not exist."))


def is_not_found(refused: RequestRefused) -> bool:
    """True when a response is unknown, so that another source may have it; False for an erased one."""
    return refused.error.code == _NOT_FOUND


def erased() -> RequestRefused:
    return RequestRefused(ApiError(404, "erased", "The content of this response was erased.", final=True))


def too_long_to_show() -> RequestRefused:
    message = "The response was too long to be stored."
    return RequestRefused(ApiError(404, "response_not_kept", message))


def temporarily_unavailable() -> RequestRefused:
    message = "The response status is temporarily unavailable. Try again shortly."
    return RequestRefused(ApiError(503, "temporarily_unavailable", message, retry_after_s=2))


def stopping() -> RequestRefused:
    return RequestRefused(ApiError(503, "stopping", "This gateway is stopping. Try again.", retry_after_s=1))


def embeddings_not_configured() -> RequestRefused:
    message = "No model that embeds is configured. An operator sets EMBEDDING_MODEL."
    return RequestRefused(ApiError(503, "embeddings_not_configured", message, final=True))


def cannot_be_recorded() -> RequestRefused:
    """For requests that neither log nor store accepts, however often they are sent (400)."""
    message = "The request cannot be recorded: a text is too long, or contains a lone surrogate or a NUL."
    return RequestRefused(ApiError(400, "invalid_request", message, final=True))


def deletions_not_configured() -> RequestRefused:
    message = "Deletions are recorded in Postgres, and none is configured. An operator sets POSTGRES_CHECKPOINT_URL."
    return RequestRefused(ApiError(503, "no_deletions", message, final=True))


def not_deleted() -> RequestRefused:
    message = "The deletion could not be recorded, so the response is still shown. Try again shortly."
    return RequestRefused(ApiError(503, "not_deleted", message, retry_after_s=2))


def not_accepted() -> RequestRefused:
    message = "The request could not be recorded, so it was not accepted. Try again shortly."
    return RequestRefused(ApiError(503, "not_accepted", message, retry_after_s=5))
