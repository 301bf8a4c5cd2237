"""What travels between the pool and a worker: length-prefixed JSON, bounded in both directions. Never pickle."""

import asyncio
import socket
import struct
from typing import Annotated, Literal

import orjson
from pydantic import Field, JsonValue, TypeAdapter

from services.mcp.tools.contract import AnswerStyle, Arguments, ErrorCode, ToolError, ToolModel, ToolResult

MAX_REQUEST_BYTES = 64 * 1024
MAX_REPLY_BYTES = 1024 * 1024
_LENGTH = struct.Struct(">I")


class Call(ToolModel):
    """One call, as a worker receives it."""

    tool: str
    args: dict[str, JsonValue]
    style: AnswerStyle


class Failure(ToolModel):
    """A refusal, as a worker sends it."""

    status: Literal["error"] = "error"
    code: ErrorCode
    message: str


class TemplateReady(ToolModel):
    """The first frame of the template: what isolation the kernel granted."""

    network_off: bool
    user_id: int
    note: str


class WorkerReady(ToolModel):
    """The first frame of a worker, sent before it has seen any input."""

    pid: int


REPLY: TypeAdapter[ToolResult | Failure] = TypeAdapter(Annotated[ToolResult | Failure, Field(discriminator="status")])


def encode_call(tool: str, args: Arguments, style: AnswerStyle) -> bytes:
    """Return a call as JSON. Raises ToolError for what JSON cannot carry and for more than `MAX_REQUEST_BYTES`."""
    try:
        body = orjson.dumps({"tool": tool, "args": args, "style": style.model_dump()})
    except orjson.JSONEncodeError as error:
        raise ToolError("invalid_argument", "the arguments are not plain JSON") from error
    if len(body) > MAX_REQUEST_BYTES:
        raise ToolError("limit_exceeded", f"bytes of the arguments: the limit is {MAX_REQUEST_BYTES:,}")
    return body


def framed(body: bytes) -> bytes:
    return _LENGTH.pack(len(body)) + body


def receive(channel: socket.socket) -> bytes | None:
    """Block until the next frame; None when the other side is gone. For worker processes, which do nothing else."""
    header = _receive_exactly(channel, _LENGTH.size)
    return None if header is None else _receive_exactly(channel, _LENGTH.unpack(header)[0])


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next frame. Raises IncompleteReadError at the end and ValueError for an oversized frame."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > MAX_REPLY_BYTES:
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
