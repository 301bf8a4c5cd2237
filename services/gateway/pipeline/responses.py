"""/v1/responses/{id}: state, resumed stream and cancellation of a response, on any instance."""

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.contracts.answer import AnswerFinished
from libs.contracts.progress import RequestOpened
from libs.core.ids import response_id_in
from libs.http.context import caller_in
from libs.http.responses import identify, json_response
from libs.ports.answers import ResponseState
from libs.ports.identity import Caller
from services.gateway.dialects.response_body import response_body
from services.gateway.domain.errors import RequestRefused, invalid, not_accepted
from services.gateway.domain.streaming.reply import public_id
from services.gateway.domain.streaming.resume import ResumePoint, read_resume_point
from services.gateway.pipeline.acceptance import cancel
from services.gateway.pipeline.answer import StreamReply
from services.gateway.pipeline.app_context import AppContext
from services.gateway.pipeline.direct_responses import DirectResponses
from services.gateway.pipeline.followed_response import following, opened_in
from services.gateway.pipeline.quota import one_request
from services.gateway.replies.pending_replies import PendingReply

TRUE = frozenset({"true", "1"})


class Responses:
    """The endpoints of /v1/responses/{id}."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._direct = DirectResponses(context)

    async def show(self, request: Request) -> Response:
        """GET: the present state of the response, or its stream."""
        caller, response_id = caller_in(request.scope), response_id_in(request.path_params["response_id"])
        if request.query_params.get("stream", "").lower() in TRUE:
            after = request.query_params.get("starting_after", "") or request.headers.get("last-event-id", "")
            usage = request.query_params.get("include_usage", "").lower() in TRUE
            return _Resumed(self._context, response_id, read_resume_point(response_id, after), include_usage=usage)
        async with one_request(self._context, request.scope):
            return await self._show(caller, response_id)

    async def _show(self, caller: Caller, response_id: str) -> Response:
        if (direct := await self._direct.shown_here(caller, response_id)) is not None:
            return direct
        try:
            known = await self._context.lookup.find(caller, response_id)
        except RequestRefused as refused:
            return await self._direct.shown(caller, response_id, refused)
        return _shown(opened_in(known), known)

    async def require(self, request: Request) -> None:
        """Raises RequestRefused: 404 when the caller has no such response."""
        await self._show(caller_in(request.scope), response_id_in(request.path_params["response_id"]))

    async def cancel(self, request: Request) -> Response:
        """Stop the work. The end in the reply may differ from `cancelled`."""
        caller, response_id = caller_in(request.scope), response_id_in(request.path_params["response_id"])
        if (direct := await self._direct.cancelled_here(caller, response_id)) is not None:
            return direct
        try:
            return await self._cancelled(caller, response_id)
        except RequestRefused as refused:
            return await self._direct.cancelled(caller, response_id, refused)

    async def _cancelled(self, caller: Caller, response_id: str) -> Response:
        async with following(self._context, caller, response_id) as followed:
            known = followed.known
            if known.end is None:
                if not await cancel(self._context, followed.opened, "cancelled by the client"):
                    raise not_accepted()
                known = replace(known, end=await _end_within(followed.pending_reply, self._context.limits.settle_s))
            return _shown(followed.opened, known)


class _Resumed(Response):
    """Resumes an interrupted stream. A disconnect cancels nothing."""

    def __init__(self, context: AppContext, response_id: str, point: ResumePoint, *, include_usage: bool) -> None:
        super().__init__()
        self._context = context
        self._response_id = response_id
        self._point = point
        self._include_usage = include_usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with one_request(self._context, scope, stream=True):
            try:
                await self._resume(scope, receive, send)
            except RequestRefused as refused:
                await DirectResponses(self._context).refuse_stream(caller_in(scope), self._response_id, refused)

    async def _resume(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = self._context
        async with following(context, caller_in(scope), self._response_id) as followed:
            left_s = followed.opened.envelope.deadline_at - context.clock.now()
            if self._point.is_number and followed.opened.protocol != "responses":
                raise invalid(
                    "Resume this stream by `Last-Event-ID`: its events have no sequence numbers.",
                    param="starting_after",
                    code="invalid_value",
                )
            followed.pending_reply.expire_in(max(0.0, left_s) + context.limits.late_s)
            async with context.deltas.replay(self._response_id) as deltas:
                accepted = followed.accepted_request(include_usage=self._include_usage)
                await StreamReply(accepted, accepted.assembler(self._point), send, context.limits).run(receive, deltas)


async def _end_within(pending: PendingReply, seconds: float) -> AnswerFinished | None:
    try:
        async with asyncio.timeout(seconds):
            end = await pending.end()
    except TimeoutError:
        return None
    return end if isinstance(end, AnswerFinished) else None


def _shown(opened: RequestOpened, known: ResponseState) -> Response:
    return identify(
        json_response(response_body(opened, known)), public_id(opened.envelope.response_id, opened.protocol)
    )
