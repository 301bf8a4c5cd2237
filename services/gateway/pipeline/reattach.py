"""A client that will ask for its answer again, under its key: a model answers it whether it stays or not.

What the fleet has accepted goes on anyway: there a client that has gone gives its place back at once.
"""

from starlette.types import Message

from services.gateway.http.detached_body import Asgi
from services.gateway.pipeline.admission import Arrival
from services.gateway.pipeline.background import Audience, nobody_leaves


def coming_back(arrival: Arrival, asgi: Asgi) -> Asgi:
    """Return the request without the news that its client has gone, or has stopped reading."""
    scope, receive, send = asgi
    audience = Audience(send)

    async def heard() -> Message:
        message = await receive()
        gone = message["type"] == "http.disconnect"
        return await nobody_leaves() if gone and not arrival.accepted else message

    async def told(message: Message) -> None:
        await (send if arrival.accepted else audience)(message)

    return scope, heard, told
