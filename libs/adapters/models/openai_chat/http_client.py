"""What the calls to model servers have in common: limits, headers, the reason of a failure."""

from dataclasses import dataclass

from libs.adapters.web.http_wire import Broken
from libs.runtime.settings.inference_servers import InferenceServer


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits of one process.

    `keepalive_s` stays below the 5 s after which uvicorn and llama.cpp close idle sockets.
    """

    connect_timeout_s: float = 5.0
    max_connections: int = 512
    keepalive_s: float = 4.0


def request_headers(server: InferenceServer) -> bytes:
    """Header lines of a request, with the server's key: never log them."""
    lines = ["content-type: application/json", "accept-encoding: identity", "user-agent: sovereign-fleet"]
    if server.token is not None:
        lines.append(f"authorization: Bearer {server.token.get_secret_value()}")
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def reason(error: BaseException) -> str:
    """Short cause of a failed call: the text of the system or of the client, otherwise the error type."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) if isinstance(error, Broken) else type(error).__name__
