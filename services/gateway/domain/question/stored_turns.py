"""The stored turns of a conversation with one model, for requests that continue it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import orjson

from services.gateway.domain.question.inference_request import InferenceRequest
from services.gateway.domain.streaming.reply import ToolCall

Turn: TypeAlias = Mapping[str, object]


def is_storable(ask: InferenceRequest) -> bool:
    """False when the client sends `store: false`: it will not continue from the answer."""
    return not ask.echo or orjson.loads(ask.echo).get("store") is not False


def turns_with(ask: InferenceRequest, text: str, calls: Sequence[ToolCall]) -> tuple[Turn, ...]:
    """Append the answer to the turns. Instructions are those of one request alone."""
    said = cast("list[dict[str, object]]", ask.raw["messages"])
    answer: dict[str, object] = {"role": "assistant", "content": text or (None if calls else "")}
    if calls:
        answer["tool_calls"] = [_call(call) for call in calls]
    return (*(turn for turn in said if turn["role"] != "system"), answer)


def packed(user: str, turns: Sequence[Turn]) -> bytes:
    return orjson.dumps({"user": user, "turns": list(turns)})


def unpacked(user: str, plain: bytes) -> tuple[Turn, ...] | None:
    """None for the turns of another user."""
    kept = orjson.loads(plain)
    return tuple(kept["turns"]) if kept["user"] == user else None


def _call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
