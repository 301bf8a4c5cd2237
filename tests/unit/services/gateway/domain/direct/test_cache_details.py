"""No client learns whether another tenant has sent the same prompt."""

import orjson
import pytest

from services.gateway.dialects.direct.whole import read_whole
from services.gateway.domain.direct.cache_details import public_usage
from services.gateway.domain.direct.stream import AnswerStream
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.streaming.reply import ReplyHead

HEAD = ReplyHead("chatcmpl-1", "m", 0)
TELLING: dict[str, object] = {
    "prompt_tokens_details": {"cached_tokens": 96, "cache_write_tokens": 3, "audio_tokens": 1},
    "prompt_cache_hit_tokens": 96,
    "prompt_cache_miss_tokens": 4,
    "cached_tokens": 96,
    "cache_read_input_tokens": 96,
    "cache_creation_input_tokens": 4,
    "prompt_time": 0.001,
}
COUNTS = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}
REASONING = {"completion_tokens_details": {"reasoning_tokens": 2}}
PUBLIC = {**COUNTS, **REASONING, "prompt_tokens_details": {"audio_tokens": 1}}
USAGE = {**COUNTS, **REASONING, **TELLING}
BESIDE: dict[str, object] = {"timings": {"cache_n": 96, "prompt_ms": 1}, "x_groq": {"usage": {"cached_tokens": 96}}}


def chunk(**choice: object) -> bytes:
    told = {"index": 0, "finish_reason": None, **choice}
    return orjson.dumps({"id": "x", "choices": [told], "usage": USAGE, **BESIDE})


def test_a_whole_answer_tells_nothing_of_the_cache() -> None:
    choice = {"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop", "usage": USAGE}
    body = orjson.dumps({"choices": [choice], "usage": USAGE, **BESIDE})
    answer = read_whole(body, lambda: "c1")
    assert answer.spent is not None
    shown = orjson.loads(answer.chat_body(HEAD, answer.spent))
    assert shown["usage"] == PUBLIC
    assert b"cache" not in orjson.dumps(shown)
    assert not shown.keys() & {"timings", "x_groq"}


def test_no_chunk_of_a_stream_tells_of_the_cache() -> None:
    stream = AnswerStream(lambda: "c1")
    told = [
        *stream.take(chunk(delta={"role": "assistant", "content": "H"})),
        *stream.take(chunk(delta={"content": "i"}, usage=USAGE)),
        *stream.take(chunk(delta={"content": "!"})),
        *stream.take(chunk(delta={}, finish_reason="stop", usage=USAGE)),
    ]
    written = orjson.dumps(told)
    assert [word for word in (b"cache", b"timings", b"x_groq", b"usage") if word in written] == []
    assert stream.text == "Hi!"
    assert stream.spent is not None
    assert stream.spent.reported == PUBLIC


def test_fields_that_tell_nothing_of_the_cache_stay() -> None:
    stream = AnswerStream(lambda: "c1")
    data = orjson.dumps({"new": [1], "choices": [{"index": 0, "delta": {"content": "H"}, "new": {"a": 1}}]})
    (told,) = stream.take(data)
    assert (told["new"], told["choices"][0]["new"]) == ([1], {"a": 1})  # type: ignore[index]


@pytest.mark.parametrize("upstream", [Upstream(salt_key="k"), Upstream(single_tenant=True)], ids=["salted", "single"])
def test_a_cache_of_one_tenant_may_be_told_of(upstream: Upstream) -> None:
    body = orjson.dumps({"choices": [{"message": {"content": "Hi"}}], "usage": USAGE})
    spent = read_whole(body, lambda: "c1", shows_cache=upstream.shows_cache).spent
    assert spent is not None
    assert spent.reported == USAGE
    assert not Upstream().shows_cache


def test_a_usage_without_details_stays_as_it_is() -> None:
    assert public_usage(dict(COUNTS)) == COUNTS


HIDDEN: dict[str, object] = {"usage": {"prompt_tokens_details": {"cached_tokens": 96}}}
PLACES: dict[str, tuple[dict[str, object], dict[str, object], dict[str, object]]] = {
    "message": ({}, {}, {"cached_tokens": 96}),
    "usage of a message": ({}, {}, HIDDEN),
    "object in a message": ({}, {}, {"provider_specific_fields": HIDDEN}),
    "list in a choice": ({}, {"stats": [{"cached_tokens": 96}]}, {}),
    "known field of a choice": ({}, {"stop_reason": {"cached_tokens": 96}}, {}),
    "list": ({"stats": [{"cached_tokens": 96}]}, {}, {}),
    "list in an object": ({"stats": {"requests": [{"cached_tokens": 96}]}}, {}, {}),
    "known field": ({"service_tier": {"cached_tokens": 96}}, {}, {}),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_cache_details_are_removed_from_every_place(
    place: tuple[dict[str, object], dict[str, object], dict[str, object]],
) -> None:
    beside, choice, message = place
    told = {"index": 0, "message": {"content": "Hi", **message}, "finish_reason": "stop", **choice}
    answer = read_whole(orjson.dumps({"choices": [told], "usage": COUNTS, **beside}), lambda: "c1")
    assert answer.spent is not None
    assert b"cache" not in answer.chat_body(HEAD, answer.spent)
    assert answer.text == "Hi"
    stream = AnswerStream(lambda: "c1")
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": "H"}, {"content": "i"}, {"content": "!"}, {}]
    pieces = [
        {"index": 0, "delta": {**delta, **message}, "finish_reason": None if delta else "stop", **choice}
        for delta in deltas
    ]
    sent = [chunk for each in pieces for chunk in stream.take(orjson.dumps({"choices": [each], **beside}))]
    assert b"cache" not in orjson.dumps(sent)
    assert (stream.text, stream.finish) == ("Hi!", "stop")


def test_a_count_of_answer_tokens_with_cache_details_in_a_list_is_hidden() -> None:
    details = {"reasoning_tokens": 2, "more": [{"cached_tokens": 9}]}
    assert "completion_tokens_details" not in public_usage({**COUNTS, "completion_tokens_details": details})


def test_arguments_of_a_call_are_no_cache_details() -> None:
    function = {"name": "store", "arguments": {"cache": True}}
    message = {"content": None, "tool_calls": [{"id": "c", "function": function}], "note": 1}
    answer = read_whole(orjson.dumps({"choices": [{"message": message}], "usage": COUNTS}), lambda: "c1")
    assert answer.calls[0].arguments == '{"cache":true}'
    assert answer.message["note"] == 1
