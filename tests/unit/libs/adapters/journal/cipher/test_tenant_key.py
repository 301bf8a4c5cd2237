"""Keys of subjects under their root: before there were ids of roots, during a rotation, and after it."""

import json
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.adapters.journal.cipher import TenantKey, UnreadableContent
from libs.core.key_roots import RootKeys
from libs.runtime.settings.journal_secrets import JournalSecrets

OLD, NEW = "the root before", "the root after"


def tenant_key(*roots: str) -> TenantKey:
    return TenantKey(JournalSecrets("", RootKeys(roots[0], roots[1:])), "acme")


def wrapped_without_an_id(root: str, subject: str, key: bytes) -> bytes:
    cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"moe journal tenant acme").derive(root.encode()))
    nonce = secrets.token_bytes(12)
    return nonce + cipher.encrypt(nonce, key, json.dumps(["moe journal key", "acme", subject]).encode())


def test_a_key_of_before_is_read_under_the_previous_root() -> None:
    wrapped = wrapped_without_an_id(OLD, "ada", b"k" * 32)
    content = tenant_key(OLD).unwrap(1, "ada", wrapped).encrypt(b"words", b"row")
    assert tenant_key(NEW, OLD).unwrap(1, "ada", wrapped).decrypt(content, b"row") == b"words"
    with pytest.raises(UnreadableContent):
        tenant_key(NEW).unwrap(1, "ada", wrapped)


def test_a_key_that_is_wrapped_anew_opens_the_same_content_without_the_old_root() -> None:
    wrapped = tenant_key(OLD).wrapped("ada")
    content = tenant_key(OLD).unwrap(1, "ada", wrapped).encrypt(b"words", b"row")
    fresh = tenant_key(NEW, OLD).rewrapped("ada", wrapped)
    assert fresh is not None
    assert tenant_key(NEW).unwrap(1, "ada", fresh).decrypt(content, b"row") == b"words"
    assert tenant_key(NEW, OLD).rewrapped("ada", fresh) is None
    with pytest.raises(UnreadableContent):
        tenant_key(OLD).unwrap(1, "ada", fresh)


def test_a_key_is_bound_to_its_subject_still() -> None:
    with pytest.raises(UnreadableContent):
        tenant_key(NEW, OLD).rewrapped("bob", tenant_key(OLD).wrapped("ada"))
