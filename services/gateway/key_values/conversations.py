"""What one model was asked and said, kept for a while, so that a client can go on from it with the id of the response.

What the fleet answers is on the log. What one model alone answers is there with its last question, not with the turns
before it, so the conversation is noted, for the user who had it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from libs.ports.identity import Caller
from libs.ports.key_values import DataSubject, KeyValueStoreUnavailable
from services.gateway.domain.question.stored_turns import Turn, packed, unpacked
from services.gateway.key_values.personal import EncryptedValues

KEPT_S = 24 * 3600
MAX_BYTES = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversations:
    """Around one store."""

    values: EncryptedValues

    async def store(self, caller: Caller, data_subject: DataSubject, response_id: str, turns: Sequence[Turn]) -> None:
        """Note a person's conversation with the answer at its end; one over 1 MB is not. Does not raise when the store
        is away: the answer is worth more than going on from it."""
        plain = packed(caller.user, turns)
        if len(plain) > MAX_BYTES:
            return
        name = self._name(caller, response_id)
        try:
            await self.values.put(data_subject, name, plain, KEPT_S)
        except KeyValueStoreUnavailable as error:
            log.info("nobody will be able to go on from %s: %s", response_id, error)

    async def find(self, caller: Caller, response_id: str) -> tuple[Turn, ...] | None:
        """Return a conversation of the caller's own, None where there is none. Raises KeyValueStoreUnavailable."""
        name = self._name(caller, response_id)
        plain = await self.values.get(caller.tenant, name)
        return unpacked(caller.user, plain) if plain is not None else None

    def _name(self, caller: Caller, response_id: str) -> str:
        return self.values.name(caller.tenant, "conversation", response_id.encode())
