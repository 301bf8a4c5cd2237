"""What is read goes on the tape of the work that read it, and comes back as it was."""

import asyncio

import pytest

from libs.core.clock import RecordedClock
from libs.core.nonces import new_nonce
from libs.core.reads import MAX_CHARS, OMITTED, Tape, begin, note, read_tape, taped
from libs.testing.fake_clock import TEST_TIME_S, FakeClock


def test_a_read_comes_back_as_it_was_written() -> None:
    with taped() as tape:
        note("clock", now=1_760_000_000.123456)
        note("tool", tool="calculate", error=None, message='a "quote" and an umlaut: ä')
    kinds = [(read.kind, dict(read.values)) for read in read_tape(tape.as_json())]
    assert kinds == [
        ("clock", {"now": 1_760_000_000.123456}),
        ("tool", {"tool": "calculate", "error": None, "message": 'a "quote" and an umlaut: ä'}),
    ]


def test_nothing_read_is_an_empty_header() -> None:
    assert Tape().as_json() == ""
    assert read_tape("") == ()


def test_outside_of_a_tape_nothing_is_kept() -> None:
    note("clock", now=1.0)
    begin("model").grow("lost")
    with taped() as tape:
        pass
    assert tape.reads == []


async def test_two_tasks_write_on_their_own_tapes() -> None:
    async def work(name: str) -> str:
        with taped() as tape:
            note("who", name=name)
            await asyncio.sleep(0)
            note("who", name=f"{name} again")
        return tape.as_json()

    ada, bob = await asyncio.gather(work("ada"), work("bob"))
    assert "bob" not in ada
    assert [read.values["name"] for read in read_tape(bob)] == ["bob", "bob again"]


def test_a_text_that_still_grows_is_written_as_far_as_it_has_come() -> None:
    with taped() as tape:
        read = begin("model", model="m")
        read.grow("one ")
        read.grow("two")
        (row,) = read_tape(tape.as_json())
    assert row.values == {"model": "m", "text": "one two", "cuts": "7", "open": True}


def test_a_text_keeps_the_places_at_which_something_was_said() -> None:
    with taped() as tape:
        read = begin("model")
        read.grow("one ")
        tape.as_json()
        read.grow("two")
        read.close(finish="stop")
        (row,) = read_tape(tape.as_json())
    assert row.values == {"finish": "stop", "text": "one two", "cuts": "4"}


def test_what_no_encoding_takes_is_written_all_the_same() -> None:
    with taped() as tape:
        note("model", text="half of a pair: \ud800")
    header = tape.as_json().encode()
    assert read_tape(header.decode())[0].values["text"] == "half of a pair: \ud800"


@pytest.mark.parametrize("text", ["{", '{"kind":"clock"}', '[["clock"]]', '[{"now":1}]', "[1]"])
def test_what_is_no_tape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_tape(text)


def test_a_recorded_clock_writes_down_what_it_said() -> None:
    with taped() as tape:
        assert RecordedClock(FakeClock()).now() == TEST_TIME_S
    assert read_tape(tape.as_json())[0].values == {"now": TEST_TIME_S}


def test_a_nonce_is_on_the_tape() -> None:
    with taped() as tape:
        nonce = new_nonce()
    assert read_tape(tape.as_json())[0].values == {"value": nonce}


def test_what_is_too_large_to_travel_leaves_its_hash_and_its_stage() -> None:
    with taped() as tape:
        note("stage", sha256="ab")
        begin("model").grow("x" * (MAX_CHARS + 1))
    stage, omitted = read_tape(tape.as_json())
    assert (stage.kind, omitted.kind, len(str(omitted.values["sha256"]))) == ("stage", OMITTED, 64)
