"""Responses to the errors of routes that the framework does not serve."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from libs.core.errors import Rejected
from libs.http.context import store_metadata
from libs.http.metadata import ResponseMetadata
from libs.http.outer_middleware import ErrorResponses


async def run(error: BaseException, *, begun: bool = False) -> tuple[list[int], list[BaseException]]:
    """Statuses that were sent, and errors that were given to `respond`."""
    sent: list[int] = []
    shown: list[BaseException] = []
    metadata = ResponseMetadata()
    metadata.begun = begun
    scope: MutableMapping[str, Any] = {"type": "http"}
    store_metadata(scope, metadata)

    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    def respond(_scope: Scope, failure: BaseException) -> Response:
        shown.append(failure)
        return Response(status_code=400 if isinstance(failure, Rejected) else 500)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    try:
        await ErrorResponses(fail, (Rejected,), respond)(scope, receive, send)
    except type(error):
        sent.append(-1)
    return sent, shown


async def test_a_rejection_gets_its_response() -> None:
    rejected = Rejected("no")
    assert await run(rejected) == ([400], [rejected])


async def test_a_rejection_after_the_head_of_a_response_is_raised() -> None:
    assert await run(Rejected("no"), begun=True) == ([-1], [])


@pytest.mark.parametrize(("begun", "sent"), [(False, [500, -1]), (True, [-1])])
async def test_a_bug_is_recorded_and_raised_again(*, begun: bool, sent: list[int]) -> None:
    bug = ValueError("bug")
    assert await run(bug, begun=begun) == (sent, [bug])
