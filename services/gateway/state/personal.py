"""What persons said, in the notes that all gateways share: sealed and listed for them, so that an erasure finds it."""

from dataclasses import dataclass

from libs.adapters.valkey.subject_encryption import PersonSeal
from libs.core.subjects import persons_in
from libs.ports.notes import Notes, Person


@dataclass(frozen=True, slots=True)
class PersonalNotes:
    """Around one store. Everything raises NotesAway while nobody can tell what is noted, or whose key it is under."""

    notes: Notes
    seal: PersonSeal

    def name(self, tenant: str, kind: str, what: bytes) -> str:
        """Return a name that tells nobody outside the tenant what it stands for."""
        return self.seal.tenants.name(tenant, kind, what)

    async def put(self, person: Person, name: str, plain: bytes, life_s: int) -> None:
        """Note what a person said; nothing for who was erased since."""
        if (sealed := await self.seal.sealed(person, name, plain)) is not None:
            await self.notes.put(name, sealed, life_s, under=self.lists_of(person))

    async def get(self, tenant: str, name: str) -> bytes | None:
        """Return what is noted, None for nothing and for what was erased."""
        sealed = await self.notes.get(name)
        return await self.seal.opened(tenant, name, sealed) if sealed is not None else None

    def lists_of(self, person: Person) -> tuple[str, ...]:
        """Return the names of the lists of all that is noted of a subject, one for each of its persons."""
        return tuple(self.seal.tenants.list_of(person.tenant, each) for each in persons_in(person.subject))
