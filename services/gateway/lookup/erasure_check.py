"""Rejects erased and deleted responses, before a look-up and before a response is shown."""

import logging
from dataclasses import dataclass, field

from libs.contracts.envelope import Envelope
from libs.core.errors import Retryable
from libs.ports.erasures import ErasureLookup, NoErasures, RequestRef
from services.gateway.domain.errors import erased, not_found, temporarily_unavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErasureCheck:
    """A response that cannot be checked is not shown. `finds_deleted`: only erased responses are rejected."""

    erasures: ErasureLookup = field(default_factory=NoErasures)
    finds_deleted: bool = False

    async def require_not_erased(self, tenant: str, response_id: str, subject: str = "") -> None:
        """Raise RequestRefused: 404 `erased` for an erased response or subject, 404 as for an unknown one when it was
        deleted, 503 while that cannot be determined."""
        try:
            removal = await self.erasures.removal(RequestRef(tenant, response_id, subject))
        except Retryable as error:
            log.warning("%s is not served while erasures cannot be checked: %s", response_id, error)
            raise temporarily_unavailable() from error
        if removal == "erased":
            raise erased()
        if removal == "deleted" and not self.finds_deleted:
            raise not_found()

    async def require_record_not_erased(self, envelope: Envelope) -> None:
        """Raise RequestRefused as `require_not_erased` does, for a record that was found."""
        await self.require_not_erased(envelope.tenant, envelope.response_id, envelope.subject)
