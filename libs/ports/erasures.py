"""Finding out what was erased or deleted, before anything of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Removal = Literal["erased", "deleted"]


@dataclass(frozen=True, slots=True)
class RequestRef:
    """A request: its response, and the subject of its records, empty where that is not known yet."""

    tenant: str
    response_id: str
    subject: str = ""


class ErasureLookup(Protocol):
    """Where erasures and deletions are recorded."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        """Return those requests whose content was erased, or one of whose persons was after they were accepted.

        Raises Retryable when that cannot be determined now.
        """
        ...

    async def removal(self, request: RequestRef) -> Removal | None:
        """Return why a response must not be shown: `erased` as above, `deleted` by its client; None where it may be.

        Raises Retryable when that cannot be determined now.
        """
        ...


class ResponseDeletions(Protocol):
    """Records that a client deleted a response: from then on it is a `removal`."""

    async def delete(self, tenant: str, response_id: str, actor: str) -> None:
        """Record a deletion, and the act of `actor` for the audit; once, however often it is called.

        Raises Retryable when that is not possible now.
        """
        ...


class NoErasures:
    """An ErasureLookup and ResponseDeletions where nothing keeps them: there is no journal."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        """See the port."""
        del requests
        return frozenset()

    async def removal(self, request: RequestRef) -> Removal | None:
        """See the port."""
        del request
        return None

    async def delete(self, tenant: str, response_id: str, actor: str) -> None:
        """See the port."""
        del tenant, response_id, actor
