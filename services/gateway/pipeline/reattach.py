"""Keeps a direct call running without its client: a client with an Idempotency-Key may request the answer again.

A request that the fleet has accepted continues anyway, so its client's disconnect releases the permit immediately.
"""

from starlette.types import Message

from libs.http.detached_body import Asgi
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.background import BestEffortSend, never_disconnect


def ignore_disconnect(permit: AdmissionPermit, asgi: Asgi) -> Asgi:
    """Hide disconnects and stalled reads of the client until the fleet has accepted the request."""
    scope, receive, send = asgi
    audience = BestEffortSend(send)

    async def heard() -> Message:
        message = await receive()
        gone = message["type"] == "http.disconnect"
        return await never_disconnect() if gone and not permit.accepted else message

    async def told(message: Message) -> None:
        await (send if permit.accepted else audience)(message)

    return scope, heard, told
