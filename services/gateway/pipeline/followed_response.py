"""A response of any instance that a client follows: its answer is replayed, live or from the log."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.http.context import HttpContext
from libs.http.recording import replaying
from libs.http.responses import identify, json_response
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from services.gateway.dialects.by_path import dialect_named
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.errors import RequestRefused, is_not_found, not_found
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import public_id
from services.gateway.pipeline.answer import (
    AcceptedRequest,
    StreamReply,
    build_whole_response,
    head_of,
    record_end,
    wait_for_end,
)
from services.gateway.pipeline.app_context import AppContext
from services.gateway.replies.pending_replies import PendingReply


@dataclass(frozen=True)
class FollowedResponse:
    """A client of a response. `known` is the state at the time of the look-up."""

    pending_reply: PendingReply
    opened: RequestOpened
    known: ResponseState

    def accepted_request(self, *, include_usage: bool) -> AcceptedRequest:
        """Its answer in the protocol in which it began."""
        head = head_of(self.opened, self.pending_reply, include_usage=include_usage)
        return AcceptedRequest(self.pending_reply, dialect_named(self.opened.protocol), head, self.opened)


@asynccontextmanager
async def following(context: AppContext, caller: Caller, response_id: str) -> AsyncIterator[FollowedResponse]:
    """Yield a pending reply that receives the end, also one published during the look-up. Raises RequestRefused.

    The first look-up finds responses that are unknown or have ended: an ended one needs no subscription, an unknown one
    no pending reply.
    """
    known = await context.lookup.find(caller, response_id)
    with context.pending_replies.follow(response_id, caller.tenant) as pending:
        pending.opened = known.opened
        if known.end is not None:
            yield FollowedResponse(_settled(pending, known.end), opened_in(known), known)
            return
        async with context.reply_source.subscribed(response_id):
            known = await context.lookup.find(caller, response_id)
            yield FollowedResponse(
                pending if known.end is None else _settled(pending, known.end), opened_in(known), known
            )


def opened_in(known: ResponseState) -> RequestOpened:
    """Raises RequestRefused (404) for a response that is unknown."""
    if known.opened is None:
        raise not_found()
    return known.opened


async def replay_reply(context: AppContext, response_id: str, inference: InferenceRequest, http: HttpContext) -> bool:
    """Send the response in the form that `inference` requests. Returns False when the response is unknown.

    Raises RequestRefused: 404 for an erased response, 503 when its state is unavailable.
    """
    async with AsyncExitStack() as stack:
        try:
            followed = await stack.enter_async_context(following(context, http.caller, response_id))
        except RequestRefused as refused:
            if not is_not_found(refused):
                raise
            return False
        if inference.background and not inference.stream:
            await _current_state(followed, http)
            return True
        left_s = followed.opened.envelope.deadline_at - context.clock.now()
        followed.pending_reply.expire_in(max(0.0, left_s) + context.limits.late_s)
        accepted = followed.accepted_request(include_usage=inference.include_usage)
        await (_stream(context, accepted, http) if inference.stream else _whole(accepted, http))
    return True


async def _current_state(followed: FollowedResponse, http: HttpContext) -> None:
    """The first request in the background got `queued`; later ones get the present state."""
    shown = json_response(response_body(followed.opened, followed.known))
    await identify(shown, public_id(followed.opened.envelope.response_id, followed.opened.protocol))(
        http.scope, http.receive, replaying(http.send)
    )


async def _stream(context: AppContext, accepted: AcceptedRequest, http: HttpContext) -> None:
    async with context.deltas.replay(accepted.pending_reply.response_id) as deltas:
        await StreamReply(accepted, accepted.assembler(), replaying(http.send), context.limits).run(
            http.receive, deltas
        )


async def _whole(accepted: AcceptedRequest, http: HttpContext) -> None:
    end = await wait_for_end(accepted, http.receive)
    record_end(http.metadata, end)
    if (response := build_whole_response(accepted, end)) is not None:
        await response(http.scope, http.receive, replaying(http.send))


def _settled(pending: PendingReply, end: AnswerFinished) -> PendingReply:
    """The end that was found precedes any end consumed meanwhile."""
    settled = PendingReply(pending.response_id, pending.tenant)
    settled.resolve(end)
    return settled
