"""Finding out what became of a response, after the fact and from anywhere."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a response. `started`: more happened to it than that it was accepted.

    `end` is the first one in the log, which is the answer for good.
    """

    opened: RequestOpened | None = None
    end: AnswerFinished | None = None
    started: bool = False


class AnswerLookup(Protocol):
    """One place where responses can be found."""

    async def find(self, tenant: str, response_id: str) -> Known:
        """Return what this place knows about a response of a tenant; all empty for an unknown and for a foreign one.

        Raises Retryable when it cannot be asked now.
        """
        ...
