"""A streamed answer, put right."""

import orjson
import pytest

from libs.contracts.model_call import Usage
from services.gateway.domain.direct.stream import AnswerStream, BrokenAnswer, UpstreamErrorEvent

Chunk = dict[str, object]


def stream(expected: int = 1) -> AnswerStream:
    return AnswerStream(lambda: "made", expected)


def chunk(delta: object = None, finish: object = None, **fields: object) -> bytes:
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
    return orjson.dumps({"id": "theirs", "choices": [choice], **fields})


def finishes(chunks: list[Chunk]) -> list[object]:
    return [choice["finish_reason"] for each in chunks for choice in each["choices"]]  # type: ignore[attr-defined]


def deltas(chunks: list[Chunk]) -> list[object]:
    return [choice["delta"] for each in chunks for choice in each["choices"]]  # type: ignore[attr-defined]


def test_the_first_piece_has_a_role() -> None:
    answer = stream()
    assert deltas(answer.take(chunk({"content": "a"})) + answer.take(chunk({"content": "b"}))) == [
        {"role": "assistant", "content": "a"},
        {"content": "b"},
    ]


def test_a_piece_and_the_finish_come_apart() -> None:
    chunks = stream().take(chunk({"content": "a"}, "stop"))
    assert (deltas(chunks), finishes(chunks)) == ([{"role": "assistant", "content": "a"}, {}], [None, "stop"])


def test_what_belongs_to_a_piece_is_not_told_again_with_its_finish() -> None:
    logprobs = {"content": [{"token": "a", "logprob": -1}]}
    choice = {"index": 0, "delta": {"content": "a"}, "logprobs": logprobs, "token_ids": [7], "finish_reason": "stop"}
    piece, end = stream().take(orjson.dumps({"choices": [choice]}))
    assert piece["choices"] == [{**choice, "delta": {"role": "assistant", "content": "a"}, "finish_reason": None}]
    assert end["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]


def test_the_finish_says_in_the_servers_words_why_it_ended() -> None:
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "stop", "stop_reason": "###"}
    chunks = stream().take(orjson.dumps({"choices": [choice]}))
    assert chunks[-1]["choices"][0]["stop_reason"] == "###"  # type: ignore[index]


def test_logprobs_that_come_without_a_piece_are_told_with_the_finish() -> None:
    logprobs = {"content": [{"token": "", "logprob": -1}]}
    choice = {"index": 0, "delta": {}, "logprobs": logprobs, "finish_reason": "stop"}
    (end,) = stream().take(orjson.dumps({"choices": [choice]}))
    assert end["choices"] == [choice]


def test_there_is_one_finish() -> None:
    answer = stream()
    chunks = answer.take(chunk({"content": "a"}, "stop")) + answer.take(chunk({"content": "late"}, "length"))
    assert finishes(chunks) == [None, "stop"]


def test_who_made_calls_ends_for_them() -> None:
    answer = stream()
    call = {"index": 0, "id": "x", "function": {"name": "a", "arguments": "{}"}}
    assert finishes(answer.take(chunk({"tool_calls": [call]})) + answer.take(chunk({}, "stop"))) == [None, "tool_calls"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("eos", "stop"),
        ("max_tokens", "length"),
        ("tool_calls", "stop"),
        ("content_filter", "content_filter"),
        (1, "stop"),
    ],
)
def test_a_finish_is_in_words_that_clients_know(theirs: object, ours: str) -> None:
    assert finishes(stream().take(chunk({}, theirs))) == [ours]


def test_a_function_of_the_old_kind_keeps_its_finish() -> None:
    assert finishes(stream().take(chunk({"function_call": {"name": "a"}}, "function_call"))) == [None, "function_call"]


def test_done_without_a_finish_is_a_plain_stop() -> None:
    answer = stream()
    answer.take(chunk({"content": "a"}))
    assert finishes(answer.take(b"[DONE]")) == ["stop"]


def test_done_before_anything_is_no_answer() -> None:
    answer = stream()
    assert answer.take(b"[DONE]") == []
    with pytest.raises(BrokenAnswer):
        answer.close()


def test_an_end_without_a_finish_is_a_break() -> None:
    answer = stream()
    answer.take(chunk({"content": "a"}))
    with pytest.raises(BrokenAnswer):
        answer.close()


def test_usage_is_kept_and_never_stands_beside_a_piece() -> None:
    answer = stream()
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 1}}
    chunks = answer.take(chunk({"content": "a"}, usage=usage))
    assert "usage" not in chunks[0]
    assert answer.spent is not None
    assert (answer.spent.usage, answer.spent.reported) == (Usage(prompt_tokens=3, completion_tokens=2), usage)


def test_a_chunk_without_choices_is_not_passed_on() -> None:
    assert stream().take(orjson.dumps({"choices": [], "prompt_filter_results": []})) == []


def test_unknown_fields_go_through() -> None:
    chunks = stream().take(chunk({"content": "a", "annotations": [1]}, system_fingerprint="fp"))
    assert (chunks[0]["system_fingerprint"], deltas(chunks)[0]) == (
        "fp",
        {"role": "assistant", "content": "a", "annotations": [1]},
    )


def test_every_choice_has_its_own_finish() -> None:
    answer = stream(2)
    for index in (0, 1):
        answer.take(orjson.dumps({"choices": [{"index": index, "delta": {"content": "a"}, "finish_reason": None}]}))
        assert not answer.finished
    for index in (0, 1):
        answer.take(orjson.dumps({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]}))
    assert answer.finished


@pytest.mark.parametrize("data", [b"{", b"[]", b"null"])
def test_what_is_no_chunk_breaks_the_answer(data: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        stream().take(data)


@pytest.mark.parametrize("error", [{"error": {"code": 500}}, {"object": "error", "message": "x"}])
def test_an_error_object_is_an_error(error: Chunk) -> None:
    with pytest.raises(UpstreamErrorEvent):
        stream().take(orjson.dumps(error))


def test_all_that_was_written_is_counted() -> None:
    answer = stream()
    answer.take(chunk({"reasoning_content": "1234", "content": "56"}))
    assert (answer.text, answer.characters) == ("56", 6)
