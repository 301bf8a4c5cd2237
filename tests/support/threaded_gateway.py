"""A gateway in a separate thread, for tools that send requests from outside and wait."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from libs.runtime.settings.inference_servers import InferenceServer
from services.gateway.lookup.responses import ResponseLookup
from services.gateway.nodes import Nodes
from services.gateway.pipeline.app_context import AppContext
from tests.support.gateway import Fleet, GatewayHarness, answering, open_gateway

# Absent features respond with 503; all others answer.
MAY_BE_ABSENT = ("graph_unavailable", "learning_unavailable", "No model that embeds is configured", "no_deletions")
# No response may contain any of these.
SECRETS = ("Traceback", "site-packages", "/libs/", "/services/", '.py"', "token-of-a-node", "ZeroDivision")


@contextmanager
def besieged() -> Iterator[GatewayHarness]:
    """Run a gateway whose fleet answers at once; errors of its fleet or its loop fail the test."""
    opened: list[GatewayHarness] = []
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    errors: list[BaseException] = []

    async def live() -> None:
        async with open_gateway(answering("Because it is so, and has always been."), alter=_whole) as gateway:
            opened.append(gateway)
            ready.set()
            await over.wait()

    def run() -> None:
        try:
            loop.run_until_complete(live())
        except BaseException as error:  # re-raised in the waiting test
            errors.append(error)
            ready.set()
            raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield opened[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(60)
        loop.close()
    assert errors == []


def _whole(front: AppContext) -> AppContext:
    """Front with a model server, and with a log that can be searched."""
    assert isinstance(front.publisher, Fleet)
    search = ResponseLookup(front.pending_replies, front.publisher, None, settled_after_s=60)
    return replace(front, nodes=Nodes([InferenceServer("node", "http://127.0.0.1:1/v1")]), lookup=search)
