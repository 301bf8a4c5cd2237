"""A call on the straight line, and what has to be given back when it has ended."""

from dataclasses import dataclass

from libs.contracts.answer import Outcome
from libs.ports.quota import Reservation
from services.gateway.direct.admission import Place
from services.gateway.direct.context import DirectCase, Said
from services.gateway.direct.proxy import DirectLine
from services.gateway.direct.request import Remember
from services.gateway.direct.upstream_call import Failed, Trouble, failure_of, is_abort
from services.gateway.direct.watchdog import Patience
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError


@dataclass(slots=True)
class DirectCall:
    """One call, with its place on the line and its passage. It has to be closed; until then it is recorded once."""

    line: DirectLine
    case: DirectCase
    place: Place
    passage: Reservation

    def __post_init__(self) -> None:
        self.place.case = self.case

    @property
    def patience(self) -> Patience:
        """Return how long the call may take."""
        return self.line.rules.patience(self.case.why)

    def record(self, outcome: Outcome, said: Said, error: ApiError | None = None, *, aborted: bool = False) -> Spent:
        """Record how the call ended, with what the client is told instead of an answer; return what it took."""
        unheard_tokens_per_s = self.line.rates.tokens_per_s(self.case.ref) if aborted else 0.0
        spent = self.case.spent(said, unheard_tokens_per_s)
        self.line.books.write(self.case.closed(outcome, said, error, spent))
        return spent

    async def answered(self, said: Said, remember: Remember) -> Spent:
        """Record a whole answer; return what it took. Whoever is told that it is complete can go on from it at once."""
        try:
            await remember(said)
        finally:
            spent = self.record("answered", said)
        if not spent.estimated:
            self.line.rates.observe(self.case.ref, spent.usage.completion_tokens, self.case.lasted_s)
        return spent

    def ended(self, trouble: Trouble, said: Said) -> Failed | None:
        """Record a call without a whole answer; return what the client is told, None when it has gone."""
        failed, aborted = failure_of(trouble, self.case.response_id), is_abort(trouble)
        if failed is None:
            self.record("cancelled", said, aborted=aborted)
        else:
            self.record(failed.outcome, said, failed.error, aborted=aborted)
        return failed

    def close(self) -> None:
        """Give everything back. A bug is no reason to forget what the call took."""
        try:
            if self.case.usage is None:
                self.record("failed", Said())
        finally:
            self.line.desk.leave(self.place)
            self.passage.settle(self.case.usage)
