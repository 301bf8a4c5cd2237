"""Keys of the journal: a tenant's key is derived, a subject's key is random, wrapped by it, and destroyed to erase.

Content is AES-256-GCM under the subject's key, bound to the row that it stands in. A wrapped key is bound to tenant and
subject, so that none of them can be put in the place of another.
"""

import hmac
import json
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.core.errors import ConfigurationError
from libs.ports.journal import JournalEntry, Position

TAG_BYTES = 16
_FORMAT = b"\1"  # AES-256-GCM over raw deflate with the first dictionary
_NONCE_BYTES = 12


class UnreadableContent(ConfigurationError):
    """The key is not the one that the journal was written with, or a row was changed."""

    code = "unreadable_content"


@dataclass(frozen=True, slots=True)
class JournalSecrets:
    """`signing_key` is the fleet's; `journal_key` protects content, empty: derived from the signing key as well."""

    signing_key: str = field(repr=False)
    journal_key: str = field(default="", repr=False)

    @property
    def master(self) -> bytes:
        """Return what tenants' keys are derived from. Raises ConfigurationError when there is none."""
        secret = self.journal_key or self.signing_key
        if not secret:
            raise ConfigurationError("MOE_SIGNING_KEY: not set; the journal's keys are derived from it")
        return secret.encode()


class SubjectKey:
    """The key of one subject, unwrapped: encrypts, decrypts and fingerprints. Safe to use in threads."""

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.key_id = key_id
        self._cipher = AESGCM(secret)
        self._tag_key = hmac.digest(secret, b"moe journal fingerprint", "sha256")

    def encrypt(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return format, nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def decrypt(self, content: bytes, bound_to: bytes) -> bytes:
        """Return the plain bytes. Raises UnreadableContent."""
        if content[:1] != _FORMAT:
            raise UnreadableContent("the journal holds content of a newer format")
        nonce, ciphertext = content[1 : 1 + _NONCE_BYTES], content[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, bound_to)
        except InvalidTag as error:
            raise UnreadableContent("a row of the journal was changed after it was written") from error

    def fingerprint(self, value: bytes) -> bytes:
        """Return a keyed fingerprint, which tells two values apart and says nothing without the key."""
        return hmac.digest(self._tag_key, value, "sha256")[:TAG_BYTES]


class TenantKey:
    """Wraps the keys of a tenant's subjects."""

    def __init__(self, secrets_: JournalSecrets, tenant: str) -> None:
        info = b"moe journal tenant " + tenant.encode()
        self._tenant = tenant
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secrets_.master))

    def wrapped(self, subject: str) -> bytes:
        """Return a new key for a subject, wrapped."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secrets.token_bytes(32), self._bound_to(subject))

    def unwrap(self, key_id: int, subject: str, wrapped: bytes) -> SubjectKey:
        """Return the key inside. Raises UnreadableContent under another master key."""
        nonce, ciphertext = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return SubjectKey(key_id, self._cipher.decrypt(nonce, ciphertext, self._bound_to(subject)))
        except InvalidTag as error:
            raise UnreadableContent(
                "MOE_JOURNAL_KEY (or MOE_SIGNING_KEY without one) is not the key that this journal was written with"
            ) from error

    def _bound_to(self, subject: str) -> bytes:
        return json.dumps(["moe journal key", self._tenant, subject]).encode()


def row_identity(tenant: str, place: Position) -> bytes:
    """Return what content is bound to: moved to another row or tenant it cannot be decrypted."""
    return json.dumps([tenant, place.log_id, place.topic, place.partition, place.offset]).encode()


def identity_of(entry: JournalEntry) -> bytes:
    """Return what the content of an entry is bound to."""
    return row_identity(entry.owner.tenant, entry.position)
