"""Conversations with one model, stored for 24 hours, so that a client can continue one by `previous_response_id`."""

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
    """The log has all of the fleet's answers. Of an answer of one model it has only the last question, not the turns
    before it, so the conversation is stored here, for its user."""

    values: EncryptedValues

    async def store(self, caller: Caller, data_subject: DataSubject, response_id: str, turns: Sequence[Turn]) -> None:
        """Store a conversation with the answer at its end, unless it exceeds 1 MB. Does not raise while the store is
        unavailable: the answer matters more than its continuation."""
        plain = packed(caller.user, turns)
        if len(plain) > MAX_BYTES:
            return
        name = self._name(caller, response_id)
        try:
            await self.values.put(data_subject, name, plain, KEPT_S)
        except KeyValueStoreUnavailable as error:
            log.info("could not store the conversation of %s: %s", response_id, error)

    async def find(self, caller: Caller, response_id: str) -> tuple[Turn, ...] | None:
        """None where the caller has no such conversation. Raises KeyValueStoreUnavailable."""
        name = self._name(caller, response_id)
        plain = await self.values.get(caller.tenant, name)
        return unpacked(caller.user, plain) if plain is not None else None

    def _name(self, caller: Caller, response_id: str) -> str:
        return self.values.name(caller.tenant, "conversation", response_id.encode())
