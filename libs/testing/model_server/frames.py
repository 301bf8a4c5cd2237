"""Replies as bytes of the OpenAI chat protocol, and requests read from it."""

import re
from dataclasses import dataclass

import orjson

from libs.ports.llm import ChatMessage, Role, TokenUsage
from libs.testing.model_server.script import OutputFormat, Prompt, Reply

_WORD = re.compile(r"\S*\s*")
_ROLES: dict[object, Role] = {"system": "system", "assistant": "assistant", "developer": "system"}
DONE = b"data: [DONE]\n\n"
MALFORMED = b'data: {"choices":[{"delta":{"content":"half a\n\n'


class BadRequest(ValueError):
    """The request is not a chat completion request."""


def read_prompt(body: bytes) -> Prompt:
    """Return the request as data. Raises BadRequest where a real server would answer 400."""
    try:
        request: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list) or not request["messages"]:
        raise BadRequest("messages are missing")
    if "stream_options" in request and not request.get("stream"):
        raise BadRequest("stream_options without stream")
    response_format = _object(request.get("response_format"))
    json_schema = _object(response_format.get("json_schema"))
    return Prompt(
        model=str(request.get("model", "")),
        messages=tuple(_message(item) for item in request["messages"]),
        stream=request.get("stream") is True,
        include_usage=_object(request.get("stream_options")).get("include_usage") is True,
        max_tokens=request.get("max_tokens") or request.get("max_completion_tokens"),
        temperature=request.get("temperature"),
        output_format=_format(response_format.get("type")),
        schema_name=str(json_schema.get("name", "")),
        schema=_object(json_schema.get("schema")),
    )


def pieces_of(text: str, piece_chars: int | None) -> list[str]:
    """Return the text cut into pieces of a length, or into words."""
    if piece_chars is None:
        return [word for word in _WORD.findall(text) if word]
    return [text[start : start + piece_chars] for start in range(0, len(text), piece_chars)]


@dataclass(frozen=True, slots=True)
class StreamFrames:
    """The frames of one streamed reply: what precedes the answer, one frame a piece, what ends the stream."""

    opening: list[bytes]
    pieces: list[bytes]
    ending: list[bytes]


def stream_frames(reply: Reply, prompt: Prompt) -> StreamFrames:
    """Return a reply as frames."""
    pieces = pieces_of(reply.text_for(prompt), reply.piece_chars)
    usage = reply.usage_for(prompt)
    with_usage = usage if reply.usage_place == "last_piece" else None
    frames = [_chunk(prompt, {"content": piece}, usage=None) for piece in pieces[:-1]]
    frames += [_chunk(prompt, {"content": piece}, usage=with_usage) for piece in pieces[-1:]]
    thinking = [_chunk(prompt, {"reasoning_content": piece}) for piece in pieces_of(reply.reasoning, None)]
    opening = [_chunk(prompt, {"role": "assistant", "content": ""})]
    ending = [_chunk(prompt, {}, finish=reply.finish)] if reply.finish else []
    if prompt.include_usage and reply.usage_place == "when_asked":
        ending.append(_frame({**_head(prompt), "choices": [], "usage": _usage(usage)}))
    return StreamFrames(opening + thinking, frames, ending + ([DONE] if reply.done else []))


def whole_body(reply: Reply, prompt: Prompt) -> bytes:
    """Return the answer as one JSON object."""
    message = {"role": "assistant", "content": reply.text_for(prompt)}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    body: dict[str, object] = {
        **_head(prompt),
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
    }
    if reply.usage_place != "never":
        body["usage"] = _usage(reply.usage_for(prompt))
    return orjson.dumps(body)


def error_frame() -> bytes:
    return _frame({"error": {"message": "the model crashed", "type": "server_error", "code": 500}})


def _message(item: object) -> ChatMessage:
    message = _object(item)
    content = message.get("content")
    if not isinstance(content, str):
        raise BadRequest("content must be a string")
    return ChatMessage(role=_ROLES.get(message.get("role"), "user"), content=content)


def _format(kind: object) -> OutputFormat:
    if kind == "json_schema":
        return "json_schema"
    return "json_object" if kind == "json_object" else ""


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _head(prompt: Prompt) -> dict[str, object]:
    return {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0, "model": prompt.model}


def _usage(usage: TokenUsage) -> dict[str, int]:
    total = usage.prompt_tokens + usage.completion_tokens
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": total,
    }


def _chunk(
    prompt: Prompt, delta: dict[str, str], *, finish: str | None = None, usage: TokenUsage | None = None
) -> bytes:
    chunk: dict[str, object] = {**_head(prompt), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    if usage is not None:
        chunk["usage"] = _usage(usage)
    return _frame(chunk)


def _frame(chunk: dict[str, object]) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"
