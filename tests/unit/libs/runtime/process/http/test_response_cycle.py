"""A head that we write is the one that uvicorn would write, and frames the body alike."""

import asyncio
import logging
from typing import TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some
from uvicorn._types import HTTPResponseStartEvent
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from libs.runtime.process.http.response_cycle import ResponseCycle

Field: TypeAlias = tuple[bytes, bytes]
Seen: TypeAlias = tuple[bytes, bool, bool]
FRAMING = [
    [],
    [(b"content-length", b"5")],
    [(b"Content-Length", b"5")],
    [(b"transfer-encoding", b"Chunked")],
]
CONNECTION = [[], [(b"connection", b"close")], [(b"connection", b"keep-alive, Close")], [(b"connection", b"upgrade")]]
START: HTTPResponseStartEvent = {"type": "http.response.start", "status": 200, "headers": []}
SEVERAL = [[], [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-tab", b"a\tb \xc3\xa4")]]


class Written(asyncio.Transport):
    """Records written bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data += data

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.data += b"<closed>"


def cycle(kind: type[RequestResponseCycle], method: str = "GET", *, keep_alive: bool = True) -> RequestResponseCycle:
    transport = Written()
    return kind(
        scope={"method": method},  # type: ignore[typeddict-item]
        transport=transport,
        flow=FlowControl(transport),
        logger=logging.getLogger(__name__),
        access_logger=logging.getLogger(__name__),
        access_log=False,
        default_headers=[(b"date", b"now")],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )


def written(one: RequestResponseCycle) -> bytes:
    return cast(Written, one.transport).data


async def exchange(one: RequestResponseCycle, status: int, fields: list[Field]) -> Seen:
    await one.send({"type": "http.response.start", "status": status, "headers": fields})
    await one.send({"type": "http.response.body", "body": b"ab", "more_body": True})
    await one.send({"type": "http.response.body", "body": b"cde"})
    return written(one), one.keep_alive, one.response_complete


@given(
    status=some.sampled_from([200, 204, 304, 404, 503, 599]),
    method=some.sampled_from(["GET", "HEAD", "POST"]),
    keep_alive=some.booleans(),
    framing=some.sampled_from(FRAMING),
    connection=some.sampled_from(CONNECTION),
    several=some.sampled_from(SEVERAL),
)
@pytest.mark.hypothesis
def test_a_response_is_uvicorns(
    status: int,
    method: str,
    keep_alive: bool,
    framing: list[Field],
    connection: list[Field],
    several: list[Field],
) -> None:
    async def both() -> list[Seen | str]:
        seen: list[Seen | str] = []
        for kind in (RequestResponseCycle, ResponseCycle):
            try:
                one = cycle(kind, method, keep_alive=keep_alive)
                seen.append(await exchange(one, status, [*several, *framing, *connection]))
            except RuntimeError as error:
                seen.append(str(error))
        return seen

    uvicorns, ours = asyncio.run(both())
    assert ours == uvicorns


@pytest.mark.parametrize(
    "field",
    [
        (b"", b"x"),
        (b"a b", b"x"),
        (b"a:", b"x"),
        (b"a\r\nb", b"x"),
        (b"\xe4", b"x"),
        (b"a", b"x\r\nset-cookie: y"),
        (b"a", b"x\ny"),
        (b"a", b"\x00"),
        (b"a", b"\x7f"),
    ],
)
async def test_a_head_that_could_end_early_is_not_written(field: tuple[bytes, bytes]) -> None:
    one = cycle(ResponseCycle)
    with pytest.raises(RuntimeError, match="Invalid HTTP header"):
        await one.send({"type": "http.response.start", "status": 200, "headers": [(b"b", b"c"), field]})
    assert (written(one), one.response_started) == (b"", False)


async def test_parts_out_of_order_are_refused() -> None:
    one = cycle(ResponseCycle)
    with pytest.raises(RuntimeError, match=r"Expected ASGI message .http\.response\.start"):
        await one.send({"type": "http.response.body", "body": b""})
    await one.send(START)
    with pytest.raises(RuntimeError, match=r"Expected ASGI message .http\.response\.body"):
        await one.send(START)


async def test_a_client_that_left_is_sent_nothing() -> None:
    one = cycle(ResponseCycle)
    one.disconnected = True
    await one.send({"type": "http.response.start", "status": 200, "headers": []})
    assert written(one) == b""
