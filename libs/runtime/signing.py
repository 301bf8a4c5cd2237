"""Envelope signatures: HMAC-SHA256 under a key per tenant, derived from one signing key.

The signature covers the ids, the tenant, the subject, the schema, the deadline, the recorded reads and the hash of the
body, so that no stage has to believe a header or a body about whose message it is, and no auditor what was read.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Self

from libs.contracts.envelope import Envelope
from libs.core.errors import ConfigurationError, Unacceptable

MIN_KEY_BYTES = 16


class BadSignature(Unacceptable):
    """The message was not signed by a holder of the signing key, or was changed on the way."""

    code = "bad_signature"


class Signer:
    """Signs and verifies. `key` is the deployment's secret, at least 16 bytes."""

    @classmethod
    def of(cls, key: str) -> Self:
        """Return who signs with a configured key. Raises ConfigurationError for one that is too short."""
        if len(key.encode()) < MIN_KEY_BYTES:
            raise ConfigurationError(f"MOE_SIGNING_KEY: set it to at least {MIN_KEY_BYTES} bytes, alike everywhere")
        return cls(key.encode())

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the signing key has fewer than {MIN_KEY_BYTES} bytes")
        self._tenant_key = lru_cache(maxsize=4096)(
            lambda tenant: hmac.digest(key, f"tenant:{tenant}".encode(), "sha256")
        )

    def sign(self, envelope: Envelope, body: bytes) -> str:
        """Return the signature in hex."""
        return hmac.digest(self._tenant_key(envelope.tenant), _signed_bytes(envelope, body), "sha256").hex()

    def verify(self, envelope: Envelope, body: bytes, signature: str) -> None:
        """Raise BadSignature unless the signature is ours."""
        if not hmac.compare_digest(self.sign(envelope, body).encode(), signature.encode()):
            raise BadSignature("the signature is wrong")


def _signed_bytes(envelope: Envelope, body: bytes) -> bytes:
    whose = f"{envelope.event_id}\n{envelope.response_id}\n{envelope.tenant}\n{envelope.causation_id}"
    what = f"{envelope.schema}\n{envelope.deadline_at:.6f}\n{envelope.subject}"
    head = f"{whose}\n{what}\n{envelope.waited_ms}\n{envelope.reads}\n"
    return head.encode() + hashlib.sha256(body).digest()
