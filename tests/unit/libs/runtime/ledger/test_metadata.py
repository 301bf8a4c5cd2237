"""The metadata of a commit: it round-trips, drops what does not fit, and is empty if damaged."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.ledger.intervals import Intervals
from libs.runtime.ledger.metadata import MAX_METADATA_CHARS, decode, encode
from libs.runtime.ledger.partition import Progress


@st.composite
def progresses(draw: st.DrawFn) -> Progress:
    """Any progress that a ledger may have: runs of unfinished and finished offsets in turn."""
    watermark = draw(st.integers(0, 2**40))
    runs = draw(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), max_size=60))
    finished, edge = [], watermark
    for unfinished, done in runs:
        finished.append((edge + unfinished, edge + unfinished + done))
        edge = finished[-1][1]
    return Progress(watermark, tuple(finished))


def scattered(width: int, share: float) -> Progress:
    """Window in which this share of the offsets is finished, anyhow."""
    choice, intervals = random.Random(width), Intervals()
    for offset in range(1, width):
        if choice.random() < share:
            intervals.add(offset, offset + 1)
    return Progress(0, intervals.listed())


@given(progresses())
def test_what_is_told_is_what_is_read(progress: Progress) -> None:
    assert decode(progress.watermark, encode(progress)) == progress.finished


@given(progresses(), st.integers(0, 200))
def test_what_does_not_fit_is_left_out_from_the_far_end(progress: Progress, max_chars: int) -> None:
    text = encode(progress, max_chars)
    assert len(text) <= max_chars
    read = decode(progress.watermark, text)
    assert read == progress.finished[: len(read)]


def test_nothing_finished_beyond_the_watermark_needs_no_text() -> None:
    assert encode(Progress(7)) == ""
    assert decode(7, "") == ()


@pytest.mark.parametrize(("width", "share"), [(26_000, 0.5), (60_000, 0.99), (150_000, 0.99), (150_000, 0.01)])
def test_a_wide_window_fits(width: int, share: float) -> None:
    progress = scattered(width, share)
    text = encode(progress)
    assert len(text) <= MAX_METADATA_CHARS
    assert decode(0, text) == progress.finished


def test_of_a_window_that_is_too_wide_the_first_part_is_told() -> None:
    text = encode(scattered(100_000, 0.5))
    assert MAX_METADATA_CHARS * 0.9 < len(text) <= MAX_METADATA_CHARS
    assert decode(0, text)[-1][1] > 24_000


@pytest.mark.parametrize(
    ("progress", "form"),
    [
        (Progress(0, ((1, 50_000), (50_001, 90_000))), "n"),
        (scattered(300, 0.5), "b"),
        (scattered(60_000, 0.99), "N"),
        (Progress(0, tuple((edge, edge + 1) for edge in range(1, 9_999, 2))), "B"),
    ],
)
def test_the_shortest_form_is_taken_and_named(progress: Progress, form: str) -> None:
    text = encode(progress)
    assert text[:2] == f"1{form}"
    assert decode(0, text) == progress.finished


@given(progresses().filter(lambda progress: bool(progress.finished)), st.integers(1, 1000))
def test_beside_another_offset_it_counts_for_nothing(progress: Progress, moved: int) -> None:
    assert decode(progress.watermark + moved, encode(progress)) == ()


@given(progresses().filter(lambda progress: bool(progress.finished)), st.data())
def test_a_damaged_text_counts_for_nothing(progress: Progress, data: st.DataObject) -> None:
    text = encode(progress)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda character: character != text[at]))
    assert decode(progress.watermark, text[:at] + other + text[at + 1 :]) in {(), progress.finished}


@given(progresses().filter(lambda progress: bool(progress.finished)), st.data())
def test_a_text_that_was_cut_counts_for_nothing(progress: Progress, data: st.DataObject) -> None:
    text = encode(progress)
    assert decode(progress.watermark, text[: data.draw(st.integers(0, len(text) - 1))]) == ()


@given(st.text(max_size=80))
def test_what_somebody_else_wrote_counts_for_nothing(text: str) -> None:
    assert decode(0, text) == ()
    assert decode(0, f"1n{text}") == ()
