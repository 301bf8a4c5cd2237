"""Requests that a client repeats under one Idempotency-Key: the claim of the first one, and what it is held against."""

import hashlib
from dataclasses import dataclass

from libs.core.ids import is_response_id
from services.gateway.domain.errors import ApiError, RequestRefused, invalid

IDEMPOTENCY_KEY = "idempotency-key"
MAX_KEY_CHARS = 255


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """What is noted under a key: a hash of path and body, and the response that answers it. No text of a client."""

    fingerprint: str
    response_id: str

    def note(self) -> bytes:
        """Return what `read` reads."""
        return f"{self.fingerprint}/{self.response_id}".encode()

    @classmethod
    def read(cls, note: bytes) -> "IdempotencyRecord | None":
        """Return the claim of a note, None for one that is not ours."""
        fingerprint, _, response_id = note.decode(errors="replace").partition("/")
        return cls(fingerprint, response_id) if is_response_id(response_id) else None


def checked_key(key: str) -> str:
    """Return an Idempotency-Key. Raises RequestRefused (400) for one that is too long or empty."""
    if not 0 < len(key) <= MAX_KEY_CHARS:
        raise invalid(
            f"The Idempotency-Key is longer than {MAX_KEY_CHARS} characters, or empty.", code="invalid_idempotency_key"
        )
    return key


def fingerprint_of(path: str, body: bytes) -> str:
    """Return the SHA-256 of what was asked where."""
    return hashlib.sha256(path.encode(errors="replace") + b"\0" + body).hexdigest()


def other_body() -> RequestRefused:
    """Return the refusal (409) of a key that was used for another request."""
    message = "This Idempotency-Key was used for another request."
    return RequestRefused(ApiError(409, "idempotency_key_reused", message, final=True))


def still_busy() -> RequestRefused:
    """Return the refusal (409) of a repetition whose first request has not come to its answer for very long."""
    message = "The first request with this Idempotency-Key is still being answered."
    return RequestRefused(ApiError(409, "idempotency_in_progress", message, retry_after_s=5))


def no_promise() -> RequestRefused:
    """Return the refusal (503) of a key while nobody can tell whether it was used before."""
    message = "The use of this Idempotency-Key cannot be checked now. Try again, or send no key."
    return RequestRefused(ApiError(503, "idempotency_unavailable", message, retry_after_s=2))
