"""Quotas: the tokens that a request reserves, and rate limits and budgets in response headers and rejections."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from libs.contracts.progress import Protocol
from libs.core.json_values import objects_in
from libs.core.token_counts import CHARS_PER_TOKEN, tokens_of
from libs.http.metadata import RawHeaders
from libs.ports.quota import BudgetExceeded, BudgetStatus, QuotaStatus, RateLimited
from services.gateway.domain.body.chat import MOST_TOKENS
from services.gateway.domain.errors import ApiError, RequestRefused
from services.gateway.domain.question.estimate import IMAGE_TOKENS, TEXT_PARTS
from services.gateway.domain.question.fleet_question import InferenceRequest

ANSWER_TOKENS = 1000  # where the client sets no limit
# The fleet reads a question several times and generates more than its answer: plan, experts, judge.
FLEET_CALLS = 4
_MEDIA_CHARACTERS = IMAGE_TOKENS * CHARS_PER_TOKEN
_OF_NO_PROMPT = frozenset({"messages", "metadata", "stream_options", "logit_bias", "stop"})
_OF_EACH_MESSAGE = frozenset({"role", "content", "tool_call_id"})
_PLAIN = 2  # fields of a message with only a role and a content
_NESTED = (list, dict)


def estimated_tokens(request: InferenceRequest, characters: int, *, fleet: bool, most: int = MOST_TOKENS) -> int:
    """Estimate the tokens of one model call or, for the `fleet`, of all its calls; the prompt has `characters`.

    Each message has a mark of its own, and each of `n` answers may be as long as the larger limit permits, at most
    `most` tokens.
    """
    answers = answer_tokens(request, most) or min(most, ANSWER_TOKENS) * max(1, request.chat.n or 1)
    prompt = tokens_of(characters) + len(request.chat.messages)
    return (prompt + answers) * (FLEET_CALLS if fleet else 1)


def answer_tokens(request: InferenceRequest, most: int = MOST_TOKENS) -> int:
    """Maximum tokens of all `n` answers together, `most` each; 0 where the client sets no limit."""
    chat = request.chat
    return min(most, max(chat.max_tokens or 0, chat.max_completion_tokens or 0)) * max(1, chat.n or 1)


def prompt_characters(raw: Mapping[str, object]) -> int:
    """Length of all fields of a chat body that a model reads, unknown fields included.

    Texts count their characters; tools, calls and formats the bytes of their JSON; an image or another non-text part
    counts IMAGE_TOKENS, whatever its encoding.
    """
    of_messages = sum(map(_of_message, objects_in(raw.get("messages"))))
    nested = [value for name, value in raw.items() if isinstance(value, _NESTED) and name not in _OF_NO_PROMPT]
    return of_messages + sum(map(_of_object, nested))


def _of_message(message: Mapping[str, object]) -> int:
    content = message.get("content")
    if isinstance(content, str):
        return len(content) if len(message) == _PLAIN else len(content) + sum(map(_of_field, message.items()))
    return sum(map(_of_part, objects_in(content))) + sum(map(_of_field, message.items()))


def _of_field(field: tuple[str, object]) -> int:
    name, value = field
    if name in _OF_EACH_MESSAGE:
        return 0
    return len(value) if isinstance(value, str) else _of_object(value)


def _of_part(part: Mapping[str, object]) -> int:
    texts = (part.get(name) for name in TEXT_PARTS)
    characters = sum(len(text) for text in texts if isinstance(text, str))
    return characters if part.get("type") in TEXT_PARTS else characters + _MEDIA_CHARACTERS


def _of_object(value: object) -> int:
    return len(orjson.dumps(value)) if isinstance(value, _NESTED) and value else 0


Headers = tuple[tuple[str, str], ...]
LONGEST_RETRY_S = 120  # the SDKs do not wait longer for a rate limit
_DIMENSIONS = ("requests", "tokens")
_PARTS = ("limit", "remaining", "reset")
_OPENAI = {name: tuple(f"x-ratelimit-{part}-{name}".encode() for part in _PARTS) for name in _DIMENSIONS}
_ANTHROPIC = {name: tuple(f"anthropic-ratelimit-{name}-{part}".encode() for part in _PARTS) for name in _DIMENSIONS}
_WORDS = {"requests": "requests a minute", "tokens": "tokens a minute", "streams": "streams at once"}


def limit_headers(status: QuotaStatus, protocol: Protocol, now: float) -> RawHeaders:
    """Header lines with the names of the client's protocol. `now` is Unix time."""
    anthropic = protocol == "messages"
    names = _ANTHROPIC if anthropic else _OPENAI
    headers = [(name.encode(), value.encode()) for name, value in _budget(status.daily)]
    for dimension, window in zip(_DIMENSIONS, (status.requests, status.tokens), strict=True):
        if window is not None:
            limit, remaining, reset = names[dimension]
            when = _time_of(now + window.reset_s) if anthropic else duration(window.reset_s)
            headers += (
                (limit, b"%d" % window.limit),
                (remaining, b"%d" % window.remaining),
                (reset, when.encode()),
            )
    return headers


def rate_refusal(refused: RateLimited, protocol: Protocol, now: float) -> RequestRefused:
    """429; a retry may succeed after the wait."""
    wait_s = min(LONGEST_RETRY_S, refused.retry_after_s)
    message = (
        f"Rate limit reached: this key may take {refused.limit} {_WORDS[refused.dimension]}. "
        f"Try again in {duration(wait_s)}."
    )
    headers = (
        ("retry-after-ms", str(math.ceil(wait_s * 1000))),
        *((name.decode(), value.decode()) for name, value in limit_headers(refused.status, protocol, now)),
    )
    error = ApiError(429, refused.code, message, retry_after_s=max(1, math.ceil(wait_s)), headers=headers)
    return RequestRefused(error)


def budget_refusal(refused: BudgetExceeded) -> RequestRefused:
    """429; a retry may succeed in the next period, or at once when running requests release unused reservations."""
    budget = f"{refused.period} token budget of your {refused.holder}"
    if refused.passing:
        message = f"Running requests have reserved the rest of the {budget}. Try again shortly."
        wait_s: int | None = 1
    else:
        wait_s = math.ceil(refused.retry_after_s) if math.isfinite(refused.retry_after_s) else None
        when = f" It begins anew in {duration(refused.retry_after_s)}." if wait_s is not None else ""
        message = f"The {budget} is used up.{when}"
    error = ApiError(
        429,
        refused.code,
        message,
        retry_after_s=wait_s,
        final=not refused.passing,
        kind="insufficient_quota",
        headers=_budget(refused.daily),
    )
    return RequestRefused(error)


def budget_unknown() -> RequestRefused:
    message = "The remaining budget is temporarily unknown. Try again shortly."
    return RequestRefused(ApiError(503, "budget_unknown", message, retry_after_s=2))


def duration(seconds: float) -> str:
    """Format a time like OpenAI: `250ms`, `1s`, `6m0s`, `1h0m0s`."""
    if seconds < 1:
        return f"{max(0, math.ceil(seconds * 1000))}ms"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _time_of(unix_s: float) -> str:
    """RFC 3339, as Anthropic writes it; a part of a second is rounded up."""
    return datetime.fromtimestamp(math.ceil(unix_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _budget(daily: BudgetStatus | None) -> Headers:
    if daily is None:
        return ()
    return (("x-moe-budget-daily-used", str(daily.used)), ("x-moe-budget-daily-limit", str(daily.limit)))
