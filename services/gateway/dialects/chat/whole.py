"""Whole chat completions."""

import orjson

from libs.contracts.model_call import Usage
from services.gateway.domain.streaming.reply import Reply, ReplyHead, ToolCall


def usage_fields(usage: Usage) -> dict[str, int]:
    """The usage object: the sum over every model call of the request."""
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def completion_body(head: ReplyHead, reply: Reply) -> bytes:
    """Serialize the chat.completion object of an answer."""
    choice = {"index": 0, "message": _message(reply), "logprobs": None, "finish_reason": reply.finish}
    return orjson.dumps(
        {
            "id": head.id,
            "object": "chat.completion",
            "created": head.created,
            "model": head.model,
            "choices": [choice],
            "usage": usage_fields(reply.usage),
        }
    )


def _message(reply: Reply) -> dict[str, object]:
    content = None if reply.tool_calls and not reply.text else reply.text
    message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [_call(call) for call in reply.tool_calls]
    return message


def _call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
