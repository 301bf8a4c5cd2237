"""The protocol of pool and workers: length-prefixed JSON, bounded in both directions. Never pickle."""

import asyncio
import socket
import struct
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from services.mcp.contract import AnswerStyle, Arguments, ErrorCode, ToolError, ToolModel, ToolResult

MAX_REQUEST_BYTES = 256 * 1024  # the longest text of any tool, whatever its characters
MAX_REPLY_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024
_LENGTH = struct.Struct(">I")


class Call(ToolModel):
    """One call. `attached`: a document follows, unencoded, in a frame of its own."""

    tool: str
    args: dict[str, JsonValue]
    style: AnswerStyle
    attached: bool = False


class Failure(ToolModel):
    """A refusal, as a worker sends it."""

    status: Literal["error"] = "error"
    code: ErrorCode
    message: str


class ForkServerReady(ToolModel):
    """The first frame of the fork server: the isolation that the kernel granted."""

    network_off: bool
    files_off: bool = False
    user_id: int
    note: str


class WorkerReady(ToolModel):
    """The first frame of a worker, sent before it reads any input."""

    pid: int


REPLY: TypeAdapter[ToolResult | Failure] = TypeAdapter(Annotated[ToolResult | Failure, Field(discriminator="status")])


def encode_call(
    tool: str, args: Arguments, style: AnswerStyle, max_bytes: int = MAX_REQUEST_BYTES, *, attached: bool = False
) -> bytes:
    """Encode a call as JSON. Raises ToolError for values that JSON cannot represent and for more than `max_bytes`."""
    try:
        # Integers of any size stay exact; NaN and infinities become null, which tools reject.
        call = {"tool": tool, "args": args, "style": style.model_dump(), "attached": attached}
        body = to_json(call, inf_nan_mode="null")
    except PydanticSerializationError as error:
        raise ToolError("invalid_argument", "the arguments are not plain JSON") from error
    except UnicodeEncodeError as error:
        raise ToolError("invalid_argument", "the text holds half of a character (a lone surrogate)") from error
    if len(body) > max_bytes:
        raise ToolError("limit_exceeded", f"bytes of the arguments: the limit is {max_bytes:,}")
    return body


def framed(body: bytes) -> bytes:
    return _LENGTH.pack(len(body)) + body


async def send_document(writer: asyncio.StreamWriter, document: bytes) -> None:
    """Send a document in one frame, paced by the receiver, without copying it as a whole."""
    writer.write(_LENGTH.pack(len(document)))
    whole = memoryview(document)
    for start in range(0, len(document), _PIECE_BYTES):
        writer.write(whole[start : start + _PIECE_BYTES])
        await writer.drain()


def receive(channel: socket.socket) -> bytes | None:
    """Block until the next frame; None after the peer closed. For worker processes, which do nothing else."""
    header = _receive_exactly(channel, _LENGTH.size)
    return None if header is None else _receive_exactly(channel, _LENGTH.unpack(header)[0])


async def read_frame(reader: asyncio.StreamReader, max_bytes: int = MAX_REPLY_BYTES) -> bytes:
    """Read the next frame. Raises IncompleteReadError at the end and ValueError for an oversized frame."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > max_bytes:
        raise ValueError(f"a frame of {length} bytes")
    return await reader.readexactly(length)


def _receive_exactly(channel: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        chunk = channel.recv(size - len(received))
        if not chunk:
            return None
        received += chunk
    return bytes(received)
