"""Look-up of erasures and deletions, before stored content is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Removal = Literal["erased", "deleted"]


@dataclass(frozen=True, slots=True)
class RequestRef:
    """A request by its response id. `subject` is that of its records, empty where it is not known yet."""

    tenant: str
    response_id: str
    subject: str = ""


class ErasureLookup(Protocol):
    """Source of recorded erasures and deletions."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        """Requests whose content was erased, or one of whose persons was erased after their acceptance.

        Raises Retryable while the store is unavailable.
        """
        ...

    async def removal(self, request: RequestRef) -> Removal | None:
        """Why a response must not be shown: `erased` as above, `deleted` by its client; None if it may be shown.

        Raises Retryable while the store is unavailable.
        """
        ...


class ResponseDeletions(Protocol):
    """Records that a client deleted a response; `removal` then returns `deleted`."""

    async def delete(self, tenant: str, response_id: str, actor: str) -> None:
        """Record a deletion, and the action of `actor` for the audit. Idempotent.

        Raises Retryable while the store is unavailable.
        """
        ...


class NoErasures:
    """ErasureLookup of a fleet without a journal."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        del requests
        return frozenset()

    async def removal(self, request: RequestRef) -> Removal | None:
        del request
        return None
