"""The events of one response, item by item."""

from collections.abc import Iterable

import orjson

from libs.contracts.model_call import Usage
from services.gateway.dialects.call_queue import CallQueue, QueuedCall, Step, is_whole
from services.gateway.dialects.responses import shape
from services.gateway.dialects.responses.shape import Item, Progress, Status
from services.gateway.domain.errors import ApiError
from services.gateway.domain.streaming.reply import FinishReason, ReplyHead, ToolCall, line_safe
from services.gateway.domain.streaming.resume import START, EventIds, ResumePoint, Sequence, checksum_of, state_of

KEEP_ALIVE = b": keep-alive\n\n"
_NONE, _REASONING, _MESSAGE, _TEXT = range(4)  # the open item; a message without and with its text part


class ResponseFrames:
    """The state in a sequence number is the open item, and whether there was reasoning."""

    def __init__(self, head: ReplyHead, point: ResumePoint = START) -> None:
        self._head = head
        state = state_of(point.number)
        self._open = state >> 1
        self._had_reasoning = bool(state & 1)
        self._reasoning: list[str] = []
        self._thoughts = 0  # closed reasoning items
        self._text: list[str] = []
        self._texts = 0  # closed messages
        self._cut = False  # whether the answer was cut
        self._calls = CallQueue()
        self._output: list[Item] = []
        if self._had_reasoning and self._open != _REASONING:  # its text is unknown after a resume
            self._output.append(self._thought(""))
            self._thoughts = 1
        self._ids = EventIds(head.id)
        self._sequence = Sequence(point.number)

    def opening(self) -> bytes:
        begun = self._response("in_progress")
        return self._event("response.created", {"response": begun}) + self._event(
            "response.in_progress", {"response": begun}
        )

    def had(self, text: str) -> None:
        """Record earlier text: the ends of items repeat it."""
        self._emit(text)

    def reasoning(self, text: str) -> bytes:
        return self._steps(self._calls.speak("reasoning", text)) if self._calls.is_open else self._think(text)

    def content(self, text: str) -> bytes:
        return self._steps(self._calls.speak("content", text)) if self._calls.is_open else self._answer(text)

    def tool_call(self, index: int, call_id: str, name: str) -> bytes:
        return self._steps(self._calls.begin(call_id, name))

    def tool_arguments(self, index: int, fragment: str) -> bytes:
        return self._steps(self._calls.more(index, fragment))

    def ending(self, finish: FinishReason, usage: Usage) -> bytes:
        status = shape.ended(finish)
        self._cut = status == "incomplete"
        left = self._steps(self._calls.finish()) + self._close()
        if self._text and not self._texts:  # all of it was sent before the resume
            self._output.append(self._message("".join(self._text)))
        whole = self._response(status, usage=usage, finish=finish)
        return left + self._event(f"response.{status}", {"response": whole})

    def error(self, error: ApiError) -> bytes:
        """A failed response; only an error of the stream where the request continues without it."""
        if error.code == "stopping":
            return self._event("error", {"code": error.code, "message": error.message, "param": error.param})
        failed = Progress("failed", tuple(self._output), error=(error.code, error.message))
        return self._event("response.failed", {"response": shape.response_fields(self._head, failed)})

    def keep_alive(self) -> bytes:
        return KEEP_ALIVE

    @property
    def _summary(self) -> dict[str, object]:
        item_id = shape.item_id(self._head, "rs", self._thoughts or None)
        return {"item_id": item_id, "output_index": len(self._output), "summary_index": 0}

    @property
    def _part(self) -> dict[str, object]:
        item_id = shape.item_id(self._head, "msg", self._texts or None)
        return {"item_id": item_id, "output_index": len(self._output), "content_index": 0}

    def _think(self, text: str) -> bytes:
        opened = b"" if self._open == _REASONING else self._begin_reasoning()
        self._reasoning.append(text)
        return opened + self._event("response.reasoning_summary_text.delta", {**self._summary, "delta": text})

    def _answer(self, text: str) -> bytes:
        opened = self._begin_text()
        self._emit(text)
        return opened + self._event("response.output_text.delta", {**self._part, "delta": text, "logprobs": []})

    def _emit(self, text: str) -> None:
        self._text.append(text)
        self._ids.sent(text)
        self._sequence.characters += len(text)
        self._sequence.checksum = checksum_of(text, self._sequence.checksum)

    def _begin_reasoning(self) -> bytes:
        closed = self._close()
        self._open, self._had_reasoning = _REASONING, True
        added = self._added(self._thought(""))
        part = {"type": "summary_text", "text": ""}
        return closed + added + self._event("response.reasoning_summary_part.added", {**self._summary, "part": part})

    def _begin_text(self) -> bytes:
        frames = b""
        if self._open not in (_MESSAGE, _TEXT):
            frames = self._close()
            self._open = _MESSAGE
            item = {**self._message(""), "status": "in_progress", "content": []}
            frames += self._added(item)
        if self._open == _MESSAGE:
            self._open = _TEXT
            frames += self._event("response.content_part.added", {**self._part, "part": shape.text_content("")})
        return frames

    def _close(self) -> bytes:
        match self._open:
            case 1:
                return self._end_reasoning()
            case 2 | 3:
                return self._end_text()
        return b""

    def _end_reasoning(self) -> bytes:
        text = "".join(self._reasoning)
        part = {"type": "summary_text", "text": text}
        frames = self._event("response.reasoning_summary_text.done", {**self._summary, "text": text})
        frames += self._event("response.reasoning_summary_part.done", {**self._summary, "part": part})
        item = self._thought(text)
        self._thoughts += 1
        self._reasoning.clear()
        return frames + self._done(item)

    def _end_text(self) -> bytes:
        text = "".join(self._text)
        frames = self._event("response.output_text.done", {**self._part, "text": text, "logprobs": []})
        frames += self._event("response.content_part.done", {**self._part, "part": shape.text_content(text)})
        item = self._message(text)
        self._texts += 1
        self._text.clear()
        return frames + self._done(item)

    def _thought(self, text: str) -> Item:
        return shape.reasoning_item(self._head, text, self._thoughts or None)

    def _message(self, text: str) -> Item:
        is_last = not self._calls.is_open
        return shape.message_item(self._head, text, self._texts or None, cut=self._cut and is_last)

    def _steps(self, steps: Iterable[Step]) -> bytes:
        return b"".join(self._step(step) for step in steps)

    def _step(self, step: Step) -> bytes:
        kind, call, text = step
        place = {"item_id": shape.item_id(self._head, "fc", call.index), "output_index": len(self._output)}
        match kind:
            case "begin":
                return self._close() + self._added({**self._item(call), "status": "in_progress", "arguments": ""})
            case "more":
                return self._event("response.function_call_arguments.delta", {**place, "delta": text})
            case "end":
                named = {"name": call.name, "arguments": call.arguments}
                frames = self._event("response.function_call_arguments.done", {**place, **named})
                return frames + self._done(self._item(call))
            case "reasoning":
                return self._think(text)
            case "content":
                return self._answer(text)

    def _item(self, call: QueuedCall) -> Item:
        is_cut = self._cut and call is self._calls.calls[-1] and not is_whole(call.arguments)
        return shape.call_item(self._head, call.index, ToolCall(call.id, call.name, call.arguments), cut=is_cut)

    def _added(self, item: Item) -> bytes:
        return self._event("response.output_item.added", {"output_index": len(self._output), "item": item})

    def _done(self, item: Item) -> bytes:
        index = len(self._output)
        self._output.append(item)
        self._open = _NONE
        return self._event("response.output_item.done", {"output_index": index, "item": item})

    def _response(
        self, status: Status, *, usage: Usage | None = None, finish: FinishReason = "stop"
    ) -> dict[str, object]:
        progress = Progress(status, tuple(self._output), usage, finish=finish)
        return shape.response_fields(self._head, progress)

    def _event(self, name: str, fields: dict[str, object]) -> bytes:
        number = self._sequence.next(self._open << 1 | self._had_reasoning)
        data = orjson.dumps({"type": name, "sequence_number": number, **fields})
        return b"event: " + name.encode() + b"\n" + self._ids.line(number) + b"data: " + line_safe(data) + b"\n\n"
