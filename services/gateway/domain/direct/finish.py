"""Finish reasons of models, in OpenAI's terms."""

from services.gateway.domain.streaming.reply import FinishReason

_WORDS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "max_tokens": "length",
    "model_length": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "safety": "content_filter",
}


def finish_of(value: object, *, called: bool) -> FinishReason | None:
    """None while there is no finish reason; an unknown reason counts as `stop`.

    `called`: tool calls were made. Then `stop` becomes `tool_calls`; without calls `tool_calls` becomes `stop`.
    """
    if value is None or value == "":
        return None
    finish = _WORDS.get(str(value).lower(), "stop")
    if called and finish == "stop":
        return "tool_calls"
    return "stop" if finish == "tool_calls" and not called else finish
