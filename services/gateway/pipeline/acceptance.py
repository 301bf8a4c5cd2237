"""Acceptance of a request: two records on the log. With the first one the join owns the request and its deadline.

Where the broker loses its log on a stop, the request is also recorded in the write-ahead store, concurrently. So are
client contributions, which are one record each.
"""

import asyncio
import logging
from collections.abc import Awaitable

from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened
from libs.core.errors import Rejected, Retryable
from libs.ports.write_ahead import Contribution
from services.gateway.domain.errors import cannot_be_recorded, not_accepted
from services.gateway.pipeline.app_context import AppContext

log = logging.getLogger(__name__)


async def accept(context: AppContext, opened: RequestOpened) -> RequestOpened:
    """Publish the request and its question. Raises RequestRefused: 503 when the log does not acknowledge, 400 for
    content that the log or the store rejects.

    Both are published together: after a rejection the planner may still consume the question; the cancellation stops
    it.
    """
    question = opened.question_asked().after(opened)
    try:
        async with asyncio.timeout(context.limits.accept_timeout_s):
            await _await_both(context.write_ahead.record_request(opened), context.publisher.publish(opened, question))
    except (Retryable, TimeoutError) as error:
        log.warning("could not accept %s: %s", opened.envelope.response_id, str(error) or "timeout")
        await _await_both(
            cancel(context, opened, "the request could not be recorded"), _delete_write_ahead(context, opened)
        )
        raise not_accepted() from error
    except Rejected as error:
        log.warning("could not record %s: %s", opened.envelope.response_id, error)
        await _await_both(
            cancel(context, opened, "the request cannot be recorded"), _delete_write_ahead(context, opened)
        )
        raise cannot_be_recorded() from error
    return opened


async def record(context: AppContext, contribution: Contribution) -> None:
    """Record a client contribution. Raises RequestRefused: 503 when the log does not acknowledge, 400 for content that
    the log or the store rejects.

    The log comes first: a rejected contribution must not be republished after a restart.
    """
    try:
        async with asyncio.timeout(context.limits.accept_timeout_s):
            await context.publisher.publish(contribution)
            await context.write_ahead.record_contribution(contribution)
    except (Retryable, TimeoutError) as error:
        what = (contribution.envelope.schema, contribution.envelope.response_id)
        log.warning("could not record %s of %s: %s", *what, error or "timeout")
        raise not_accepted() from error
    except Rejected as error:
        log.warning("could not record %s: %s", contribution.envelope.response_id, error)
        raise cannot_be_recorded() from error


async def _await_both(one: Awaitable[object], other: Awaitable[object]) -> None:
    """Await both, also when one fails, then raise the first error in order."""
    for result in await asyncio.gather(one, other, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def _delete_write_ahead(context: AppContext, opened: RequestOpened) -> None:
    """A record that cannot be deleted ends as cancelled, or after a restart without a client."""
    try:
        await context.write_ahead.delete_request(opened)
    except Retryable as error:
        log.warning("could not delete write-ahead record %s: %s", opened.envelope.response_id, error)


async def cancel(context: AppContext, opened: RequestOpened, reason: str) -> bool:
    """True if the log acknowledged the cancellation. Without a waiting client, a failure only wastes work."""
    return await publish_acknowledged(context, RequestCancelled(reason=reason).after(opened))


async def publish_acknowledged(context: AppContext, message: Message) -> bool:
    """True if the log acknowledged the message in time."""
    try:
        async with asyncio.timeout(context.limits.accept_timeout_s):
            await context.publisher.publish(message)
    except (Retryable, TimeoutError) as error:
        envelope = message.envelope
        log.warning("could not publish %s of %s: %s", envelope.schema, envelope.response_id, error or "timeout")
        return False
    return True
