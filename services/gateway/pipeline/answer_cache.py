"""Answers that are known already: given at once.

The client has its answer before the log has its request, because the broker takes longer than all the rest. Until then
the books of this gateway have both, on disk.
"""

from collections.abc import AsyncIterator

from starlette.types import Scope

from libs.contracts.answer import AnswerFinished
from libs.ports.deltas import Delta
from services.gateway.domain.question.ask import Ask
from services.gateway.domain.routing.answer_cache import may_be_known, question_key
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.http.detached_body import Asgi
from services.gateway.http.header_fields import fields_of
from services.gateway.http.response_metadata import marks_of
from services.gateway.pipeline.accepted_request import Ticket, head_of
from services.gateway.pipeline.app_context import Rules
from services.gateway.pipeline.streaming import StreamReply
from services.gateway.pipeline.whole import mark_experts, whole_response
from services.gateway.replies.pending_reply import Seat
from services.gateway.telemetry import answers_known


def known_question(decision: ToFleet, ask: Ask, scope: Scope) -> bytes:
    """Return what an answer is noted under; empty for a question that has to be answered anew."""
    if may_be_known(decision, ask, fields_of(scope).get("cache-control", "").lower()):
        return question_key(decision)
    mark_known(scope, "bypass")
    return b""


def mark_known(scope: Scope, how: str) -> None:
    """Note how a request met what is known: `hit`, `miss`, or `bypass` where it did not ask."""
    marks_of(scope).cache = how
    answers_known(how).inc()


async def give_known(rules: Rules, ticket: Ticket, end: AnswerFinished, asgi: Asgi, *, stream: bool) -> None:
    """Answer with an end that is recorded, and on no log yet."""
    scope, receive, send = asgi
    seat = Seat(ticket.seat.response_id, ticket.seat.tenant)  # this end is kept nowhere before it is told
    seat.resolve(end)
    scope["passage"].settle(end.usage)
    head = head_of(ticket.opened, seat, include_usage=ticket.head.include_usage)
    told = Ticket(seat, ticket.dialect, head, ticket.opened)
    if stream:
        await StreamReply(told, told.assembler(), send, rules).run(receive, _silence())
        return
    marks_of(scope).step("known")
    mark_experts(marks_of(scope), end)
    if (response := whole_response(told, end)) is not None:
        await response(scope, receive, send)


async def _silence() -> AsyncIterator[Delta]:
    nothing: tuple[Delta, ...] = ()
    for delta in nothing:
        yield delta
