"""Records of model calls, carried by the event that a call led to."""

import hashlib

from libs.contracts.message import Value


class Usage(Value):
    """Tokens, summed over model calls."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )

    def at_least(self, other: "Usage") -> "Usage":
        """Field-wise maximum, for two incomplete counts of the same calls."""
        return Usage(
            prompt_tokens=max(self.prompt_tokens, other.prompt_tokens),
            completion_tokens=max(self.completion_tokens, other.completion_tokens),
        )


class ModelCall(Value):
    """One call: which model on which server, for which prompt (SHA-256, hex), what it cost and how it ended.

    `id` tells two calls apart that are otherwise the same: sums count each once. It is empty in records
    older than it. `finish_reason` of a call that did not end by itself is `broken_off`.
    """

    stage: str
    model: str
    server: str
    prompt_sha256: str
    usage: Usage
    duration_ms: int
    finish_reason: str
    usage_estimated: bool = False
    id: str = ""


BROKEN_OFF = "broken_off"


def ids_of(calls: tuple[ModelCall, ...]) -> str:
    """Deterministic short name: the same for the same calls in the same order."""
    return hashlib.sha256(" ".join(call.id for call in calls).encode()).hexdigest()[:32]


def total_usage(calls: tuple[ModelCall, ...], spent: Usage | None = None) -> Usage:
    """Usage of `calls` plus `spent`."""
    total = spent or Usage()
    for call in calls:
        total = total + call.usage
    return total


def summary_of_calls(calls: tuple[ModelCall, ...]) -> str:
    usage = total_usage(calls)
    return f"calls: {len(calls)}, tokens: {usage.prompt_tokens} + {usage.completion_tokens}"
