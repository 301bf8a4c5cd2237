"""The call to the model server, and the mapping of its failures to client errors."""

from dataclasses import dataclass, replace

from libs.adapters.models.openai_chat.exchange import Exchange, Unreachable, WireCut
from libs.adapters.models.openai_chat.failures import MAX_ERROR_BYTES, error_object
from libs.contracts.answer import Outcome
from services.gateway.direct.proxy import DirectProxy
from services.gateway.direct.request import DirectRequest
from services.gateway.direct.watchdog import AbortReason, CallAborted
from services.gateway.domain.direct import failures
from services.gateway.domain.direct.stream import BrokenAnswer, UpstreamErrorEvent
from services.gateway.domain.direct.upstream_body import FULL, Form
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import erased_error


class CallFailed(Exception):
    """The model does not answer; `error` is the client's error."""

    def __init__(self, error: ApiError, outcome: Outcome = "failed") -> None:
        super().__init__(error.code)
        self.error = error
        self.outcome: Outcome = outcome


# The failures between the request and the end of its answer.
UPSTREAM_FAILURES = (CallAborted, Unreachable, WireCut, BrokenAnswer, UpstreamErrorEvent, CallFailed)
_ABORTS = frozenset({AbortReason.CLIENT_GONE, AbortReason.CLIENT_SLOW, AbortReason.CANCELLED, AbortReason.TOO_LATE})
UpstreamFailure = CallAborted | Unreachable | WireCut | BrokenAnswer | UpstreamErrorEvent | CallFailed


async def open_exchange(proxy: DirectProxy, request: DirectRequest) -> Exchange:
    """Open the answer of a server. Raises Unreachable, WireCut, CallFailed.

    A server that rejects the form of the request gets a simpler form, which later requests use from the start.
    """
    ref = request.context.ref
    learned = proxy.forms.get(ref, FULL)
    bounded = learned.default and not request.is_unbounded
    form = first = replace(learned, default=False) if bounded else learned
    while True:
        exchange = await _send(proxy, request, form)
        if (refusal := await _refusal_in(exchange, request)) is None:
            if form is not first:
                proxy.learn(ref, replace(form, default=form.default or bounded))
            return exchange
        if (simpler := form.simpler(exchange.status, refusal.body)) is None:
            raise CallFailed(refusal.error)
        form = simpler


def failure_of(trouble: UpstreamFailure, response_id: str) -> CallFailed | None:
    """None when the client has disconnected."""
    match trouble:
        case CallFailed():
            return trouble
        case CallAborted():
            return _stopped(trouble.reason, response_id)
        case Unreachable():
            return CallFailed(failures.unreachable(response_id))
        case WireCut():
            return CallFailed(failures.broken_off("because its connection broke", response_id))
        case BrokenAnswer():
            return CallFailed(failures.broken_off(str(trouble), response_id))
        case UpstreamErrorEvent():
            return CallFailed(failures.upstream_error(trouble.error, response_id))


def is_abort(trouble: UpstreamFailure) -> bool:
    """True when the client or its deadline ended a call whose model was at work."""
    return isinstance(trouble, CallAborted) and trouble.reason in _ABORTS


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: ApiError
    body: bytes


async def _send(proxy: DirectProxy, request: DirectRequest, form: Form) -> Exchange:
    """The call may have a cost from here on, unless the server is unreachable."""
    case = request.context
    case.began = True
    case.record_sending()
    try:
        body = request.body(proxy.upstream(case.ref.server), form)
        return await proxy.wire.send(case.ref.server, body, request.headers)
    except Unreachable:
        case.began = False
        raise


async def _refusal_in(exchange: Exchange, request: DirectRequest) -> _Refusal | None:
    """None when the server answers."""
    if exchange.status == 200 and exchange.kind in ("events", "json"):
        return None
    request.context.began = False
    async with exchange:
        body = await exchange.body(MAX_ERROR_BYTES)
    reported = error_object(body)
    error = failures.refused_by_server(exchange.status, reported, exchange.retry_after_s, request.context.response_id)
    return _Refusal(error, body)


def _stopped(why: AbortReason, response_id: str) -> CallFailed | None:
    match why:
        case AbortReason.CLIENT_GONE | AbortReason.CLIENT_SLOW:
            return None
        case AbortReason.TOO_LATE:
            return CallFailed(failures.too_late(response_id), "expired")
        case AbortReason.STOPPING:
            return CallFailed(failures.stopped(response_id))
        case AbortReason.ERASED:
            return CallFailed(erased_error(response_id), "cancelled")
        case AbortReason.CANCELLED:
            return CallFailed(failures.cancelled(response_id), "cancelled")
        case _:
            return CallFailed(failures.fell_silent(response_id))
