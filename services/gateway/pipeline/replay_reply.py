"""An answer of the fleet, given once more: as it comes, or as it has come on the log."""

from contextlib import AsyncExitStack

from services.gateway.dialects.response_body import response_body
from services.gateway.domain.errors import RequestRefused, is_not_found
from services.gateway.domain.question.ask import Ask
from services.gateway.domain.streaming.public_ids import public_id
from services.gateway.http.detached_body import Asgi
from services.gateway.http.dialects import dialect_named
from services.gateway.http.recording import replaying
from services.gateway.http.response_metadata import marks_of
from services.gateway.http.responses import identify, json_response
from services.gateway.pipeline.accepted_request import Ticket, head_of
from services.gateway.pipeline.app_context import Front
from services.gateway.pipeline.responses import Visit, visiting
from services.gateway.pipeline.streaming import StreamReply
from services.gateway.pipeline.whole import mark_end, whole_end, whole_response


async def told_again(front: Front, response_id: str, ask: Ask, asgi: Asgi) -> bool:
    """Answer like the response, in the way that `ask` wants it; return whether there is such a response.

    Raises RequestRefused: 404 for one that was erased, 503 when that cannot be told now.
    """
    async with AsyncExitStack() as stack:
        try:
            visit = await stack.enter_async_context(visiting(front, asgi[0]["caller"], response_id))
        except RequestRefused as refused:
            if not is_not_found(refused):
                raise
            return False
        if ask.background and not ask.stream:
            await _as_it_is(visit, asgi)
            return True
        left_s = visit.opened.envelope.deadline_at - front.clock.now()
        visit.seat.expire_in(max(0.0, left_s) + front.rules.late_s)
        ticket = _ticket(visit, ask)
        await (_stream(front, ticket, asgi) if ask.stream else _whole(ticket, asgi))
    return True


def _ticket(visit: Visit, ask: Ask) -> Ticket:
    opened = visit.opened
    head = head_of(opened, visit.seat, include_usage=ask.include_usage)
    return Ticket(visit.seat, dialect_named(opened.protocol), head, opened)


async def _as_it_is(visit: Visit, asgi: Asgi) -> None:
    """Whoever asked in the background was told at once that it was accepted, and is told where it is now."""
    scope, receive, send = asgi
    shown = json_response(response_body(visit.opened, visit.known))
    await identify(shown, public_id(visit.opened.envelope.response_id, visit.opened.protocol))(
        scope, receive, replaying(send)
    )


async def _stream(front: Front, ticket: Ticket, asgi: Asgi) -> None:
    _, receive, send = asgi
    async with front.deltas.replay(ticket.seat.response_id) as deltas:
        await StreamReply(ticket, ticket.assembler(), replaying(send), front.rules).run(receive, deltas)


async def _whole(ticket: Ticket, asgi: Asgi) -> None:
    scope, receive, send = asgi
    end = await whole_end(ticket, receive)
    mark_end(marks_of(scope), end)
    if (response := whole_response(ticket, end)) is not None:
        await response(scope, receive, replaying(send))
