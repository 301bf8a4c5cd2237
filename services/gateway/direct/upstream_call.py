"""Asking the model server, and what its refusals mean to the client."""

from dataclasses import dataclass, replace

from libs.adapters.models.chat_wire import Exchange, Unreachable, WireCut
from libs.adapters.models.openai_chat.failures import MAX_ERROR_BYTES, error_object
from libs.contracts.answer import Outcome
from services.gateway.direct.proxy import DirectLine
from services.gateway.direct.request import DirectRequest
from services.gateway.direct.watchdog import Stop, Stopped
from services.gateway.domain.direct import failures
from services.gateway.domain.direct.asked import FULL, Form
from services.gateway.domain.direct.stream import BrokenAnswer, ToldError
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.outcomes import erased_error


class Failed(Exception):
    """The model does not answer; `error` is what the client is told."""

    def __init__(self, error: ApiError, outcome: Outcome = "failed") -> None:
        super().__init__(error.code)
        self.error = error
        self.outcome: Outcome = outcome


# What may go wrong between the request and the end of its answer.
TROUBLE = (Stopped, Unreachable, WireCut, BrokenAnswer, ToldError, Failed)
_ABORTS = frozenset({Stop.CLIENT_GONE, Stop.CLIENT_SLOW, Stop.CANCELLED, Stop.TOO_LATE})
Trouble = Stopped | Unreachable | WireCut | BrokenAnswer | ToldError | Failed


async def asked(line: DirectLine, request: DirectRequest) -> Exchange:
    """Return the answer of a server that began to give one. Raises Unreachable, WireCut, Failed.

    One that objects to the form of the request is asked again in a simpler one, and in that one from then on.
    """
    ref = request.case.ref
    learned = line.forms.get(ref, FULL)
    bounded = learned.default and not request.is_unbounded
    form = first = replace(learned, default=False) if bounded else learned
    while True:
        exchange = await _sent(line, request, form)
        if (refusal := await _refusal(exchange, request)) is None:
            if form is not first:
                line.learn(ref, replace(form, default=form.default or bounded))
            return exchange
        if (simpler := form.simpler(exchange.status, refusal.body)) is None:
            raise Failed(refusal.error)
        form = simpler


def failure_of(trouble: Trouble, response_id: str) -> Failed | None:
    """Return what is told and recorded; None when nobody is there to be told."""
    match trouble:
        case Failed():
            return trouble
        case Stopped():
            return _stopped(trouble.why, response_id)
        case Unreachable():
            return Failed(failures.unreachable(response_id))
        case WireCut():
            return Failed(failures.broken_off("because its connection broke", response_id))
        case BrokenAnswer():
            return Failed(failures.broken_off(str(trouble), response_id))
        case ToldError():
            return Failed(failures.told_error(trouble.error, response_id))


def is_abort(trouble: Trouble) -> bool:
    """Return whether a client, or its deadline, ended a call whose model was at work."""
    return isinstance(trouble, Stopped) and trouble.why in _ABORTS


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: ApiError
    body: bytes


async def _sent(line: DirectLine, request: DirectRequest, form: Form) -> Exchange:
    """Send the request. It has cost something from here on, unless the server says that it has not taken it."""
    case = request.case
    case.began = True
    case.heard()
    try:
        body = request.body(line.upstream(case.ref.server), form)
        return await line.wire.send(case.ref.server, body, request.headers)
    except Unreachable:
        case.began = False
        raise


async def _refusal(exchange: Exchange, request: DirectRequest) -> _Refusal | None:
    """Return why a server does not answer; None when it does."""
    if exchange.status == 200 and exchange.kind != "other":
        return None
    request.case.began = False
    async with exchange:
        body = await exchange.body(MAX_ERROR_BYTES)
    told = error_object(body)
    error = failures.refused_by_server(exchange.status, told, exchange.retry_after_s, request.case.response_id)
    return _Refusal(error, body)


def _stopped(why: Stop, response_id: str) -> Failed | None:
    match why:
        case Stop.CLIENT_GONE | Stop.CLIENT_SLOW:
            return None
        case Stop.TOO_LATE:
            return Failed(failures.too_late(response_id), "expired")
        case Stop.STOPPING:
            return Failed(failures.stopped(response_id))
        case Stop.ERASED:
            return Failed(erased_error(response_id), "cancelled")
        case Stop.CANCELLED:
            return Failed(failures.cancelled(response_id), "cancelled")
        case _:
            return Failed(failures.fell_silent(response_id))
