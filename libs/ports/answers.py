"""Finding out what became of a response, after the fact and from anywhere."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged


@dataclass(frozen=True, slots=True)
class ResponseState:
    """What is known about a response. `started`: more happened to it than that it was accepted.

    `end` is the first one in the log, which is the answer for good.
    """

    opened: RequestOpened | None = None
    end: AnswerFinished | None = None
    started: bool = False


DirectState: TypeAlias = RequestLogged | DirectOpened  # how a response that one model gives has ended, or that it runs


class AnswerLookup(Protocol):
    """One place where responses can be found."""

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        """Return what this place knows about a response of a tenant; all empty for an unknown and for a foreign one.

        Raises Retryable when it cannot be asked now.
        """
        ...


class RecordLookup(Protocol):
    """One place where the records of requests can be found, those that one model answered included."""

    async def record(self, tenant: str, response_id: str, *, within_s: float = 0.0) -> RequestLogged | None:
        """Return the record of a tenant's request, None for an unknown and for a foreign one.

        `within_s`: wait so long for one that may just be on its way. Raises Retryable when it cannot be asked now.
        """
        ...

    async def accepted(self, tenant: str, response_id: str) -> DirectOpened | None:
        """Return a request that one model answers in the background, None for an unknown and for a foreign one.

        Raises Retryable when it cannot be asked now.
        """
        ...
