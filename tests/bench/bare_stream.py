"""A minimal ASGI stream: its head and a comment at once, a word and the end later."""

import asyncio

from starlette.types import Receive, Scope, Send

LASTS_S = 2.0
_HEADERS = [(b"content-type", b"text/event-stream")]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer any request."""
    if scope["type"] != "http":
        return
    streams = scope["method"] == "POST"
    while streams and (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
    await asyncio.sleep(LASTS_S if streams else 0)
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": False})
