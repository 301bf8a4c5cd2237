"""Accepting a request: two records on the log. From the first one on the join owns the request and its deadline."""

import asyncio
import logging

from libs.contracts.envelope import Envelope
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.core.errors import Retryable
from services.gateway.domain.chat_request import ChatRequest
from services.gateway.domain.errors import RequestRefused, not_accepted
from services.gateway.http.front import Front

log = logging.getLogger(__name__)


async def accept(front: Front, request: ChatRequest, envelope: Envelope) -> RequestOpened:
    """Record the request and hand it to the planner. Raises RequestRefused (503) when the log does not take it."""
    opened = RequestOpened(question=request.question, model=request.model, accepted_at=front.clock.now())
    opened = opened.opening(envelope)
    await _record(front, opened)
    try:
        await _record(front, QuestionAsked(question=request.question).after(opened))
    except RequestRefused:
        await cancel(front, opened, "the question could not be recorded")
        raise
    return opened


async def cancel(front: Front, opened: RequestOpened, reason: str) -> bool:
    """Stop the work for a request; return whether the log took it. Where nobody waits any more, only work is lost."""
    try:
        async with asyncio.timeout(front.rules.accept_timeout_s):
            await front.publisher.publish(RequestCancelled(reason=reason).after(opened))
    except (Retryable, TimeoutError) as error:
        log.warning("%s could not be cancelled: %s", opened.envelope.response_id, error or "timeout")
        return False
    return True


async def _record(front: Front, message: Message) -> None:
    try:
        async with asyncio.timeout(front.rules.accept_timeout_s):
            await front.publisher.publish(message)
    except (Retryable, TimeoutError) as error:
        log.warning("%s was not accepted: %s", message.envelope.response_id, error or "timeout")
        raise not_accepted() from error
