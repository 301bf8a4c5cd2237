"""Reading an event stream line by line, strictly."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Event:
    id: str
    data: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a JSON value
        return json.loads(self.data)


@dataclass
class Stream:
    """A stream that was read to its end."""

    events: list[Event] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return bool(self.events) and self.events[-1].data == "[DONE]"

    @property
    def chunks(self) -> list[Any]:
        return [event.json for event in self.events if event.data != "[DONE]"]

    @property
    def deltas(self) -> list[dict[str, str]]:
        return [chunk["choices"][0]["delta"] for chunk in self.chunks if chunk.get("choices")]

    @property
    def text(self) -> str:
        return "".join(delta.get("content", "") for delta in self.deltas)

    @property
    def reasoning(self) -> str:
        return "".join(delta.get("reasoning_content", "") for delta in self.deltas)

    @property
    def finish_reasons(self) -> list[str]:
        reasons = [chunk["choices"][0]["finish_reason"] for chunk in self.chunks if chunk.get("choices")]
        return [reason for reason in reasons if reason is not None]

    @property
    def errors(self) -> list[Any]:
        return [chunk["error"] for chunk in self.chunks if "error" in chunk]


async def events_of(response: httpx.Response, comments: list[str] | None = None) -> AsyncIterator[Event]:
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    event_id = data = ""
    async for line in response.aiter_lines():
        if line.startswith(":"):
            if comments is not None:
                comments.append(line)
        elif line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        elif line.startswith("data: "):
            assert data == "", "an event has one data line"
            data = line.removeprefix("data: ")
        elif data:
            assert line == ""
            yield Event(event_id, data)
            event_id = data = ""
        else:
            assert line == ""


async def read_stream(response: httpx.Response, stream: Stream | None = None) -> Stream:
    """The whole stream; `stream` holds the received part."""
    stream = Stream() if stream is None else stream
    async for event in events_of(response, stream.comments):
        stream.events.append(event)
    return stream
