"""Answers in Ollama's protocol: lines of JSON for streams, or one object."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, Protocol

import orjson

from libs.contracts.model_call import Usage
from libs.core.clock import Clock
from services.gateway.dialects.call_queue import CallQueue, Step
from services.gateway.dialects.naming import naming_message
from services.gateway.dialects.ollama.loading import Loading
from services.gateway.domain.body.outside_json import outside_object
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, Reply, ReplyHead, line_safe

NS = 1_000_000_000


class PieceFormat(Protocol):
    """The shape of a piece of an answer on one route."""

    def __call__(self, text: str, thinking: str = "", calls: list[object] | None = None) -> dict[str, object]: ...


def chat_piece(text: str, thinking: str = "", calls: list[object] | None = None) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": text}
    if thinking:
        message["thinking"] = thinking
    if calls:
        message["tool_calls"] = calls
    return {"message": message}


def generate_piece(text: str, thinking: str = "", calls: list[object] | None = None) -> dict[str, object]:
    """This route has no tools."""
    return {"response": text, "thinking": thinking} if thinking else {"response": text}


class OllamaFrames:
    """The protocol has no event ids, so a broken stream cannot be resumed."""

    def __init__(self, head: ReplyHead, piece: PieceFormat, clock: Clock) -> None:
        self._head = head
        self._piece = piece
        self._clock = clock
        self._before_s = max(0.0, clock.now() - _begun(head))
        self._opened_at = clock.monotonic()
        self._first_at: float | None = None
        self._calls = CallQueue()

    def opening(self) -> bytes:
        return b""

    def had(self, text: str) -> None:
        """A line does not depend on earlier text."""

    def reasoning(self, text: str) -> bytes:
        return self._line(self._piece("", text)) if self._head.echo else b""

    def content(self, text: str) -> bytes:
        if self._first_at is None:
            self._first_at = self._clock.monotonic()
        return self._line(self._piece(text))

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        return self._whole_calls(self._calls.begin(call_id, name))

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        return self._whole_calls(self._calls.more(index, fragment))

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        left = self._whole_calls(self._calls.finish())
        now = self._clock.monotonic()
        writing_s = now - self._first_at if self._first_at is not None else 0.0
        last = {**stamp(self._head.model, self._clock.now()), **self._piece(""), **ending_fields(finish, usage)}
        return left + line_of({**last, **durations(self._before_s + now - self._opened_at, writing_s)})

    def error(self, error: ApiError) -> bytes:
        return error_line(error) + b"\n"

    def keep_alive(self) -> bytes:
        """A line with an empty piece: an empty line would not be JSON."""
        return self._line(self._piece(""))

    def _whole_calls(self, steps: Iterable[Step]) -> bytes:
        """Calls are sent when they are complete, with their arguments as an object."""
        ended = [call for kind, call, _ in steps if kind == "end"]
        fields = [call_fields(call.index, call.id, call.name, call.arguments) for call in ended]
        return b"".join(self._line(self._piece("", calls=[call])) for call in fields)

    def _line(self, fields: dict[str, object]) -> bytes:
        return line_of({**stamp(self._head.model, self._clock.now()), **fields, "done": False})


def line_of(fields: dict[str, object]) -> bytes:
    return line_safe(orjson.dumps(fields)) + b"\n"


def whole_answer(head: ReplyHead, reply: Reply, piece: PieceFormat, now: float) -> bytes:
    """Serialize a whole answer."""
    calls = [call_fields(index, call.id, call.name, call.arguments) for index, call in enumerate(reply.tool_calls)]
    fields = piece(reply.text, reply.reasoning if head.echo else "", [*calls])
    ended = {**ending_fields(reply.finish, reply.usage), **durations(now - _begun(head))}
    return orjson.dumps({**stamp(head.model, now), **fields, **ended})


def loaded_answer(loading: Loading, piece: PieceFormat, now: float) -> bytes:
    """Serialize the report that a model was loaded or unloaded: one object, also for streams."""
    return orjson.dumps({**stamp(loading.model, now), **piece(""), "done": True, "done_reason": loading.reason})


def stamp(model: str, now: float) -> dict[str, object]:
    """The fields at the start of every line."""
    return {"model": model, "created_at": datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")}


def ending_fields(finish: FinishReason, usage: Usage) -> dict[str, object]:
    reason: Literal["length", "stop"] = "length" if finish == "length" else "stop"
    counted = {"prompt_eval_count": usage.prompt_tokens, "eval_count": usage.completion_tokens}
    return {"done": True, "done_reason": reason, **counted}


def durations(total_s: float, writing_s: float = 0.0) -> dict[str, int]:
    """Durations in nanoseconds; a whole answer has no generation time."""
    names = {
        "total_duration": total_s,
        "load_duration": 0.0,
        "prompt_eval_duration": total_s - writing_s,
        "eval_duration": writing_s,
    }
    return {name: max(0, int(seconds * NS)) for name, seconds in names.items()}


def _begun(head: ReplyHead) -> float:
    return head.accepted_at or float(head.created)


def call_fields(index: int, call_id: str, name: str, arguments: str) -> dict[str, object]:
    """A tool call; arguments that are no JSON object are forwarded as text."""
    value = outside_object(arguments)
    fields = value if value is not None else {"arguments": arguments}
    return {"id": call_id, "function": {"index": index, "name": name, "arguments": fields}}


def error_line(error: ApiError) -> bytes:
    return orjson.dumps({"error": naming_message(error)})
