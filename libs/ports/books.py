"""The books: what each request has cost, once."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.records import RequestLogged


class Books(Protocol):
    """Writes down what requests have cost, and settles what was reserved for them."""

    async def book(self, ended: RequestLogged) -> None:
        """Write down one request; returning means that it is committed. The first word about a request counts.

        Raises Retryable.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoBooks:
    """Books of a fleet that keeps none."""

    async def book(self, ended: RequestLogged) -> None:
        """See Books."""
