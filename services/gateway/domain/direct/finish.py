"""Why a model stopped, in OpenAI's words."""

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
    """Return the reason, None while there is none; a word that we do not know is a plain stop.

    `called`: tool calls were made. Then a stop is one for them, and without any nobody has to wait for calls.
    """
    if value is None or value == "":
        return None
    finish = _WORDS.get(str(value).lower(), "stop")
    if called and finish == "stop":
        return "tool_calls"
    return "stop" if finish == "tool_calls" and not called else finish
