"""Request bodies, bounded in size and time before they are parsed."""

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.http.body import BodyLimits, BodyTooLarge, BodyTooSlow, collect_body
from services.mcp.api.responses import error_response
from services.mcp.workers.protocol import MAX_REQUEST_BYTES

MAX_BODY_BYTES = 5 * 1024 * 1024  # a file of 3 MiB in base64, and its call
BODY_TIMEOUT_S = 10.0
_MARKS = (b",", b"[", b"{")  # each begins a value, or is a byte of a text
_OTHER_MARKS = 1024  # for the JSON around the arguments
_ESCAPED = 6  # bytes of JSON per byte of text, at most: `\u00e4`


async def read_body(receive: Receive) -> bytes:
    """Read the whole body.

    Raises HTTPException: 408 if it arrives too slowly, 413 if it is too large or holds more values than a call can
    have.
    """
    body = await _whole(receive)
    if len(body) > MAX_REQUEST_BYTES and sum(map(body.count, _MARKS)) > most_marks(len(body)):
        raise HTTPException(413, "The body holds more values than a call can have.")
    return body


def most_marks(length: int) -> int:
    """Maximum marks in a body of `length` bytes: as many as fit into the largest call.

    A longer body holds escaped text or a file in base64, neither of which contains marks.
    """
    return max(0, (_ESCAPED * MAX_REQUEST_BYTES - length) // (_ESCAPED - 1)) + _OTHER_MARKS


async def _whole(receive: Receive) -> bytes:
    try:
        return await collect_body(receive, BodyLimits(MAX_BODY_BYTES, BODY_TIMEOUT_S))
    except BodyTooLarge as error:
        raise HTTPException(413, f"The body is larger than {MAX_BODY_BYTES:,} bytes.") from error
    except BodyTooSlow as error:
        raise HTTPException(408, "The body came too slowly.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The client left.") from error


class BoundedBody:
    """Reads the body within its limits for an application without limits of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive)
        except HTTPException as error:
            await error_response(error.status_code, error.detail)(scope, receive, send)
            return
        await self._app(scope, read_again(body, receive), send)


def read_again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that replays a body that was already read."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again
