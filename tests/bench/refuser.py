"""A minimal ASGI application that rejects a request: it reads it and returns 503."""

from starlette.types import Receive, Scope, Send

_HEADERS = [(b"content-type", b"application/json"), (b"retry-after", b"1"), (b"content-length", b"2")]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Reject any request but GET, which serves as the readiness probe."""
    if scope["type"] != "http":
        return
    while scope["method"] == "POST" and (await receive()).get("more_body", False):
        pass
    status = 503 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"{}", "more_body": False})
