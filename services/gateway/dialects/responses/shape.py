"""The response object, and the items of its output."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import orjson

from libs.contracts.model_call import Usage
from libs.core.json_values import JsonObject, is_object, objects_in
from services.gateway.dialects.call_queue import is_whole
from services.gateway.domain.streaming.reply import FinishReason, Reply, ReplyHead, ToolCall

Status = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
Item: TypeAlias = dict[str, object]
_DEFAULTS: dict[str, object] = {
    "instructions": None,
    "metadata": {},
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "temperature": 1.0,
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "top_logprobs": 0,
    "previous_response_id": None,
    "background": False,
    "store": True,
    "truncation": "disabled",
    "service_tier": "default",
    "safety_identifier": None,
    "prompt_cache_key": None,
    "access_programs": None,
}
_NESTED_DEFAULTS: dict[str, dict[str, object]] = {
    "text": {"format": {"type": "text"}},
    "reasoning": {"effort": None, "summary": None},
}
_TOOL_DEFAULTS: dict[str, object] = {"description": None, "parameters": None, "strict": None}
_CODES = {"rate_limit_exceeded": "rate_limit_exceeded", "context_length_exceeded": "invalid_prompt"}
_INCOMPLETE: dict[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a response. Usage and error exist at its end; `finish` is the finish reason."""

    status: Status
    output: tuple[Item, ...] = ()
    usage: Usage | None = None
    error: tuple[str, str] | None = None
    finish: FinishReason = "stop"


def response_fields(head: ReplyHead, progress: Progress) -> dict[str, object]:
    """Build the response object. Fields absent from the request have OpenAI's default values; `user` and `usage` are
    omitted, because the SDK's TypeScript types accept no null there."""
    echoed: JsonObject = orjson.loads(head.echo) if head.echo else {}
    reason = _INCOMPLETE.get(progress.finish)
    return {
        "id": head.id,
        "object": "response",
        "created_at": head.created,
        "completed_at": head.completed_at() if progress.status == "completed" else None,
        "model": head.model,
        "status": progress.status,
        "output": [*progress.output],
        "incomplete_details": {"reason": reason} if reason else None,
        "error": None if progress.error is None else _error(*progress.error),
        **({} if progress.usage is None else {"usage": usage_fields(progress.usage)}),
        **_DEFAULTS,
        **{name: value for name, value in echoed.items() if name in _DEFAULTS or name == "user"},
        **{name: defaults | _object(echoed.get(name)) for name, defaults in _NESTED_DEFAULTS.items()},
        "tools": [_TOOL_DEFAULTS | tool for tool in objects_in(echoed.get("tools"))],
    }


def _error(code: str, message: str) -> Item:
    """The SDKs' types know few codes, so `type` carries the gateway's code."""
    return {"code": _CODES.get(code, "server_error"), "message": message, "type": code, "param": None}


def _object(value: object) -> JsonObject:
    return value if is_object(value) else {}


def finished(head: ReplyHead, reply: Reply) -> dict[str, object]:
    """Build the response object of an answer: one item each for all its reasoning and all its text, then the calls.

    A stream may have sent several items, in the order of generation; the first of each kind have the same ids.
    """
    output = []
    status = ended(reply.finish)
    is_cut = status == "incomplete"
    last = len(reply.tool_calls) - 1
    if reply.reasoning:
        output.append(reasoning_item(head, reply.reasoning))
    if reply.text:
        output.append(message_item(head, reply.text, cut=is_cut and last < 0))
    for index, call in enumerate(reply.tool_calls):
        output.append(call_item(head, index, call, cut=is_cut and index == last and not is_whole(call.arguments)))
    return response_fields(head, Progress(status, tuple(output), reply.usage, finish=reply.finish))


def ended(finish: FinishReason) -> Status:
    """The status of a response that has its answer."""
    return "incomplete" if finish in _INCOMPLETE else "completed"


def usage_fields(usage: Usage) -> dict[str, object]:
    """The usage object: the sum over every model call of the request."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def item_id(head: ReplyHead, kind: Literal["msg", "rs", "fc"], index: int | None = None) -> str:
    """The id of an item, the same on every gateway."""
    name = head.response_id.partition("-")[2]
    return f"{kind}_{name}" if index is None else f"{kind}_{name}_{index}"


def message_item(head: ReplyHead, text: str, index: int | None = None, *, cut: bool = False) -> Item:
    """`index` counts the messages after the first; `cut`: the text is incomplete."""
    fields = {"id": item_id(head, "msg", index), "type": "message", "status": _written(cut=cut), "role": "assistant"}
    return {**fields, "content": [text_content(text)]}


def text_content(text: str) -> dict[str, object]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def reasoning_item(head: ReplyHead, text: str, index: int | None = None) -> Item:
    """The reasoning as a summary; `index` counts the items after the first."""
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"id": item_id(head, "rs", index), "type": "reasoning", "summary": summary}


def call_item(head: ReplyHead, index: int, call: ToolCall, *, cut: bool = False) -> Item:
    """`cut`: the arguments are incomplete."""
    fields = {"id": item_id(head, "fc", index), "type": "function_call", "status": _written(cut=cut)}
    return {**fields, "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _written(*, cut: bool) -> Status:
    return "incomplete" if cut else "completed"
