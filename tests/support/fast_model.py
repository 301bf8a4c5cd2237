"""A model server with minimal CPU use, as a separate process: `python -m tests.support.fast_model PORT`.

The model name selects the answer: `whole`; `words-N-M`: N words, one every M ms; `idle`: one word, then silence.
"""

import asyncio
import re
import sys
from typing import cast

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_MODEL = re.compile(rb'"model": *"(whole|idle|words-(\d+)-(\d+))"')
_HEAD = b'{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":['
_OK = b"HTTP/1.1 200 OK\r\ncontent-type: "
_STREAM = _OK + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_USAGE = b'"usage":{"prompt_tokens":12,"completion_tokens":8,"total_tokens":20}'
WHOLE = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"Eight words are enough to answer this question."},"logprobs":null,'
    b'"finish_reason":"stop"}],' + _USAGE + b"}"
)


def _event(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


def _word(number: int) -> bytes:
    return _event(_HEAD + b'{"index":0,"delta":{"content":"word%d "},"logprobs":null,"finish_reason":null}]}' % number)


_ENDING = (
    _event(_HEAD + b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}')
    + _event(_HEAD + b"]," + _USAGE + b"}")
    + _event(b"[DONE]")
    + b"0\r\n\r\n"
)


class FastModel(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found:
            return
        if length is None:
            self._answer(b"whole", 0, 0)
        elif len(body) >= int(length[1]):
            model = _MODEL.search(body)
            assert model is not None, body
            self._answer(model[1], int(model[2] or 0), int(model[3] or 0))

    def _answer(self, model: bytes, words: int, pause_ms: int) -> None:
        self._data = b""
        assert self._transport is not None
        if model == b"whole":
            self._transport.write(_OK + b"application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(WHOLE), WHOLE))
        else:
            self._transport.write(_STREAM + _word(0))
            if words:
                asyncio.get_running_loop().call_later(pause_ms / 1000, self._speak, 1, words, pause_ms)

    def _speak(self, number: int, words: int, pause_ms: int) -> None:
        if self._transport is None:
            return
        if number == words:
            self._transport.write(_ENDING)
        else:
            self._transport.write(_word(number))
            asyncio.get_running_loop().call_later(pause_ms / 1000, self._speak, number + 1, words, pause_ms)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(FastModel, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
