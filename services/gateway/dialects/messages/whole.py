"""Whole messages."""

import orjson

from libs.contracts.model_call import Usage
from services.gateway.domain.body.outside_json import outside_object
from services.gateway.domain.streaming.reply import FinishReason, Reply, ReplyHead

STOP_REASONS: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def message_body(head: ReplyHead, reply: Reply) -> bytes:
    """Serialize the message object of an answer."""
    message = message_fields(head, reply.usage)
    blocks: list[dict[str, object]] = []
    if reply.reasoning and head.echo:
        blocks.append({"type": "thinking", "thinking": reply.reasoning, "signature": signature(head)})
    if reply.text:
        blocks.append(text_block(reply.text))
    blocks += [tool_block(call.id, call.name, _arguments(call.arguments)) for call in reply.tool_calls]
    return orjson.dumps({**message, "content": blocks, "stop_reason": STOP_REASONS[reply.finish]})


def message_fields(head: ReplyHead, usage: Usage) -> dict[str, object]:
    """A message without content."""
    return {
        "id": head.id,
        "type": "message",
        "role": "assistant",
        "model": head.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "diagnostics": None,
        "usage": {
            **usage_fields(usage),
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "inference_geo": None,
            "service_tier": None,
            "speed": None,
        },
    }


def usage_fields(usage: Usage) -> dict[str, object]:
    """The usage of every model call of the request, summed, as at the end of a stream."""
    return {
        "input_tokens": usage.prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": None,
        "server_tool_use": None,
    }


def text_block(text: str) -> dict[str, object]:
    return {"type": "text", "text": text, "citations": None}


def tool_block(call_id: str, name: str, arguments: object) -> dict[str, object]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments, "caller": {"type": "direct"}}


def signature(head: ReplyHead) -> str:
    """A placeholder for Anthropic's signature of reasoning; clients send it back, and the gateway ignores it."""
    return f"unsigned-{head.id}"


def _arguments(text: str) -> object:
    """An object, because clients index it; arguments that are no object are forwarded as text."""
    value = outside_object(text)
    return value if value is not None else {"arguments": text}
