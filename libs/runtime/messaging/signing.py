"""Envelope signatures: HMAC-SHA256 under a key per tenant, derived from one signing key."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Self

from libs.contracts.envelope import Envelope
from libs.core.errors import ConfigurationError, Unacceptable
from libs.core.key_roots import RootKeys, key_id
from libs.core.key_strength import GENERATE

MIN_KEY_BYTES = 16


class BadSignature(Unacceptable):
    """The message was not signed with the signing key, or was changed after signing."""

    code = "bad_signature"


class Signer:
    """Signs and verifies envelopes. `key` is their root key, at least 16 bytes; signatures of `others` are valid too.

    The signature covers the ids, the tenant, the subject, the schema, the deadline, the recorded reads and the hash of
    the body. So no stage trusts an unverified header or body, and no auditor an unverified read.
    """

    @classmethod
    def of(cls, keys: RootKeys) -> Self:
        """Sign with the current key and accept all. Raises ConfigurationError if a key is too short."""
        if min(len(key.encode()) for key in keys.all) < MIN_KEY_BYTES:
            raise ConfigurationError(f"MOE_SIGNING_KEY: not set, or shorter than {MIN_KEY_BYTES} bytes; {GENERATE}")
        return cls(keys.current.encode(), tuple(key.encode() for key in keys.others))

    def __init__(self, key: bytes, others: tuple[bytes, ...] = ()) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the signing key has fewer than {MIN_KEY_BYTES} bytes")
        self.key_id = key_id(key)
        self._tenant_macs = _tenant_macs(key)
        self._others = {key_id(other): _tenant_macs(other) for other in others}

    @property
    def accepts_others(self) -> bool:
        """Whether keys from before or after a rotation are accepted too."""
        return bool(self._others)

    def sign(self, envelope: Envelope, body: bytes) -> str:
        """Hexadecimal, under the key `key_id`."""
        return _mac(self._tenant_macs(envelope.tenant), _signed_bytes(envelope, body))

    def verify(self, envelope: Envelope, body: bytes, signature: str, signed_with: str = "") -> None:
        """Raise BadSignature unless an accepted key made the signature. An empty key id means every accepted key."""
        signed, received = _signed_bytes(envelope, body), signature.encode()
        for tenant_macs in self._candidates(signed_with):
            expected = _mac(tenant_macs(envelope.tenant), signed)
            if hmac.compare_digest(expected.encode(), received):
                return
        raise BadSignature("the signature is wrong")

    def _candidates(self, signed_with: str) -> Iterable[Callable[[str], hmac.HMAC]]:
        if signed_with == self.key_id:
            return (self._tenant_macs,)
        if not signed_with:
            return (self._tenant_macs, *self._others.values())
        return (self._others[signed_with],) if signed_with in self._others else ()


def _tenant_macs(key: bytes) -> Callable[[str], hmac.HMAC]:
    """A MAC under the key of each tenant, to be copied: `hmac.digest` looks up its algorithm again for each message."""

    @lru_cache(maxsize=4096)
    def of_tenant(tenant: str) -> hmac.HMAC:
        return hmac.new(hmac.digest(key, f"tenant:{tenant}".encode(), "sha256"), digestmod="sha256")

    return of_tenant


def _mac(keyed: hmac.HMAC, signed: bytes) -> str:
    mac = keyed.copy()
    mac.update(signed)
    return mac.hexdigest()


def _signed_bytes(envelope: Envelope, body: bytes) -> bytes:
    whose = f"{envelope.event_id}\n{envelope.response_id}\n{envelope.tenant}\n{envelope.causation_id}"
    what = f"{envelope.schema}\n{envelope.deadline_at:.6f}\n{envelope.subject}"
    head = f"{whose}\n{what}\n{envelope.waited_ms}\n{envelope.reads}\n"
    return head.encode() + hashlib.sha256(body).digest()
