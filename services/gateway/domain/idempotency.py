"""Idempotency-Key: the record of the first request, and the errors of repeats."""

import hashlib
from dataclasses import dataclass

from libs.core.ids import is_response_id
from services.gateway.domain.errors import ApiError, RequestRefused, invalid

IDEMPOTENCY_KEY = "idempotency-key"
MAX_KEY_CHARS = 255


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """A hash of path and body, and the id of the response. Contains no text of a client."""

    fingerprint: str
    response_id: str

    def note(self) -> bytes:
        return f"{self.fingerprint}/{self.response_id}".encode()

    @classmethod
    def read(cls, note: bytes) -> "IdempotencyRecord | None":
        """None for a malformed value."""
        fingerprint, _, response_id = note.decode(errors="replace").partition("/")
        return cls(fingerprint, response_id) if is_response_id(response_id) else None


def checked_key(key: str) -> str:
    """Raises RequestRefused (400) for a key that is too long or empty."""
    if not 0 < len(key) <= MAX_KEY_CHARS:
        raise invalid(
            f"The Idempotency-Key is longer than {MAX_KEY_CHARS} characters, or empty.", code="invalid_idempotency_key"
        )
    return key


def fingerprint_of(path: str, body: bytes) -> str:
    """The SHA-256 of path and body."""
    return hashlib.sha256(path.encode(errors="replace") + b"\0" + body).hexdigest()


def other_body() -> RequestRefused:
    message = "This Idempotency-Key was used for another request."
    return RequestRefused(ApiError(409, "idempotency_key_reused", message, final=True))


def still_busy() -> RequestRefused:
    """409, when the first request has no answer after a long wait."""
    message = "The first request with this Idempotency-Key is still being answered."
    return RequestRefused(ApiError(409, "idempotency_in_progress", message, retry_after_s=5))


def no_promise() -> RequestRefused:
    message = "The use of this Idempotency-Key cannot be checked now. Try again, or send no key."
    return RequestRefused(ApiError(503, "idempotency_unavailable", message, retry_after_s=2))
