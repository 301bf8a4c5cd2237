"""What one model was asked and said, kept for a while, so that a client can go on from it with the id of the response.

What the fleet answers is on the log. Of an answer of one model alone only its text is there, not the calls that a
client is to make, so the conversation is noted: sealed for its tenant, for the user who had it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from libs.adapters.tenant_seal import TenantSeal
from libs.ports.identity import Caller
from libs.ports.notes import Notes, NotesAway
from services.gateway.domain.turns_kept import Turn, packed, unpacked

KEPT_S = 24 * 3600
MAX_BYTES = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversations:
    """Around one store."""

    notes: Notes
    seal: TenantSeal

    async def keep(self, caller: Caller, response_id: str, turns: Sequence[Turn]) -> None:
        """Note a conversation with the answer at its end; one over 1 MB is not. Does not raise when the store is away:
        the answer is worth more than going on from it."""
        plain = packed(caller.user, turns)
        if len(plain) > MAX_BYTES:
            return
        name = self._name(caller, response_id)
        try:
            await self.notes.put(name, self.seal.sealed(caller.tenant, name, plain), KEPT_S)
        except NotesAway as error:
            log.info("nobody will be able to go on from %s: %s", response_id, error)

    async def find(self, caller: Caller, response_id: str) -> tuple[Turn, ...] | None:
        """Return a conversation of the caller's own, None where there is none. Raises NotesAway."""
        name = self._name(caller, response_id)
        sealed = await self.notes.get(name)
        plain = self.seal.opened(caller.tenant, name, sealed) if sealed is not None else None
        return unpacked(caller.user, plain) if plain is not None else None

    def _name(self, caller: Caller, response_id: str) -> str:
        return self.seal.name(caller.tenant, "conversation", response_id.encode())
