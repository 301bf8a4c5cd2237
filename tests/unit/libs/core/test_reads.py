"""A read is recorded in the log of its work, and restored unchanged."""

import asyncio

import pytest

from libs.core.clock import RecordedClock
from libs.core.nonces import new_nonce
from libs.core.reads import MAX_CHARS, OMITTED, ReadLog, open_read, parse_reads, record_read, recording_reads
from libs.testing.fake_clock import TEST_TIME_S, FakeClock


def test_a_read_comes_back_as_it_was_written() -> None:
    with recording_reads() as tape:
        record_read("clock", now=1_760_000_000.123456)
        record_read("tool", tool="calculate", error=None, message='a "quote" and an umlaut: ä')
    kinds = [(read.kind, dict(read.values)) for read in parse_reads(tape.as_json())]
    assert kinds == [
        ("clock", {"now": 1_760_000_000.123456}),
        ("tool", {"tool": "calculate", "error": None, "message": 'a "quote" and an umlaut: ä'}),
    ]


def test_nothing_read_is_an_empty_header() -> None:
    assert ReadLog().as_json() == ""
    assert parse_reads("") == ()


def test_outside_of_a_tape_nothing_is_kept() -> None:
    record_read("clock", now=1.0)
    open_read("model").append("lost")
    with recording_reads() as tape:
        pass
    assert tape.reads == []


async def test_two_tasks_write_on_their_own_tapes() -> None:
    async def work(name: str) -> str:
        with recording_reads() as tape:
            record_read("who", name=name)
            await asyncio.sleep(0)
            record_read("who", name=f"{name} again")
        return tape.as_json()

    ada, bob = await asyncio.gather(work("ada"), work("bob"))
    assert "bob" not in ada
    assert [read.values["name"] for read in parse_reads(bob)] == ["bob", "bob again"]


def test_a_text_that_still_grows_is_written_as_far_as_it_has_come() -> None:
    with recording_reads() as tape:
        read = open_read("model", model="m")
        read.append("one ")
        read.append("two")
        (row,) = parse_reads(tape.as_json())
    assert row.values == {"model": "m", "text": "one two", "cuts": "7", "open": True}


def test_a_text_keeps_the_places_at_which_something_was_said() -> None:
    with recording_reads() as tape:
        read = open_read("model")
        read.append("one ")
        tape.as_json()
        read.append("two")
        read.close(finish="stop")
        (row,) = parse_reads(tape.as_json())
    assert row.values == {"finish": "stop", "text": "one two", "cuts": "4"}


def test_what_no_encoding_takes_is_written_all_the_same() -> None:
    with recording_reads() as tape:
        record_read("model", text="half of a pair: \ud800")
    header = tape.as_json().encode()
    assert parse_reads(header.decode())[0].values["text"] == "half of a pair: \ud800"


@pytest.mark.parametrize("text", ["{", '{"kind":"clock"}', '[["clock"]]', '[{"now":1}]', "[1]"])
def test_what_is_no_tape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_reads(text)


def test_a_recorded_clock_writes_down_what_it_said() -> None:
    with recording_reads() as tape:
        assert RecordedClock(FakeClock()).now() == TEST_TIME_S
    assert parse_reads(tape.as_json())[0].values == {"now": TEST_TIME_S}


def test_a_nonce_is_on_the_tape() -> None:
    with recording_reads() as tape:
        nonce = new_nonce()
    assert parse_reads(tape.as_json())[0].values == {"value": nonce}


def test_what_is_too_large_to_travel_leaves_its_hash_and_its_stage() -> None:
    with recording_reads() as tape:
        record_read("stage", sha256="ab")
        open_read("model").append("x" * (MAX_CHARS + 1))
    stage, omitted = parse_reads(tape.as_json())
    assert (stage.kind, omitted.kind, len(str(omitted.values["sha256"]))) == ("stage", OMITTED, 64)
