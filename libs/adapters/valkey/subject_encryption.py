"""Encrypts values of data subjects under their own key, inside an encryption under a key of the tenant."""

import struct
from dataclasses import dataclass
from typing import Protocol

from libs.adapters.journal.cipher import SubjectKey, UnreadableContent
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.ports.key_values import DataSubject

_OF_THE_TENANT, _OF_ONE_SUBJECT = b"\0", b"\1"
_OF_MANY_SUBJECTS = b"\2"
_HEAD = struct.Struct(">qB")  # key id, length of the subject
_LONG_HEAD = struct.Struct(">qH")

_SHORT = 255  # bytes


class SubjectKeySource(Protocol):
    """Implemented by DataSubjectKeys."""

    async def to_write(self, person: DataSubject) -> SubjectKey | None: ...

    async def to_read(self, tenant: str, subject: str, key_id: int) -> SubjectKey | None: ...


@dataclass(frozen=True, slots=True)
class SubjectEncryption:
    """Without `keys`, encrypts for the tenant alone.

    An erasure destroys the subject's key: neither a remaining value nor an earlier copy of the store can be decrypted.
    """

    tenants: TenantEncryption
    keys: SubjectKeySource | None = None

    async def encrypt(self, person: DataSubject, name: str, plain: bytes) -> bytes | None:
        """None if the data subject was erased. Raises KeyValueStoreUnavailable."""
        if self.keys is None:
            return self.tenants.encrypt(person.tenant, name, _OF_THE_TENANT + plain)
        if (key := await self.keys.to_write(person)) is None:
            return None
        subject = person.subject.encode()
        kind, head = (_OF_ONE_SUBJECT, _HEAD) if len(subject) <= _SHORT else (_OF_MANY_SUBJECTS, _LONG_HEAD)
        packed = head.pack(key.key_id, len(subject)) + subject + key.encrypt(plain, name.encode())
        return self.tenants.encrypt(person.tenant, name, kind + packed)

    async def decrypt(self, tenant: str, name: str, sealed: bytes) -> bytes | None:
        """None for a value of another name or of an erased data subject. Raises KeyValueStoreUnavailable."""
        packed = self.tenants.decrypt(tenant, name, sealed) or b""
        if packed[:1] == _OF_THE_TENANT:
            return packed[1:]
        head = {_OF_ONE_SUBJECT: _HEAD, _OF_MANY_SUBJECTS: _LONG_HEAD}.get(packed[:1])
        if head is None or self.keys is None:
            return None
        key_id, length = head.unpack_from(packed, 1)
        words = 1 + head.size + length
        key = await self.keys.to_read(tenant, packed[1 + head.size : words].decode(), key_id)
        return _decrypted(key, packed[words:], name) if key is not None else None


def _decrypted(key: SubjectKey, content: bytes, name: str) -> bytes | None:
    try:
        return key.decrypt(content, name.encode())
    except UnreadableContent:
        return None
