"""Tool calls of a stream, put right for clients that trust indexes, ids and first pieces."""

import itertools

import pytest

from services.gateway.domain.direct.tool_calls import MAX_CALLS, BrokenCall, CallRepair
from services.gateway.domain.streaming.reply import ToolCall

Delta = dict[str, object]


def piece(arguments: str | None = None, *, name: str = "", **fields: object) -> Delta:
    function: Delta = {}
    if name:
        function["name"] = name
    if arguments is not None:
        function["arguments"] = arguments
    return {**fields, "function": function}


def repair() -> CallRepair:
    numbers = itertools.count()
    return CallRepair(lambda: f"made-{next(numbers)}")


def test_a_good_stream_stays_as_it_is() -> None:
    calls = repair()
    first = {"index": 0, "id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}}
    assert calls.repaired([first]) == [first]
    assert calls.repaired([piece("{}", index=0)]) == [{"index": 0, "function": {"arguments": "{}"}}]
    assert calls.calls() == (ToolCall("a", "weather", "{}"),)


def test_a_call_without_an_id_gets_one_of_its_own() -> None:
    sent = repair().repaired([piece("{}", name="a", index=0), piece("{}", name="b", index=1)])
    assert [call["id"] for call in sent] == ["made-0", "made-1"]


def test_indexes_count_from_zero_without_gaps() -> None:
    calls = repair()
    sent = calls.repaired([piece("", name="a", index=3, id="x"), piece("", name="b", index=7, id="y")])
    sent += calls.repaired([piece("1", index=7), piece("2", index=3)])
    assert [call["index"] for call in sent] == [0, 1, 1, 0]


def test_one_index_for_two_calls_is_told_apart_by_their_ids() -> None:
    sent = repair().repaired([piece("{}", name="a", index=0, id="x"), piece("{}", name="a", index=0, id="y")])
    assert [(call["index"], call["id"]) for call in sent] == [(0, "x"), (1, "y")]


def test_two_indexes_are_two_calls_even_with_one_id() -> None:
    calls = repair()
    sent = calls.repaired([piece('{"a":', name="f", index=0, id="x"), piece('{"b":', name="f", index=1, id="x")])
    calls.repaired([piece("1}", index=0, id="x"), piece("2}", index=1, id="x")])
    assert [(call["index"], call["id"]) for call in sent] == [(0, "x"), (1, "made-0")]
    assert calls.calls() == (ToolCall("x", "f", '{"a":1}'), ToolCall("made-0", "f", '{"b":2}'))


def test_a_renamed_call_is_known_by_the_id_that_its_server_repeats() -> None:
    calls = repair()
    calls.repaired([piece("{}", name="f", index=0, id="x"), piece("{", name="g", index=1, id="x")])
    assert calls.repaired([piece("}", name="g", index=1, id="x")]) == [{"index": 1, "function": {"arguments": "}"}}]


def test_a_new_id_for_each_piece_is_still_one_call() -> None:
    calls = repair()
    calls.repaired(
        [piece('{"a":', name="f", index=0, id="x"), piece("1", index=0, id="y"), piece("}", index=0, id="z")]
    )
    calls.close()
    assert calls.calls() == (ToolCall("x", "f", '{"a":1}'),)


def test_an_id_that_comes_with_a_late_name_begins_no_other_call() -> None:
    calls = repair()
    calls.repaired([piece("{", index=0), piece("1", name="f", index=0, id="x"), piece("}", name="f", index=0, id="x")])
    assert calls.calls() == (ToolCall("made-0", "f", "{1}"),)


def test_a_piece_at_an_index_of_its_own_is_known_by_its_id() -> None:
    calls = repair()
    calls.repaired([piece("{", name="f", index=0, id="x"), piece("}", index=1, id="x")])
    assert calls.calls() == (ToolCall("x", "f", "{}"),)


def test_without_indexes_pieces_are_known_by_their_ids() -> None:
    calls = repair()
    calls.repaired([piece("{", name="f", id="x"), piece("{", name="g", id="y"), piece("}", id="x"), piece("}", id="y")])
    assert calls.calls() == (ToolCall("x", "f", "{}"), ToolCall("y", "g", "{}"))


def test_one_index_for_two_calls_without_ids_is_told_apart_by_whole_arguments() -> None:
    calls = repair()
    sent = calls.repaired([piece('{"city":"Bonn"}', name="a", index=0), piece('{"city":"Kiel"}', name="a", index=0)])
    assert [call["index"] for call in sent] == [0, 1]


def test_calls_without_indexes_follow_each_other() -> None:
    calls = repair()
    sent = calls.repaired([piece("{", name="a", id="x")]) + calls.repaired([piece("}")])
    sent += calls.repaired([piece("{}", name="b", id="y")])
    assert [call["index"] for call in sent] == [0, 0, 1]
    assert calls.calls() == (ToolCall("x", "a", "{}"), ToolCall("y", "b", "{}"))


def test_a_name_that_is_repeated_is_sent_once() -> None:
    calls = repair()
    calls.repaired([piece("{", name="weather", index=0, id="x")])
    sent = calls.repaired([piece("}", name="weather", index=0, id="x", type="function")])
    assert sent == [{"index": 0, "function": {"arguments": "}"}}]


def test_a_call_waits_for_its_name() -> None:
    calls = repair()
    assert calls.repaired([piece('{"a":', index=0, id="x")]) == []
    sent = calls.repaired([piece("1}", name="late", index=0)])
    assert sent == [{"index": 0, "id": "x", "type": "function", "function": {"name": "late", "arguments": '{"a":1}'}}]


def test_a_call_that_never_gets_a_name_breaks_the_answer() -> None:
    calls = repair()
    calls.repaired([piece("{}", index=0, id="x")])
    with pytest.raises(BrokenCall):
        calls.close()


def test_arguments_that_are_an_object_become_text() -> None:
    sent = repair().repaired([{"function": {"name": "a", "arguments": {"city": "Bonn"}}}])
    assert sent[0]["function"] == {"name": "a", "arguments": '{"city":"Bonn"}'}


def test_fields_that_nobody_knows_go_through() -> None:
    sent = repair().repaired([{**piece("", name="a", index=0, id="x"), "extra_content": {"signature": "s"}}])
    assert sent[0]["extra_content"] == {"signature": "s"}


def test_an_empty_piece_of_a_known_call_says_nothing() -> None:
    calls = repair()
    calls.repaired([piece("", name="a", index=0, id="x")])
    assert calls.repaired([piece("", index=0)]) == []


def test_the_number_of_calls_is_bounded() -> None:
    calls = repair()
    with pytest.raises(BrokenCall):
        calls.repaired([piece("{}", name="a", index=number) for number in range(MAX_CALLS + 1)])


@pytest.mark.parametrize("deltas", [None, "x", [1, "x"], [{}]])
def test_what_is_no_call_is_none(deltas: object) -> None:
    calls = repair()
    assert calls.repaired(deltas) == []
