import itertools
import re
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.core.output_filters import Language, OutputMode, apply_filter, filter_text, output_filter_for

MODES: tuple[OutputMode, ...] = get_args(OutputMode)
PIECES = st.sampled_from(
    [
        "```",
        "```py\n",
        "~~~\n",
        "\n",
        "\n\n",
        " ",
        "x = 1",
        "Word",
        "word. ",
        "Ende. ",
        "Yes! ",
        "z. B. ",
        "3. ",
        "…",
        "#",
        "## Part\n",
        "`a` ",
        "a b c d ",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=60)
BLOCK = "```py\nx = 1\n```"


def fed(text: str, cuts: list[int], mode: OutputMode) -> str:
    shaper = output_filter_for(mode)
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [shaper.feed(text[start:end]) for start, end in itertools.pairwise(places)]
    return "".join(pieces) + shaper.finish()


@given(TEXTS, st.lists(st.integers(0, 300), max_size=30), st.sampled_from(MODES))
@example("```\n" + "a b " * 100 + "\n```", [1, 50, 51, 52, 300], "concise")
def test_however_it_is_cut_the_shaped_text_is_the_same(text: str, cuts: list[int], mode: OutputMode) -> None:
    assert fed(text, cuts, mode) == filter_text(text, mode)


@given(TEXTS, st.sampled_from(MODES))
def test_shaping_twice_changes_nothing(text: str, mode: OutputMode) -> None:
    once = filter_text(text, mode)
    assert filter_text(once, mode) == once


@given(st.lists(PIECES, max_size=400).map("".join), st.integers(0, 110))
def test_a_concise_text_never_has_more_words_than_allowed(text: str, spare: int) -> None:
    assert len(filter_text(text, "concise", spare_words=spare).split()) <= 120 - spare


def test_the_default_mode_changes_nothing() -> None:
    assert filter_text("Some text.\n\n", "default") == "Some text.\n\n"


def test_code_mode_drops_the_prose_around_a_block() -> None:
    assert filter_text(f"Sure!\n\n{BLOCK}\nThat sets x.", "code") == BLOCK


def test_code_mode_keeps_every_block() -> None:
    assert filter_text(f"First:\n{BLOCK}\nthen:\n~~~\ny\n~~~\n", "code") == f"{BLOCK}\n\n~~~\ny\n~~~"


def test_code_without_a_fence_is_code_as_a_whole() -> None:
    assert filter_text("x = 1\nprint(x)\n", "code") == "x = 1\nprint(x)\n"


def test_a_block_that_is_never_closed_is_closed() -> None:
    assert filter_text("```py\nx = 1", "code") == BLOCK
    assert filter_text("```py\nx = 1\n", "code") == BLOCK


def test_a_longer_fence_keeps_the_fences_inside_it() -> None:
    nested = f"````md\n{BLOCK}\n````"
    assert filter_text(f"{nested} \nprose", "code") == f"{nested} "


def test_code_streams_line_by_line() -> None:
    shaper = output_filter_for("code")
    assert shaper.feed("Here:\n```py\nx = 1\ny") == "```py\nx = 1"
    assert shaper.feed(" = 2\n") == "\ny = 2"


def test_a_short_text_stays_as_it_is_in_concise_mode() -> None:
    assert filter_text("Paris is the capital of France. It is large.\n", "concise").startswith("Paris is the capital")
    assert filter_text("Paris. No end mark", "concise") == "Paris. No end mark"


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    sentence = "Each of these sentences has exactly eight words."
    assert filter_text(" ".join([sentence] * 20), "concise") == " ".join([sentence] * 15)
    assert filter_text(" ".join([sentence] * 20), "concise", spare_words=1) == " ".join([sentence] * 14)


@pytest.mark.parametrize("mark", ["z. B. ", "Dr. ", "am 3. ", "e.g. "])
def test_an_abbreviation_or_an_ordinal_does_not_end_a_sentence(mark: str) -> None:
    text = "Anfang der Antwort. " + "Wort " * 100 + mark + "Wort " * 100
    assert filter_text(text, "concise") == "Anfang der Antwort."


def test_a_first_sentence_that_is_too_long_is_cut_at_a_word() -> None:
    cut = filter_text("word " * 200, "concise")
    assert len(cut.split()) == 120
    assert cut.endswith("word…")


def test_a_code_block_is_never_left_open_by_a_cut() -> None:
    block = "```py\n" + "x = 1\n" * 100 + "```"
    assert filter_text(f"Look at this example.\n{block}", "concise") == "Look at this example."
    cut = filter_text(block, "concise")
    assert len(cut.split()) <= 120
    assert len(re.findall("```", cut)) == 2


def test_concise_text_streams_sentence_by_sentence() -> None:
    shaper = output_filter_for("concise")
    assert shaper.feed("This is one sentence. And") == "This is one sentence."
    assert shaper.feed(" this another.\n") == " And this another."


def of_sentences(text: str, sentences: int) -> str:
    return apply_filter(output_filter_for("concise", sentences=sentences), text)


@given(TEXTS, st.lists(st.integers(0, 300), max_size=30))
def test_however_it_is_cut_the_same_sentences_stay(text: str, cuts: list[int]) -> None:
    shaper = output_filter_for("concise", sentences=2)
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [shaper.feed(text[start:end]) for start, end in itertools.pairwise(places)]
    assert "".join(pieces) + shaper.finish() == of_sentences(text, 2)


def test_an_expert_has_a_number_of_sentences_at_most() -> None:
    text = "First comes this. Then comes that. Third is here. Fourth is here. Fifth is too much. Sixth as well."
    assert of_sentences(text, 4) == "First comes this. Then comes that. Third is here. Fourth is here."
    assert of_sentences(text, 9) == text


def test_lines_of_a_list_count_as_sentences() -> None:
    assert of_sentences("- one\n- two\n- three\n- four\n- five\n", 4).rstrip() == "- one\n- two\n- three\n- four"


@pytest.mark.parametrize(("language", "title"), [("en", "# Report"), ("de", "# Bericht")])
def test_a_report_without_a_heading_is_given_one(language: Language, title: str) -> None:
    assert filter_text("Pools are bounded.\n", "report", language) == f"{title}\n\nPools are bounded.\n"


@pytest.mark.parametrize("text", ["# Pools\n\nThey are bounded.", "### Pools", "\n\n## Pools\nText"])
def test_a_report_keeps_the_heading_that_it_begins_with(text: str) -> None:
    assert filter_text(text, "report") == text.lstrip()


@pytest.mark.parametrize("text", ["#hash is no heading", "####### seven are none", "#", "**Bold** is none", "#\n\nx"])
def test_what_only_looks_like_a_heading_is_none(text: str) -> None:
    assert filter_text(text, "report") == f"# Report\n\n{text}"


def test_a_report_of_nothing_stays_nothing() -> None:
    assert filter_text(" \n", "report") == ""


def test_a_heading_goes_out_as_soon_as_it_can_be_told_from_text() -> None:
    shaper = output_filter_for("report")
    assert [shaper.feed(piece) for piece in ("\n#", "# ", "P", "ools")] == ["", "", "## P", "ools"]
