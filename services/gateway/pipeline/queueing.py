"""The wait for a permit, while the client is connected."""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope

from libs.core.api_key_headers import api_key_from
from libs.core.errors import Retryable
from libs.ports.identity import Authenticator
from services.gateway.admission.queue import AdmissionQueue
from services.gateway.admission.queued_requests import Waiter
from services.gateway.domain.errors import invalid_key, keys_unavailable
from services.gateway.pipeline.queue_progress import QueueProgress


async def wait_for_permit(
    queue: AdmissionQueue, waiter: Waiter, receive: Receive, progress: QueueProgress | None
) -> float:
    """Loop time of the grant. The caller must release the permit. `progress` is None for requests without a
    stream.

    Raises RequestRefused (401, 404, 503), and ClientDisconnect when the client disconnects first; then no permit is
    held.
    """
    watching = asyncio.get_running_loop().create_task(_leave_with_client(receive, queue, waiter))
    try:
        while waiter.granted_at is None:
            if progress is not None:
                await progress.report(waiter.position)
            with suppress(TimeoutError):
                async with asyncio.timeout(progress.repeat_s if progress is not None else None):
                    await waiter.wait_changed()
    except BaseException:
        queue.abandon(waiter)
        raise
    finally:
        watching.cancel()
    return waiter.granted_at


def require_valid_key(keys: Authenticator, scope: Scope) -> None:
    """Authenticate the key of a request again. Raises RequestRefused (401, 503)."""
    try:
        caller = keys.authenticate(api_key_from(scope["headers"]))
    except Retryable as error:
        raise keys_unavailable() from error
    if caller is None:
        raise invalid_key()


async def _leave_with_client(receive: Receive, queue: AdmissionQueue, waiter: Waiter) -> None:
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110 - the server tells it by this alone
        await asyncio.sleep(0)
    waiter.is_abandoned = True
    queue.leave(waiter)
    waiter.changed.set()
