"""Keys of the journal: derived tenant keys, and random subject keys wrapped by them."""

import hmac
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.core.errors import ConfigurationError
from libs.core.key_roots import key_id
from libs.ports.journal import JournalEntry, Position
from libs.runtime.settings.journal_secrets import JournalSecrets

TAG_BYTES = 16
_FORMAT = b"\1"  # AES-256-GCM over raw deflate with the first dictionary
_NONCE_BYTES = 12
_KEY_BYTES = 32
_ROOT_ID_BYTES = 4
_WITHOUT_ID = _NONCE_BYTES + _KEY_BYTES + 16  # nonce, key, and the tag of AES-GCM


class UnreadableContent(ConfigurationError):
    """The key is not the one that encrypted the journal, or a row was changed."""

    code = "unreadable_content"


class SubjectKey:
    """The unwrapped key of one subject: encrypts, decrypts and fingerprints. Thread-safe.

    The key is random; erasure destroys it. Content is AES-256-GCM, bound to its row.
    """

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.key_id = key_id
        self._cipher = AESGCM(secret)
        self._tag_key = hmac.digest(secret, b"moe journal fingerprint", "sha256")

    def encrypt(self, plain: bytes, bound_to: bytes) -> bytes:
        """The result is format, nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def decrypt(self, content: bytes, bound_to: bytes) -> bytes:
        """Raises UnreadableContent."""
        if content[:1] != _FORMAT:
            raise UnreadableContent("the journal holds content of a newer format")
        nonce, ciphertext = content[1 : 1 + _NONCE_BYTES], content[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, bound_to)
        except InvalidTag as error:
            raise UnreadableContent("a row of the journal was changed after it was written") from error

    def fingerprint(self, value: bytes) -> bytes:
        """Keyed fingerprint: distinguishes values and reveals nothing about them without the key."""
        return hmac.digest(self._tag_key, value, "sha256")[:TAG_BYTES]


class TenantKey:
    """Wraps the keys of a tenant's subjects under the current root; unwraps under every root.

    The tenant's key is derived from the root. A wrapped key is bound to tenant and subject, so that wrapped keys cannot
    be exchanged for each other. It is root id, nonce and ciphertext; keys from before root ids existed lack the id.
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
        """Make a new key for a subject and wrap it."""
        return self._wrap(subject, secrets.token_bytes(_KEY_BYTES))

    def unwrap(self, key_id: int, subject: str, wrapped: bytes) -> SubjectKey:
        """Raises UnreadableContent under an unknown root."""
        return SubjectKey(key_id, self._opened(subject, wrapped))

    def rewrapped(self, subject: str, wrapped: bytes) -> bytes | None:
        """The same key under the current root; None if it already is. Raises UnreadableContent."""
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
    """Id of the root that wraps a key; empty for keys from before root ids existed."""
    return wrapped[:_ROOT_ID_BYTES] if len(wrapped) > _WITHOUT_ID else b""


def row_identity(tenant: str, place: Position) -> bytes:
    """Associated data of the encryption: content moved to another row or tenant cannot be decrypted."""
    return json.dumps([tenant, place.log_id, place.topic, place.partition, place.offset]).encode()


def identity_of(entry: JournalEntry) -> bytes:
    return row_identity(entry.owner.tenant, entry.position)
