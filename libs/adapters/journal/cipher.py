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

from libs.adapters.postgres.role_login import PasswordSource
from libs.core.errors import ConfigurationError
from libs.core.key_roots import RootKeys, key_id
from libs.ports.journal import JournalEntry, Position

TAG_BYTES = 16
_FORMAT = b"\1"  # AES-256-GCM over raw deflate with the first dictionary
_NONCE_BYTES = 12
_KEY_BYTES = 32
_ROOT_ID_BYTES = 4
_WITHOUT_ID = _NONCE_BYTES + _KEY_BYTES + 16  # nonce, key, and the tag of AES-GCM


class UnreadableContent(ConfigurationError):
    """The key is not the one that the journal was written with, or a row was changed."""

    code = "unreadable_content"


@dataclass(frozen=True, slots=True)
class JournalSecrets:
    """`passwords` open the database; `keys` protect what is in it."""

    passwords: PasswordSource = field(repr=False)
    keys: RootKeys = field(repr=False)

    @property
    def masters(self) -> tuple[bytes, ...]:
        """Return what tenants' keys are derived from, the current one first. Raises ConfigurationError without any."""
        if not self.keys.current:
            raise ConfigurationError("MOE_JOURNAL_KEY: not set; the journal's keys are derived from it")
        return tuple(key.encode() for key in self.keys.all)


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
    """Wraps the keys of a tenant's subjects: key id of the root, nonce, ciphertext; without an id before roots had any.

    Wraps under the current root and unwraps under every one.
    """

    def __init__(self, secrets_: JournalSecrets, tenant: str) -> None:
        info = b"moe journal tenant " + tenant.encode()
        self._tenant = tenant
        self._ciphers = {
            bytes.fromhex(key_id(master)): AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(master))
            for master in secrets_.masters
        }
        self._current = next(iter(self._ciphers))

    def wrapped(self, subject: str) -> bytes:
        """Return a new key for a subject, wrapped."""
        return self._wrap(subject, secrets.token_bytes(_KEY_BYTES))

    def unwrap(self, key_id: int, subject: str, wrapped: bytes) -> SubjectKey:
        """Return the key inside. Raises UnreadableContent under a root that is not known."""
        return SubjectKey(key_id, self._opened(subject, wrapped))

    def rewrapped(self, subject: str, wrapped: bytes) -> bytes | None:
        """Return the same key under the current root, None where it is already. Raises UnreadableContent."""
        if _root_of(wrapped) == self._current:
            return None
        return self._wrap(subject, self._opened(subject, wrapped))

    def _wrap(self, subject: str, key: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, key, self._bound_to(subject))

    def _opened(self, subject: str, wrapped: bytes) -> bytes:
        root = _root_of(wrapped)
        nonce, ciphertext = wrapped[len(root) : len(root) + _NONCE_BYTES], wrapped[len(root) + _NONCE_BYTES :]
        candidates = [cipher for name, cipher in self._ciphers.items() if root in (b"", name)]
        for cipher in candidates:
            try:
                return cipher.decrypt(nonce, ciphertext, self._bound_to(subject))
            except InvalidTag:
                continue
        raise UnreadableContent(
            "MOE_JOURNAL_KEY: neither this key nor a previous one is what the journal was written with"
        )

    def _bound_to(self, subject: str) -> bytes:
        return json.dumps(["moe journal key", self._tenant, subject]).encode()


def _root_of(wrapped: bytes) -> bytes:
    """Return the key id of the root that a key is wrapped under, empty for one of before there were any."""
    return wrapped[:_ROOT_ID_BYTES] if len(wrapped) > _WITHOUT_ID else b""


def row_identity(tenant: str, place: Position) -> bytes:
    """Return what content is bound to: moved to another row or tenant it cannot be decrypted."""
    return json.dumps([tenant, place.log_id, place.topic, place.partition, place.offset]).encode()


def identity_of(entry: JournalEntry) -> bytes:
    """Return what the content of an entry is bound to."""
    return row_identity(entry.owner.tenant, entry.position)
