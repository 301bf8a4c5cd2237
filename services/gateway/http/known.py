"""Answers that are known already: given at once, and told to the log afterwards.

The client has its answer before the log has its request, because the broker takes longer than all the rest. A gateway
that is killed in between leaves no trace of such a request; one that is stopped waits for it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from libs.contracts.answer import AnswerFinished
from libs.core.errors import Retryable
from libs.ports.deltas import Delta
from services.gateway.desk import Seat
from services.gateway.domain.ask import Ask
from services.gateway.domain.decide import ToFleet
from services.gateway.domain.known_answers import may_be_known, question_key
from services.gateway.http.front import Front
from services.gateway.http.marks import marks_of
from services.gateway.http.streaming import StreamReply
from services.gateway.http.ticket import Ticket
from services.gateway.http.whole import mark_experts, whole_response
from services.gateway.telemetry import ANSWERS_KNOWN

Asgi: TypeAlias = tuple[Scope, Receive, Send]

log = logging.getLogger(__name__)


def known_question(decision: ToFleet, ask: Ask, scope: Scope) -> bytes:
    """Return what an answer is noted under; empty for a question that has to be answered anew."""
    if may_be_known(decision, ask, Headers(scope=scope).get("cache-control", "").lower()):
        return question_key(decision)
    mark_known(scope, "bypass")
    return b""


def mark_known(scope: Scope, how: str) -> None:
    """Note how a request met what is known: `hit`, `miss`, or `bypass` where it did not ask."""
    marks_of(scope).cache = how
    ANSWERS_KNOWN.labels(how).inc()


async def give_known(front: Front, ticket: Ticket, end: AnswerFinished, asgi: Asgi, *, stream: bool) -> None:
    """Answer with an end that is on no log yet, and put it there."""
    scope, receive, send = asgi
    seat = Seat(ticket.seat.response_id, ticket.seat.tenant)  # this end is kept nowhere before it is told
    seat.resolve(end)
    scope["passage"].settle(end.usage)
    told = Ticket(seat, ticket.dialect, ticket.head, ticket.opened)
    if stream:
        await StreamReply(told, told.assembler(), send, front.rules).run(receive, _silence())
    else:
        marks_of(scope).step("known")
        mark_experts(marks_of(scope), end)
        if (response := whole_response(told, end)) is not None:
            await response(scope, receive, send)
    await _tell_the_log(front, ticket, end)


async def _silence() -> AsyncIterator[Delta]:
    nothing: tuple[Delta, ...] = ()
    for delta in nothing:
        yield delta


async def _tell_the_log(front: Front, ticket: Ticket, end: AnswerFinished) -> None:
    try:
        async with asyncio.timeout(front.rules.accept_timeout_s):
            await front.publisher.publish(ticket.opened, end)
    except (Retryable, TimeoutError) as error:
        log.error("%s was answered, but the log has nothing of it: %s", ticket.seat.response_id, error or "timeout")
