"""The event-stream parser: the same bytes give the same events, however they are split."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.adapters.models.openai_chat.sse import EventTooLong, SseEvent, SseParser


def parsed(*chunks: bytes) -> list[SseEvent]:
    parser = SseParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.close()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in pairwise(edges)]


LINE = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12).map(lambda text: f"data: {text}"),
    st.sampled_from(["", "", ":keep-alive", "event: ping", "id: 7", "retry: 10", "data", "data:x", "nonsense"]),
)
STREAM = st.lists(st.tuples(LINE, st.sampled_from(["\n", "\r\n", "\r"])), max_size=25).map(
    lambda lines: "".join(line + end for line, end in lines).encode()
)


@given(STREAM, st.lists(st.integers(min_value=0, max_value=4096), max_size=30))
def test_any_cutting_of_a_stream_gives_the_same_events(stream: bytes, places: list[int]) -> None:
    assert parsed(*cut(stream, places)) == parsed(stream)


@given(STREAM)
def test_byte_by_byte_gives_the_same_events(stream: bytes) -> None:
    assert parsed(*(bytes([byte]) for byte in stream)) == parsed(stream)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), min_size=1, max_size=5))
def test_lines_of_one_event_are_joined_by_newlines(lines: list[str]) -> None:
    stream = "".join(f"data: {line}\n" for line in lines) + "\n"

    assert parsed(stream.encode()) == [SseEvent("\n".join(lines).encode())]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_counts(end: bytes) -> None:
    assert parsed(b"data: a" + end + end + b"data: b" + end + end) == [SseEvent(b"a"), SseEvent(b"b")]


def test_a_carriage_return_and_newline_cut_apart_are_one_line_end() -> None:
    assert parsed(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [SseEvent(b"a\nb")]


def test_a_character_cut_in_the_middle_survives() -> None:
    euro = "€".encode()

    assert parsed(b"data: " + euro[:1], euro[1:] + b"\n\n") == [SseEvent(euro)]


def test_comments_and_unknown_fields_say_nothing() -> None:
    assert parsed(b": ping\n\nid: 1\nretry: 5\nfoo: bar\n\n") == []


def test_only_one_space_after_the_colon_is_dropped() -> None:
    assert parsed(b"data:  a\n\ndata:b\n\n") == [SseEvent(b" a"), SseEvent(b"b")]


def test_an_event_name_holds_for_one_event() -> None:
    assert parsed(b"event: error\ndata: x\n\ndata: y\n\n") == [SseEvent(b"x", "error"), SseEvent(b"y")]


def test_a_name_without_data_is_forgotten() -> None:
    assert parsed(b"event: error\n\ndata: y\n\n") == [SseEvent(b"y")]


def test_an_error_field_is_an_event_named_error() -> None:
    assert parsed(b'error: {"code":500}\n\n') == [SseEvent(b'{"code":500}', "error")]


def test_a_byte_order_mark_is_dropped_at_the_start_only() -> None:
    assert parsed(b"\xef\xbb", b"\xbfdata: a\n\n") == [SseEvent(b"a")]


def test_the_end_of_the_stream_ends_the_last_event() -> None:
    assert parsed(b"data: [DONE]") == [SseEvent(b"[DONE]")]
    assert parsed(b"data: [DONE]\n") == [SseEvent(b"[DONE]")]


def test_a_line_without_an_end_is_refused_at_the_bound() -> None:
    parser = SseParser(max_event_bytes=100)
    parser.feed(b"data: " + b"x" * 90)

    with pytest.raises(EventTooLong):
        parser.feed(b"x" * 10)


def test_an_event_of_many_lines_is_refused_at_the_bound() -> None:
    parser = SseParser(max_event_bytes=100)

    with pytest.raises(EventTooLong):
        parser.feed(b"data: 123456789\n" * 20)


def test_events_within_the_bound_may_go_on_for_ever() -> None:
    parser = SseParser(max_event_bytes=100)

    assert sum(len(parser.feed(b"data: 123456789\n\n")) for _ in range(1000)) == 1000
