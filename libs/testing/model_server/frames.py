"""Replies as bytes of the OpenAI chat protocol."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from libs.ports.llm import TokenUsage
from libs.testing.model_server.script import Prompt, Reply, ToolUse

_WORD = re.compile(r"\S*\s*")
DONE = b"data: [DONE]\n\n"
MALFORMED = b'data: {"choices":[{"delta":{"content":"half a\n\n'


def pieces_of(text: str, piece_chars: int | None) -> list[str]:
    """Pieces of a fixed length, or words."""
    if piece_chars is None:
        return [word for word in _WORD.findall(text) if word]
    return [text[start : start + piece_chars] for start in range(0, len(text), piece_chars)]


@dataclass(frozen=True, slots=True)
class StreamFrames:
    """Frames of one streamed reply: the prefix, one frame a piece, the end."""

    opening: list[bytes]
    pieces: list[bytes]
    ending: list[bytes]


def stream_frames(reply: Reply, prompt: Prompt) -> StreamFrames:
    pieces = pieces_of(reply.text_for(prompt), reply.piece_chars)
    usage = reply.usage_for(prompt)
    with_usage = usage if reply.usage_place == "last_piece" else None
    frames = [_chunk(prompt, {"content": piece}, usage=None) for piece in pieces[:-1]]
    frames += [_chunk(prompt, {"content": piece}, usage=with_usage) for piece in pieces[-1:]]
    thinking = [_chunk(prompt, {"reasoning_content": piece}) for piece in pieces_of(reply.reasoning, None)]
    opening = [_chunk(prompt, {"role": "assistant", "content": ""})]
    calls = reply.calls_for(prompt)
    frames += [_chunk(prompt, {"tool_calls": [piece]}) for piece in _call_pieces(calls)]
    ending = [_chunk(prompt, {}, finish=_finish(reply, calls))] if reply.finish else []
    if prompt.include_usage and reply.usage_place == "when_asked":
        ending.append(_frame({**_head(prompt), "choices": [], "usage": _usage(usage)}))
    return StreamFrames(opening + thinking, frames, ending + ([DONE] if reply.done else []))


def whole_body(reply: Reply, prompt: Prompt) -> bytes:
    """The answer as one JSON object."""
    calls = reply.calls_for(prompt)
    message: dict[str, object] = {"role": "assistant", "content": reply.text_for(prompt) or (None if calls else "")}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if calls:
        message["tool_calls"] = [_call(call, call.arguments) for call in calls]
    body: dict[str, object] = {
        **_head(prompt),
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(reply, calls)}],
    }
    if reply.usage_place != "never":
        body["usage"] = _usage(reply.usage_for(prompt))
    return orjson.dumps(body)


def error_frame() -> bytes:
    return _frame({"error": {"message": "the model crashed", "type": "server_error", "code": 500}})


def _finish(reply: Reply, calls: Sequence[ToolUse]) -> str | None:
    return "tool_calls" if calls and reply.finish == "stop" else reply.finish


def _call_pieces(calls: Sequence[ToolUse]) -> Iterator[dict[str, object]]:
    """Yield each call as models stream it: its name first, then its arguments in pieces."""
    for index, call in enumerate(calls):
        yield {"index": index, **_call(call, "")}
        half = len(call.arguments) // 2
        for fragment in (call.arguments[:half], call.arguments[half:]):
            yield {"index": index, "function": {"arguments": fragment}}


def _call(call: ToolUse, arguments: str) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


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
    prompt: Prompt, delta: Mapping[str, object], *, finish: str | None = None, usage: TokenUsage | None = None
) -> bytes:
    chunk: dict[str, object] = {**_head(prompt), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    if usage is not None:
        chunk["usage"] = _usage(usage)
    return _frame(chunk)


def _frame(chunk: dict[str, object]) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"
