"""Bounds of a request body and of a call's arguments before a tool runs."""

import json

import pytest
from pydantic import Field, JsonValue, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from libs.http.context import store_caller
from libs.ports.identity import Caller as KeyOwner
from services.mcp.api.body import read_body
from services.mcp.api.rest import ToolServer
from services.mcp.contract import (
    AnyServedTool,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.refusal import refused
from services.mcp.tools.policy import granted
from services.mcp.tools.pure.pools import ToolPools
from services.mcp.tools.toolbox import Toolbox
from services.mcp.workers.protocol import MAX_REQUEST_BYTES

KNOWN = Caller("a", granted(None))
MANY: dict[str, JsonValue] = {f"key{number}": 0 for number in range(10_000)}


class Words(ToolModel):
    words: tuple[int, ...] = Field((), strict=False)
    text: str = ""


class Looked(Words):
    """Arguments that are never validated in these tests."""

    @classmethod
    def model_validate(cls, *_: object, **__: object) -> "Looked":
        raise AssertionError("the arguments were validated")


def tool(arguments: type[Words], request_bytes: int | None = None) -> AnyServedTool:
    async def run(given: Words, _: Caller) -> Words:
        return given

    nothing = Bilingual(en="", de="")
    return ServedTool(
        name="echo",
        description=nothing,
        keywords=nothing,
        arguments=arguments,
        result=Words,
        run=run,
        answer=lambda *_: "",
        limits=(),
        example=Example(args={}, result={}, answer=""),
        error_example=ErrorExample(args={}, code=""),
        request_bytes=request_bytes,
    )


async def refusal(served: AnyServedTool, args: dict[str, JsonValue]) -> tuple[str, str]:
    with pytest.raises(ToolError) as caught:
        await Toolbox(ToolPools(), (served,)).invoke("echo", args, caller=KNOWN)
    return caught.value.code, str(caught.value)


async def read(body: bytes) -> bytes:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return await read_body(receive)


async def test_arguments_that_a_tool_does_not_have_are_refused_before_validation() -> None:
    assert await refusal(tool(Looked), MANY) == ("invalid_argument", "key0: Extra inputs are not permitted")


def test_a_call_in_which_much_is_wrong_is_not_looked_at_place_by_place() -> None:
    with pytest.raises(ValidationError) as caught:
        Words.model_validate({"words": ["x"] * 5000})
    assert str(refused(caught.value)) == "arguments: 5,000 places in them are wrong"


async def test_a_served_tool_takes_no_more_than_a_pure_one() -> None:
    code, message = await refusal(tool(Words), {"text": "x" * MAX_REQUEST_BYTES})
    assert (code, message) == ("limit_exceeded", "bytes of the arguments: the limit is 262,144")


async def test_one_that_says_so_takes_more() -> None:
    box = Toolbox(ToolPools(), (tool(Words, 2 * MAX_REQUEST_BYTES),))
    result = await box.invoke("echo", {"text": "x" * MAX_REQUEST_BYTES}, caller=KNOWN)
    assert result.result["text"] == "x" * MAX_REQUEST_BYTES


async def test_half_a_character_is_refused_by_a_served_tool_too() -> None:
    assert (await refusal(tool(Words), {"text": "\ud800"}))[0] == "invalid_argument"


@pytest.mark.parametrize("value", [b",0", b",[]", b',{"key":0}'], ids=["numbers", "lists", "objects"])
@pytest.mark.parametrize("length", [1_200_000, 5_000_000])
async def test_a_body_of_more_values_than_a_call_can_have_is_refused_unread(value: bytes, length: int) -> None:
    with pytest.raises(HTTPException) as caught:
        await read(b"[0" + value * (length // len(value)) + b"]")
    assert caught.value.status_code == 413


@pytest.mark.parametrize("text", ["," * MAX_REQUEST_BYTES, "[" * 130_000 + "ä" * 66_000], ids=["marks", "escapes"])
async def test_a_text_as_long_as_a_call_may_be_is_read(text: str) -> None:
    body = json.dumps({"tool": "text_analyze", "args": {"text": text}}).encode()
    assert await read(body) == body


async def test_a_list_as_long_as_a_call_may_be_is_read() -> None:
    body = b"[0" + b",0" * (MAX_REQUEST_BYTES // 2) + b"]"
    assert await read(body) == body


async def test_a_file_in_base64_is_read() -> None:
    body = json.dumps({"tool": "file_upload", "args": {"content_base64": "QUJD" * 1_000_000}}).encode()
    assert await read(body) == body


async def test_unknown_fields_of_an_invocation_are_refused_with_one_of_their_names() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps({"tool": "echo", **MANY}).encode(), "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": []}
    store_caller(scope, KeyOwner("a", "u", "k"))
    with pytest.raises(HTTPException, match=r"look at: key0\.$"):
        await ToolServer(Toolbox(ToolPools())).invoke(Request(scope, receive))
