"""Removal of prompt-cache details from usage: they reveal whether another client has sent the same prompt."""

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


def public_fields(fields: JsonObject) -> JsonObject:
    """Remove cache details from an answer, a chunk or a choice."""
    if fields.keys() <= CHUNK_FIELDS and dict not in map(type, fields.values()):
        return fields
    return {name: value for name, value in fields.items() if not _is_cache_detail(name, value)}


def public_choice(choice: JsonObject) -> JsonObject:
    """Unchanged when all fields of the choice are known."""
    return choice if choice.keys() <= CHOICE_FIELDS else public_fields(choice)


def _is_cache_detail(name: str, value: object) -> bool:
    if name in _CACHE_DETAILS or "cache" in name.lower():
        return True
    return (
        is_object(value) and name not in {"delta", "message"} and any(_is_cache_detail(*each) for each in value.items())
    )
