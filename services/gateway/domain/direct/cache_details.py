"""Removal of prompt-cache details from usage: they reveal whether another client has sent the same prompt."""

from collections.abc import Iterator

from libs.core.json_values import JsonObject, is_object

CHUNK_FIELDS = frozenset({"id", "object", "created", "model", "choices", "system_fingerprint", "service_tier", "usage"})
CHOICE_FIELDS = frozenset(
    {"index", "delta", "message", "finish_reason", "logprobs", "stop_reason", "token_ids", "matched_stop"}
)
_COUNTS = frozenset({"prompt_tokens", "completion_tokens", "total_tokens", "completion_tokens_details"})
_DETAILS = frozenset({"audio_tokens", "image_tokens", "text_tokens", "video_tokens"})
_PLAIN_USAGE = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})
# OpenAI, vLLM and SGLang report `prompt_tokens_details.cached_tokens`, DeepSeek `prompt_cache_hit_tokens`, Moonshot
# `cached_tokens`, also inside of a choice; llama.cpp reports `timings` beside the usage, LiteLLM Anthropic's counters.
_CACHE_DETAILS = frozenset({"usage", "timings", "kv_transfer_params", "metrics", "__verbose"})
_MESSAGES = ("delta", "message")
_MESSAGE_FIELDS = frozenset(
    {"role", "content", "refusal", "tool_calls", "function_call", "reasoning_content", "reasoning"}
)
# Output of the model, where a client's own function may have a parameter `cache`; choices are filtered by themselves.
_OUTPUT = frozenset({"choices", "delta", "message", "content", "tool_calls", "function_call", "logprobs", "token_ids"})


def is_plain_usage(usage: JsonObject) -> bool:
    """True when a usage has the three sums only."""
    return usage.keys() <= _PLAIN_USAGE and not is_object(usage.get("total_tokens"))


def public_usage(usage: JsonObject) -> JsonObject:
    """Counts only, without cache details."""
    shown = {name: value for name, value in usage.items() if name in _COUNTS and not _is_cache_detail(name, value)}
    details = usage.get("prompt_tokens_details")
    if is_object(details):
        shown["prompt_tokens_details"] = {name: count for name, count in details.items() if name in _DETAILS}
    return shown


def is_public_chunk(chunk: JsonObject) -> bool:
    """True when all fields of an answer or a chunk are known, and none has an object in place of its value."""
    return chunk.keys() <= CHUNK_FIELDS and dict not in map(type, chunk.values())


def is_public_choice(choice: JsonObject) -> bool:
    """As `is_public_chunk`, for a choice. Its message or delta is not checked."""
    return choice.keys() <= CHOICE_FIELDS and not any(
        isinstance(value, dict | list) for name, value in choice.items() if name not in _OUTPUT
    )


def public_fields(fields: JsonObject) -> JsonObject:
    """Remove cache details from an answer, a chunk, a choice or a message."""
    if is_public_chunk(fields):
        return fields
    return {name: value for name, value in fields.items() if not _is_cache_detail(name, value)}


def public_choice(choice: JsonObject) -> JsonObject:
    """Remove cache details from a choice and its message or delta. Unchanged when all their fields are known."""
    public = choice if is_public_choice(choice) else public_fields(choice)
    for name in _MESSAGES:
        if is_object(message := public.get(name)) and not message.keys() <= _MESSAGE_FIELDS:
            public = {**public, name: public_fields(message)}
    return public


def _is_cache_detail(name: str, value: object) -> bool:
    if name in _CACHE_DETAILS or "cache" in name.lower():
        return True
    return name not in _OUTPUT and any(_is_cache_detail(*field) for field in _fields_in(value))


def _fields_in(value: object) -> Iterator[tuple[str, object]]:
    """The fields of an object, or of the objects in a list."""
    if is_object(value):
        yield from value.items()
    elif isinstance(value, list):
        for each in value:
            yield from _fields_in(each)
