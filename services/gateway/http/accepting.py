"""Accepting a request: two records on the log. With the first one the join owns the request and its deadline."""

import asyncio
import logging

from libs.contracts.envelope import Envelope
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.core.errors import Retryable
from services.gateway.domain.chat_request import ChatRequest
from services.gateway.domain.errors import not_accepted
from services.gateway.http.front import Front

log = logging.getLogger(__name__)


async def accept(front: Front, request: ChatRequest, envelope: Envelope) -> RequestOpened:
    """Record the request and hand it to the planner. Raises RequestRefused (503) when the log does not take both.

    They travel together: the question of a request that was refused is work for nobody, which the cancellation ends.
    """
    opened = RequestOpened(question=request.question, model=request.model, accepted_at=front.clock.now())
    opened = opened.opening(envelope)
    asked = QuestionAsked(question=request.question).after(opened)
    try:
        async with asyncio.timeout(front.rules.accept_timeout_s):
            await front.publisher.publish(opened, asked)
    except (Retryable, TimeoutError) as error:
        log.warning("%s was not accepted: %s", envelope.response_id, error or "timeout")
        await cancel(front, opened, "the request could not be recorded")
        raise not_accepted() from error
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
