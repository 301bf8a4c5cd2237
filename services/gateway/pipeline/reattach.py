"""A client that will ask for its answer again, under its key: a model answers it whether it stays or not.

What the fleet has accepted goes on anyway: there a client that has gone gives its place back at once.
"""

from starlette.types import Message

from services.gateway.http.detached_body import Asgi
from services.gateway.pipeline.admission import AdmissionPermit
from services.gateway.pipeline.background import BestEffortSend, never_disconnect


def ignore_disconnect(permit: AdmissionPermit, asgi: Asgi) -> Asgi:
    """Return the request without the news that its client has gone, or has stopped reading."""
    scope, receive, send = asgi
    audience = BestEffortSend(send)

    async def heard() -> Message:
        message = await receive()
        gone = message["type"] == "http.disconnect"
        return await never_disconnect() if gone and not permit.accepted else message

    async def told(message: Message) -> None:
        await (send if permit.accepted else audience)(message)

    return scope, heard, told
