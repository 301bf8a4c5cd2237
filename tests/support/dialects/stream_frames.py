"""Reading the bytes of a stream as a client would."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Frame:
    """One event, without its wrapping."""

    id: str
    content: str = ""
    error: str = ""
    done: bool = False


def frames_of(data: bytes) -> list[Frame]:
    ids = [line.removeprefix("id: ") for line in data.decode().split("\n") if line.startswith("id: ")]
    return [_frame(event_id, payload) for event_id, payload in zip(ids, payloads(data), strict=True)]


def _frame(event_id: str, payload: Any) -> Frame:  # noqa: ANN401 - a JSON value
    if payload == "[DONE]":
        return Frame(event_id, done=True)
    if "error" in payload:
        return Frame(event_id, error=payload["error"]["code"])
    return Frame(event_id, payload["choices"][0]["delta"].get("content", ""))


def payloads(data: bytes) -> list[Any]:
    """Data of each event; `[DONE]` stays text."""
    found: list[Any] = []
    for event in data.decode().split("\n\n")[:-1]:
        if event.startswith(":"):
            continue
        event_id, line = event.split("\n")
        assert event_id.startswith("id: ")
        raw = line.removeprefix("data: ")
        found.append(raw if raw == "[DONE]" else json.loads(raw))
    return found


def content(data: bytes) -> str:
    chunks = [payload for payload in payloads(data) if payload != "[DONE]" and payload.get("choices")]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def errors(data: bytes) -> list[Any]:
    return [payload["error"] for payload in payloads(data) if "error" in payload]


def is_done(data: bytes) -> bool:
    return payloads(data)[-1:] == ["[DONE]"]
