"""An answer from bytes: every quirk of the servers we know."""

import time
from collections.abc import Mapping
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.adapters.models.openai_chat.decoder import AnswerDecoder
from libs.contracts.staffing import ModelRef
from libs.ports.llm import (
    ChatMessage,
    Completion,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    StreamBroken,
    TokenUsage,
)

REQUEST = ModelRequest(ModelRef(model="m", server="s"), (ChatMessage("user", "12345678"),), timeout_s=1.0)
DONE = b"data: [DONE]\n\n"
STOP = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'


def piece(text: str, more: Mapping[str, object] | None = None) -> bytes:
    return frame({"choices": [{"index": 0, "delta": {"content": text}}], **(more or {})})


def frame(chunk: object) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def read(*chunks: bytes) -> tuple[str, Completion]:
    decoder = AnswerDecoder(REQUEST)
    text = "".join([*(decoder.feed(chunk) for chunk in chunks), decoder.close()])
    return text, decoder.completion(0.5)


def test_a_stream_becomes_its_text() -> None:
    text, completion = read(piece("Hel"), piece("lo", {"model": "m-2026"}), STOP, DONE)

    assert text == "Hello"
    assert completion == Completion("Hello", "stop", TokenUsage(2, 2, estimated=True), "m-2026", 0.5)


@given(st.lists(st.integers(min_value=0, max_value=2000), max_size=20))
def test_any_cutting_gives_the_same_text(places: list[int]) -> None:
    stream = piece("<think>so</think>") + b": ping\r\n\r\n" + piece("grüße ") + piece("€🙂") + STOP + DONE
    edges = sorted({0, len(stream), *(place % len(stream) for place in places)})
    chunks = [stream[start:end] for start, end in pairwise(edges)]

    assert read(*chunks)[0] == "grüße €🙂"


def test_usage_may_come_in_a_chunk_of_its_own() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 6}

    assert read(piece("x"), STOP, frame({"choices": [], "usage": usage}), DONE)[1].usage == TokenUsage(5, 6)


def test_usage_may_come_with_the_last_piece_or_with_every_piece() -> None:
    first, last = ({"prompt_tokens": 5, "completion_tokens": count} for count in (1, 2))

    assert read(piece("x", {"usage": first}), piece("y", {"usage": last}), STOP)[1].usage == TokenUsage(5, 2)
    assert read(piece("x", {"usage": None}), STOP)[1].usage.estimated


def test_reasoning_is_not_answer_text() -> None:
    thinking = [
        frame({"choices": [{"delta": {name: "hm"}}]}) for name in ("reasoning_content", "reasoning", "thinking")
    ]

    assert read(*thinking, piece("ok"), STOP)[0] == "ok"


def test_content_and_finish_may_share_a_chunk() -> None:
    chunk = frame({"choices": [{"delta": {"content": "ok"}, "finish_reason": "length"}]})

    assert read(chunk)[1].finish_reason == "length"


def test_done_may_be_missing_after_a_finish_reason() -> None:
    assert read(piece("ok"), STOP)[0] == "ok"


def test_a_finish_reason_may_be_missing_before_done() -> None:
    assert read(piece("ok"), DONE)[1].finish_reason == "stop"


def test_what_follows_done_is_not_read() -> None:
    assert read(piece("ok"), STOP, DONE, b"data: rubbish\n\n")[0] == "ok"


@pytest.mark.parametrize(
    "chunks",
    [
        (),
        (piece("half"),),
        (DONE,),
        (b": ping\n\n",),
        (b"<html>no stream at all</html>",),
        (piece("ok"), b"data: {broken\n\n", STOP),
        (piece("ok"), b"data: []\n\n", STOP),
        (piece("ok"), b'data: "text"\n\n', STOP),
        (piece("ok"), b'data: {"choices":[{"delta":{"content":"cut'),
        (piece("ok"), b"data: " + b"x" * (2 << 20)),
        (piece("ok"), frame({"error": {"message": "crash", "code": 503}})),
        (piece("ok"), b"event: error\ndata: out of memory\n\n"),
    ],
)
def test_an_answer_that_is_not_finished_is_broken(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(StreamBroken):
        read(*chunks)


def test_an_error_object_before_the_answer_is_the_servers_error() -> None:
    with pytest.raises(ModelUnavailable):
        read(frame({"error": {"message": "crash"}}))
    with pytest.raises(ModelRefused):
        read(frame({"error": {"message": "no", "code": 400}}))


def test_an_error_that_is_null_is_none() -> None:
    assert read(piece("ok", {"error": None}), STOP)[0] == "ok"


def test_text_in_front_of_a_fault_is_handed_out_first() -> None:
    decoder = AnswerDecoder(REQUEST)

    assert decoder.feed(piece("some") + piece(" text") + b"data: {broken\n\n") == "some text"
    with pytest.raises(StreamBroken):
        decoder.feed(STOP)


def test_thinking_is_not_part_of_the_answer_even_if_never_closed() -> None:
    assert read(piece("<think>a"), piece("b</think>\n"), piece("ok"), STOP)[1].text == "ok"
    assert read(piece("<think>a"), STOP)[1].text == ""


def test_a_reply_in_one_piece_is_read_too() -> None:
    decoder = AnswerDecoder(REQUEST)
    message = {"role": "assistant", "content": "<think>x</think>ok", "reasoning_content": "hm"}
    decoder.feed_whole(orjson.dumps({"choices": [{"message": message, "finish_reason": None}], "model": "n"}))

    assert decoder.close() == ""
    assert decoder.completion(1.0) == Completion("ok", "stop", TokenUsage(2, 1, estimated=True), "n", 1.0)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":[{"message":{}}]}'])
def test_a_reply_that_holds_no_answer_is_broken(body: bytes) -> None:
    decoder = AnswerDecoder(REQUEST)

    with pytest.raises(StreamBroken):
        decoder.feed_whole(body), decoder.close()


def test_decoding_costs_far_less_than_100_microseconds_a_chunk() -> None:
    decoder, chunk = (
        AnswerDecoder(REQUEST),
        piece("token ", {"id": "chatcmpl-1", "created": 0, "model": "m", "usage": None}),
    )
    began = time.process_time()
    for _ in range(5000):
        decoder.feed(chunk)

    assert (time.process_time() - began) / 5000 < 100e-6
