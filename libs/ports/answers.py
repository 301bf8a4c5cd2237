"""Look-up of the state and the record of a response, from any process."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.progress import RequestOpened
from libs.contracts.records import RequestLogged


@dataclass(frozen=True, slots=True)
class ResponseState:
    """The stored facts of a response. `started`: it was accepted, and more events followed.

    `end` is the first end in the log; it is final.
    """

    opened: RequestOpened | None = None
    end: AnswerFinished | None = None
    started: bool = False


DirectState: TypeAlias = RequestLogged | DirectOpened  # the end of a direct response, or its opening while it runs


class AnswerLookup(Protocol):
    """One source of response states."""

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        """All fields are empty for an unknown response and for one of another tenant.

        Raises Retryable while the source is unavailable.
        """
        ...


class RecordLookup(Protocol):
    """One source of request records, direct requests included."""

    async def record(self, tenant: str, response_id: str, *, within_s: float = 0.0) -> RequestLogged | None:
        """None for an unknown request and for one of another tenant.

        `within_s`: wait up to this long for a record that may be in flight. Raises Retryable while the source is
        unavailable.
        """
        ...

    async def accepted(self, tenant: str, response_id: str) -> DirectOpened | None:
        """The opening of a direct background request; None for an unknown request and for one of another tenant.

        Raises Retryable while the source is unavailable.
        """
        ...
