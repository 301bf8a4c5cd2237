"""The dialect of each path, whole responses in it, and the heads of streams."""

from starlette.responses import Response
from starlette.types import Send

from libs.contracts.progress import Protocol as ProtocolName
from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.completions.dialect import COMPLETIONS
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.messages.dialect import MESSAGES
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT, OLLAMA_GENERATE
from services.gateway.dialects.responses.dialect import RESPONSES
from services.gateway.domain.errors import ApiError

DIALECTS: tuple[Dialect, ...] = (CHAT, MESSAGES, RESPONSES, COMPLETIONS, OLLAMA_CHAT, OLLAMA_GENERATE)

_BY_NAME: dict[ProtocolName, Dialect] = {dialect.name: dialect for dialect in DIALECTS}

# The first match counts; other paths use OpenAI's dialect.
_BY_PREFIX: tuple[tuple[str, Dialect], ...] = (("/v1/messages", MESSAGES), ("/api/", OLLAMA_CHAT))


def dialect_at(path: str) -> Dialect:
    """The dialect also shapes the errors of the path."""
    return next((dialect for prefix, dialect in _BY_PREFIX if path.startswith(prefix)), CHAT)


def dialect_named(name: ProtocolName) -> Dialect:
    """OpenAI's dialect for a protocol that is no longer served."""
    return _BY_NAME.get(name, CHAT)


_OF_STREAMS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))  # proxies must not buffer frames


def json_response(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")


async def send_json(send: Send, body: bytes, response_id: str) -> None:
    """Send a JSON response with its ids, without a Response object: it runs thousands of times a second."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *_names(response_id)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def start_stream(send: Send, media_type: bytes, response_id: str) -> None:
    """Send the head of a streamed response with its ids."""
    headers = [(b"content-type", media_type), *_OF_STREAMS, *_names(response_id)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def error_response(error: ApiError, path: str, response_id: str = "") -> Response:
    """Build an error in the dialect of the path."""
    return refusal(error, dialect_at(path), response_id)


def refusal(error: ApiError, dialect: Dialect, response_id: str = "") -> Response:
    """Build an error of a dialect, with the headers for the client's retries."""
    response = json_response(dialect.error(error, response_id), dialect.status_of(error))
    response.headers.update(dict(error.headers))
    if error.retry_after_s is not None:
        response.headers["retry-after"] = str(error.retry_after_s)
    if not error.repeatable:  # SDKs repeat 5xx, each time the whole fleet runs; Claude Code repeats 401 for minutes
        response.headers["x-should-retry"] = "false"
    return response


def identify(response: Response, response_id: str) -> Response:
    """Add the response id to the headers where the SDKs of both families look for it."""
    for name in ("x-request-id", "request-id"):
        response.headers[name] = response_id
    return response


def _names(response_id: str) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    name = response_id.encode()
    return (b"x-request-id", name), (b"request-id", name)
