"""SSE frames of one chat completion, put together from bytes: a frame costs a few microseconds.

The event id is `<response id>/<number of the event>/<characters of the answer sent so far>/<their CRC-32>`: all that
another gateway needs to go on, and to notice that it would go on with another text.
"""

import orjson

from libs.contracts.model_call import Usage
from services.gateway.domain.errors import ApiError
from services.gateway.domain.outcomes import usage_fields
from services.gateway.domain.resume import START, ResumePoint, checksum_of

KEEP_ALIVE = b": keep-alive\n\n"


class Frames:
    """Makes the frames of one response, in order. Not for concurrent use."""

    def __init__(self, response_id: str, model: str, created: int, point: ResumePoint = START) -> None:
        self._id = f"id: {response_id}/".encode()
        head = {"id": response_id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._head = b"data: " + orjson.dumps(head)[:-1]
        self._delta = self._head + b',"choices":[{"index":0,"delta":'
        self._content = self._delta + b'{"content":'
        self._number = point.number
        self._characters = point.characters
        self._checksum = point.checksum

    def role(self) -> bytes:
        return self._event(self._delta + b'{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}')

    def reasoning(self, text: str) -> bytes:
        """Return a frame for the reasoning panel; it is no part of the answer."""
        value = orjson.dumps(text)
        return self._event(
            self._delta + b'{"reasoning_content":' + value + b'},"logprobs":null,"finish_reason":null}]}'
        )

    def content(self, text: str) -> bytes:
        """Return a frame with the next piece of the answer."""
        self._characters += len(text)
        self._checksum = checksum_of(text, self._checksum)
        return self._event(self._content + orjson.dumps(text) + b'},"logprobs":null,"finish_reason":null}]}')

    def stop(self, reason: str) -> bytes:
        tail = b'{},"logprobs":null,"finish_reason":' + orjson.dumps(reason) + b"}]}"
        return self._event(self._delta + tail)

    def usage(self, usage: Usage) -> bytes:
        return self._event(self._head + b',"choices":[],"usage":' + orjson.dumps(usage_fields(usage)) + b"}")

    def done(self) -> bytes:
        return self._event(b"data: [DONE]")

    def error(self, error: ApiError) -> bytes:
        """Return the frame that ends a stream without an answer."""
        return self._event(b"data: " + error.body())

    def _event(self, data: bytes) -> bytes:
        self._number += 1
        return b"%b%d/%d/%08x\n%b\n\n" % (self._id, self._number, self._characters, self._checksum, data)
