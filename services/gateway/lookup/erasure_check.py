"""Refuses what was erased: before a response is looked up anywhere, and what was found before it is shown."""

import logging
from dataclasses import dataclass, field

from libs.contracts.envelope import Envelope
from libs.core.errors import Retryable
from libs.ports.erasures import ErasureLookup, NoErasures, RequestRef
from services.gateway.domain.errors import erased, unknown_now

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErasureCheck:
    """Around one lookup. What cannot be checked is not shown."""

    erasures: ErasureLookup = field(default_factory=NoErasures)

    async def require_not_erased(self, tenant: str, response_id: str, subject: str = "") -> None:
        """Raise RequestRefused: 404 `erased` for an erased response or subject, 503 while that cannot be determined."""
        try:
            gone = await self.erasures.erased((RequestRef(tenant, response_id, subject),))
        except Retryable as error:
            log.warning("%s is not served while erasures cannot be checked: %s", response_id, error)
            raise unknown_now() from error
        if gone:
            raise erased()

    async def require_kept(self, envelope: Envelope) -> None:
        """Raise RequestRefused as `require_not_erased` does, for a record that was found."""
        await self.require_not_erased(envelope.tenant, envelope.response_id, envelope.subject)
