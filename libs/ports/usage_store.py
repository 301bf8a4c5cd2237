"""The books: what each request has cost, once."""

from dataclasses import dataclass
from typing import Protocol

from libs.contracts.records import CallsLogged, RequestLogged


class UsageStore(Protocol):
    """Writes down what requests have cost, and settles what was reserved for them."""

    async def record_usage(self, ended: RequestLogged) -> None:
        """Write down one request; returning means that it is committed. The first word about a request counts.

        Raises Retryable, and Unstorable for what no books take.
        """
        ...

    async def record_late_calls(self, late: CallsLogged) -> None:
        """Add calls that came to light when their request had ended, in whatever order the two are heard of.

        Each call counts once, by its id; returning means that it is committed. Raises Retryable and Unstorable.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoUsageStore:
    """Books of a fleet that keeps none."""

    async def record_usage(self, ended: RequestLogged) -> None:
        """See Books."""

    async def record_late_calls(self, late: CallsLogged) -> None:
        """See Books."""
