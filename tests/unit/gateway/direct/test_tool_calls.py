"""Tool calls of a stream, put right for clients that trust indexes, ids and first pieces."""

import itertools

import pytest

from services.gateway.domain.direct.tool_calls import MAX_CALLS, BrokenCall, CallRepair
from services.gateway.domain.reply import ToolCall

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
