"""Values of data subjects in the shared store: encrypted and listed per subject, so that an erasure finds them."""

from dataclasses import dataclass

from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.core.subjects import persons_in
from libs.ports.key_values import DataSubject, KeyValueStore


@dataclass(frozen=True, slots=True)
class EncryptedValues:
    """Methods raise KeyValueStoreUnavailable while the store or the key of a data subject is unavailable."""

    store: KeyValueStore
    encryption: SubjectEncryption

    def name(self, tenant: str, kind: str, what: bytes) -> str:
        """Derive a key that reveals nothing about `what` outside the tenant."""
        return self.encryption.tenants.name(tenant, kind, what)

    async def put(self, data_subject: DataSubject, name: str, plain: bytes, life_s: int) -> None:
        """Store an encrypted value; no effect for a subject that is erased meanwhile."""
        if (sealed := await self.encryption.encrypt(data_subject, name, plain)) is not None:
            await self.store.put(name, sealed, life_s, under=self.lists_of(data_subject))

    async def get(self, tenant: str, name: str) -> bytes | None:
        """None for a missing or an erased value."""
        sealed = await self.store.get(name)
        return await self.encryption.decrypt(tenant, name, sealed) if sealed is not None else None

    def lists_of(self, data_subject: DataSubject) -> tuple[str, ...]:
        """Names of the lists of a subject's entries, one for each of its persons."""
        return tuple(
            self.encryption.tenants.list_of(data_subject.tenant, each) for each in persons_in(data_subject.subject)
        )
