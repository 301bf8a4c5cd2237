"""Finding out what was erased, before anything of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RequestRef:
    """A request: its response, and the subject of its records, empty where that is not known yet."""

    tenant: str
    response_id: str
    subject: str = ""


class ErasureLookup(Protocol):
    """Where erasures are recorded."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        """Return those requests whose content was erased, or one of whose persons was after they were accepted.

        Raises Retryable when that cannot be determined now.
        """
        ...


class NoErasures:
    """An ErasureLookup where nothing keeps erasures: there is no journal."""

    async def erased(self, requests: Sequence[RequestRef]) -> frozenset[RequestRef]:
        """See the port."""
        del requests
        return frozenset()
