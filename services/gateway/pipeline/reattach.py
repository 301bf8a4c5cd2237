"""Keeps a direct call running without its client: a client with an Idempotency-Key may request the answer again.

A request that the fleet has accepted continues anyway, so its client's disconnect releases the permit immediately.
"""

from starlette.types import Message

from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.background import BestEffortSend, never_disconnect
from services.gateway.pipeline.request_context import RequestContext


def ignore_disconnect(permit: AdmissionPermit, request: RequestContext) -> RequestContext:
    """Hide disconnects and stalled reads of the client until the fleet has accepted the request."""
    receive, send = request.http.receive, request.http.send
    audience = BestEffortSend(send)

    async def receive_message() -> Message:
        message = await receive()
        disconnected = message["type"] == "http.disconnect"
        return await never_disconnect() if disconnected and not permit.accepted else message

    async def send_message(message: Message) -> None:
        await (send if permit.accepted else audience)(message)

    return request.connected_to(receive_message, send_message)
