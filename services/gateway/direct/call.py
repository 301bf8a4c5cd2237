"""A call on the straight line, and what has to be given back when it has ended."""

from dataclasses import dataclass

from libs.contracts.answer import Outcome
from libs.ports.metering import Passage
from services.gateway.direct.asking import Failed
from services.gateway.direct.case import DirectCase, Said
from services.gateway.direct.desk import Place
from services.gateway.direct.line import DirectLine
from services.gateway.direct.request import Remember
from services.gateway.direct.watch import Patience
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError


@dataclass(frozen=True, slots=True)
class DirectCall:
    """One call, with its place on the line and its passage. It has to be closed; until then it is recorded once."""

    line: DirectLine
    case: DirectCase
    place: Place
    passage: Passage

    def __post_init__(self) -> None:
        self.place.case = self.case

    @property
    def patience(self) -> Patience:
        """Return how long the call may take."""
        return self.line.rules.patience(self.case.why)

    def record(self, outcome: Outcome, said: Said, error: ApiError | None = None) -> Spent:
        """Record how the call ended, with what the client is told instead of an answer; return what it took."""
        self.line.books.write(self.case.closed(outcome, said, error))
        return self.case.spent(said)

    async def answered(self, said: Said, remember: Remember) -> Spent:
        """Record a whole answer; return what it took. Whoever is told that it is complete can go on from it at once."""
        try:
            await remember(said)
        finally:
            spent = self.record("answered", said)
        return spent

    def ended(self, failed: Failed | None, said: Said) -> None:
        """Record a call without a whole answer; None for one that nobody waits for any more."""
        if failed is None:
            self.record("cancelled", said)
        else:
            self.record(failed.outcome, said, failed.error)

    def close(self) -> None:
        """Give everything back. A bug is no reason to forget what the call took."""
        try:
            if self.case.usage is None:
                self.record("failed", Said())
        finally:
            self.line.desk.leave(self.place)
            self.passage.settle(self.case.usage)
