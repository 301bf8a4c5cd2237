"""The usage store port: the cost of each request, recorded once."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.records import CallsLogged, RequestLogged


class UsageStore(Protocol):
    """Records the cost of requests and settles their reservations."""

    async def record_usage(self, ended: RequestLogged) -> None:
        """Record one request; it is committed on return. The first record of a request counts.

        Raises Retryable, and Unstorable for a record that no store accepts.
        """
        ...

    async def record_late_calls(self, late: CallsLogged) -> None:
        """Add calls reported after the end of their request, in whatever order the two records arrive.

        Each call counts once, by its id; it is committed on return. Raises Retryable and Unstorable.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoUsageStore:
    """Usage store of a fleet that records no usage."""

    async def record_usage(self, ended: RequestLogged) -> None:
        """Discards the record."""

    async def record_late_calls(self, late: CallsLogged) -> None:
        """Discards the record."""
