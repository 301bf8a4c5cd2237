"""How a call ended, for tests that break it."""

import socket

from libs.adapters.openai_chat import OpenAIChat, RetryPolicy
from libs.core.errors import FleetError
from libs.ports.llm import ModelRequest, TextDelta

FAST = RetryPolicy(base_s=0.01)


async def outcome(llm: OpenAIChat, request: ModelRequest, *, stream: bool) -> tuple[str, FleetError | None]:
    """Return the text that arrived, and the error that ended it."""
    text = ""
    try:
        if not stream:
            return (await llm.complete(request)).text, None
        async for item in llm.stream(request):
            text += item.text if isinstance(item, TextDelta) else ""
    except FleetError as error:
        return text, error
    return text, None


def closed_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
