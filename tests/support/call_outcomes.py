"""How a call ended, for tests that break it."""

import asyncio
from collections.abc import Callable

from libs.adapters.models.openai_chat import CallRetryPolicy, OpenAIChat
from libs.core.errors import FleetError
from libs.ports.llm import ModelRequest, TextDelta

FAST = CallRetryPolicy(base_s=0.01)


async def outcome(
    llm: OpenAIChat, request: ModelRequest, *, stream: bool, heard: Callable[[str], None] = lambda _: None
) -> tuple[str, FleetError | None]:
    """Received text, and the error that ended it; `heard` receives the text of a stream so far."""
    text = ""
    try:
        if not stream:
            return (await llm.complete(request)).text, None
        async for item in llm.stream(request):
            text += item.text if isinstance(item, TextDelta) else ""
            heard(text)
    except FleetError as error:
        return text, error
    return text, None


def let_pass(seconds: float) -> None:
    """Let so many seconds pass for the timers of the running loop, at once."""
    loop = asyncio.get_running_loop()
    time = loop.time
    loop.time = lambda: time() + seconds  # type: ignore[method-assign]  # the loop ends with its test
