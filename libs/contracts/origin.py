"""Origin of a history: the facts about a request that its messages inherit."""

from dataclasses import dataclass
from typing import Self

from libs.core.ids import SYSTEM_TENANT, system_response_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Start of a history. `deadline_at` is Unix time in seconds, 0 without one; `trace` is a W3C traceparent.

    `subject` is the pseudonym of the data subject; empty if the history belongs to no person.
    """

    response_id: str
    tenant: str
    deadline_at: float = 0.0
    trace: str = ""
    subject: str = ""

    @classmethod
    def system(cls, name: str, tenant: str = SYSTEM_TENANT) -> Self:
        """Origin of a history without a request. Equal names give equal response ids, for every tenant."""
        return cls(system_response_id(name), tenant)
