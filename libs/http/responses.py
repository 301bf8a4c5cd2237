"""JSON responses and the heads of streams, with the id of the response where the SDKs of both families look for it."""

from starlette.responses import Response
from starlette.types import Send

_OF_STREAMS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))  # proxies must not buffer frames


def json_response(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


def identify(response: Response, response_id: str) -> Response:
    """Add the response id to the headers."""
    for name in ("x-request-id", "request-id"):
        response.headers[name] = response_id
    return response


async def send_json(send: Send, body: bytes, response_id: str) -> None:
    """Send a JSON response with its ids, without a Response object: it runs thousands of times a second."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *_names(response_id)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def start_stream(send: Send, media_type: bytes, response_id: str) -> None:
    """Send the head of a streamed response with its ids."""
    headers = [(b"content-type", media_type), *_OF_STREAMS, *_names(response_id)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _names(response_id: str) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    name = response_id.encode()
    return (b"x-request-id", name), (b"request-id", name)
