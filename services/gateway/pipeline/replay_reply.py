"""Replays an answer of the fleet, live or from the log."""

from contextlib import AsyncExitStack

from libs.http.context import HttpContext
from libs.http.recording import replaying
from libs.http.responses import identify, json_response
from services.gateway.dialects.by_path import dialect_named
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.errors import RequestRefused, is_not_found
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import public_id
from services.gateway.pipeline.acceptance import AcceptedRequest, head_of
from services.gateway.pipeline.answer import StreamReply, mark_end, whole_end, whole_response
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.responses import FollowedResponse, following


async def replay_reply(front: AppContext, response_id: str, inference: InferenceRequest, http: HttpContext) -> bool:
    """Send the response in the form that `inference` requests. Returns False when the response is unknown.

    Raises RequestRefused: 404 for an erased response, 503 when its state is unavailable.
    """
    async with AsyncExitStack() as stack:
        try:
            visit = await stack.enter_async_context(following(front, http.caller, response_id))
        except RequestRefused as refused:
            if not is_not_found(refused):
                raise
            return False
        if inference.background and not inference.stream:
            await _current_state(visit, http)
            return True
        left_s = visit.opened.envelope.deadline_at - front.clock.now()
        visit.pending_reply.expire_in(max(0.0, left_s) + front.limits.late_s)
        ticket = _ticket(visit, inference)
        await (_stream(front, ticket, http) if inference.stream else _whole(ticket, http))
    return True


def _ticket(visit: FollowedResponse, inference: InferenceRequest) -> AcceptedRequest:
    opened = visit.opened
    head = head_of(opened, visit.pending_reply, include_usage=inference.include_usage)
    return AcceptedRequest(visit.pending_reply, dialect_named(opened.protocol), head, opened)


async def _current_state(visit: FollowedResponse, http: HttpContext) -> None:
    """The first request in the background got `queued`; later ones get the present state."""
    shown = json_response(response_body(visit.opened, visit.known))
    await identify(shown, public_id(visit.opened.envelope.response_id, visit.opened.protocol))(
        http.scope, http.receive, replaying(http.send)
    )


async def _stream(front: AppContext, ticket: AcceptedRequest, http: HttpContext) -> None:
    async with front.deltas.replay(ticket.pending_reply.response_id) as deltas:
        await StreamReply(ticket, ticket.assembler(), replaying(http.send), front.limits).run(http.receive, deltas)


async def _whole(ticket: AcceptedRequest, http: HttpContext) -> None:
    end = await whole_end(ticket, http.receive)
    mark_end(http.metadata, end)
    if (response := whole_response(ticket, end)) is not None:
        await response(http.scope, http.receive, replaying(http.send))
