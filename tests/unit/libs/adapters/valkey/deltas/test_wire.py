import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.adapters.valkey.deltas.wire import Entry, pack, unpack
from libs.ports.deltas import Delta


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 10**9))
def test_an_entry_survives_the_wire(text: str, offset: int) -> None:
    entry = Entry("chatcmpl-1", "w", 7, Delta("text", "p1.ab", offset, text))
    assert unpack(pack(entry)) == entry


def test_a_lone_surrogate_costs_one_character_and_no_offset() -> None:
    entry = unpack(pack(Entry("chatcmpl-1", "w", 1, Delta("text", "p1.ab", 0, "a\ud800b"))))
    assert entry is not None
    assert entry.delta.text == "a?b"


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b"\xff", b'["r","w",1,"shout","s",0,"t"]', b'["r","w","1","text","s",0,"t"]'],
)
def test_bytes_that_are_not_ours_are_nothing(data: bytes) -> None:
    assert unpack(data) is None
