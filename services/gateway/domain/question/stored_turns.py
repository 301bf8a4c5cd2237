"""The stored turns of a conversation with one model, for requests that continue it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import orjson

from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.streaming.reply import ToolCall

Turn: TypeAlias = Mapping[str, object]


def is_storable(request: InferenceRequest) -> bool:
    """False when the client sends `store: false`: it will not continue from the answer."""
    return not request.echo or orjson.loads(request.echo).get("store") is not False


def turns_with(request: InferenceRequest, text: str, calls: Sequence[ToolCall]) -> tuple[Turn, ...]:
    """Append the answer to the turns. Instructions are those of one request alone."""
    turns = cast("list[dict[str, object]]", request.raw["messages"])
    answer: dict[str, object] = {"role": "assistant", "content": text or (None if calls else "")}
    if calls:
        answer["tool_calls"] = [_call(call) for call in calls]
    return (*(turn for turn in turns if turn["role"] != "system"), answer)


def packed(user: str, turns: Sequence[Turn]) -> bytes:
    return orjson.dumps({"user": user, "turns": list(turns)})


def unpacked(user: str, plain: bytes) -> tuple[Turn, ...] | None:
    """None for the turns of another user."""
    record = orjson.loads(plain)
    return tuple(record["turns"]) if record["user"] == user else None


def _call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
