"""One direct call: its record, and the release of its resources at the end."""

from dataclasses import dataclass

from libs.contracts.answer import Outcome
from libs.ports.quota import Reservation
from services.gateway.direct.admission import DirectSlot
from services.gateway.direct.context import DirectContext, ModelOutput
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.request import Remember
from services.gateway.direct.upstream_call import CallFailed, UpstreamFailure, failure_of, is_abort
from services.gateway.direct.watchdog import CallTimeouts
from services.gateway.domain.direct.spent import Spent
from services.gateway.domain.errors import ApiError


@dataclass(slots=True)
class DirectCall:
    """One call with its slot and its reservation. It must be closed; it is recorded exactly once, at the latest by
    `close`."""

    proxy: DirectProxy
    context: DirectContext
    slot: DirectSlot
    reservation: Reservation

    def __post_init__(self) -> None:
        self.slot.context = self.context

    @property
    def timeouts(self) -> CallTimeouts:
        return self.proxy.timeouts.call_timeouts(self.context.why)

    def record(
        self, outcome: Outcome, output: ModelOutput, error: ApiError | None = None, *, aborted: bool = False
    ) -> Spent:
        """Record the end of the call and return its usage; `error` is the error that the client gets instead of an
        answer."""
        unseen_tokens_per_s = self.proxy.rates.tokens_per_s(self.context.ref) if aborted else 0.0
        spent = self.context.usage_of(output, unseen_tokens_per_s)
        self.proxy.outbox.write(self.context.as_record(outcome, output, error, spent))
        return spent

    async def record_answer(self, output: ModelOutput, remember: Remember) -> Spent:
        """Record a whole answer and return its usage. The conversation is stored first, so that a client can use
        `previous_response_id` as soon as it sees the end."""
        try:
            await remember(output)
        finally:
            spent = self.record("answered", output)
        if not spent.estimated:
            case = self.context
            self.proxy.rates.observe(case.ref, spent.usage.completion_tokens // case.answers, case.lasted_s)
        return spent

    def record_failure(self, failure: UpstreamFailure, output: ModelOutput) -> CallFailed | None:
        """Record a call without a whole answer; return the client's error, None when the client has disconnected."""
        failed, aborted = failure_of(failure, self.context.response_id), is_abort(failure)
        if failed is None:
            self.record("cancelled", output, aborted=aborted)
        else:
            self.record(failed.outcome, output, failed.error, aborted=aborted)
        return failed

    def close(self) -> None:
        """Release the slot and settle the reservation; also records the usage after a bug."""
        try:
            if self.context.usage is None:
                self.record("failed", ModelOutput())
        finally:
            self.proxy.admission.release(self.slot)
            self.reservation.settle(self.context.usage)
