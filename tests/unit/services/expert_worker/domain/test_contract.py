import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.expert_worker.domain.contract import ContractReader, ParsedAnswer, graded
from services.expert_worker.domain.header import earliest_end, find_header

LONG = "A /19 network has 8,192 addresses, the last of which is the broadcast address."
KEPT = f"KEY_MESSAGE: It is 172.20.159.255.\nCONFIDENCE: high\nDETAILS: {LONG}"
MODELS_WRITE = (
    KEPT,
    f"KEY_MESSAGE: It is 172.20.159.255.\n\nCONFIDENCE: high\n\nDETAILS:\n{LONG}\n",
    f"**KEY_MESSAGE:** It is 172.20.159.255.\n**CONFIDENCE:** High\n**DETAILS:** {LONG}",
    f"**KEY_MESSAGE**: It is 172.20.159.255.\n**CONFIDENCE**: **high**\n**DETAILS**:\n\n{LONG}",
    f"### KEY_MESSAGE\nIt is 172.20.159.255.\n### CONFIDENCE\nhigh\n### DETAILS\n{LONG}",
    f"KERNAUSSAGE: It is 172.20.159.255.\nKONFIDENZ: hoch\nEINZELHEITEN: {LONG}",
    f"CORE_FINDING: It is 172.20.159.255.\nCONFIDENCE: high.\nDETAILS: {LONG}",
    f"CORE_FINDING: It is 172.20.159.255.\nCONFIDENCE: high\nGAPS: none\nREFERRAL: none\nDETAILS: {LONG}",
    f"Key message: It is 172.20.159.255.\nConfidence: high\nDetails: {LONG}",
    f"- KEY_MESSAGE: It is 172.20.159.255.\n- CONFIDENCE: high (certain)\n- DETAILS: {LONG}",
    f"KEY_MESSAGE: It is 172.20.159.255. CONFIDENCE: high DETAILS: {LONG}",
    f"Sure, here you are:\n\nKEY_MESSAGE: It is 172.20.159.255.\nCONFIDENCE: high\nDETAILS: {LONG}",
    f"```\nKEY_MESSAGE: It is 172.20.159.255.\nCONFIDENCE: high\nDETAILS: {LONG}\n```",
    f"KEY_MESSAGE: It is 172.20.159.255.\nCONFIDENCE: high\n\n{LONG}",
    f"CONFIDENCE: high\nKEY_MESSAGE: It is 172.20.159.255.\nDETAILS: {LONG}",
)
SNIPPETS = (
    *("KEY_MESSAGE: ", "KERNAUSSAGE: ", "**KEY_MESSAGE:** ", "CONFIDENCE: ", "**CONFIDENCE**: ", "Konfidenz: "),
    *("DETAILS:", "**DETAILS:**", "### DETAILS\n", "EINZELHEITEN: ", "Details: ", "GAPS: none\n", "Error: "),
    *("high", "hoch", "low", "\n", "\n\n", " ", "*", "**", "- ", "`", "```", "```\n", "a word ", "A short sentence. "),
)
TEXTS = st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join) | st.text(max_size=50)


def read(*pieces: str) -> tuple[str, ContractReader]:
    reader = ContractReader()
    streamed = "".join(reader.feed(piece) for piece in pieces) + reader.finish()
    return streamed, reader


def reading(text: str) -> ParsedAnswer:
    return read(text)[1].parsed()


@pytest.mark.parametrize("text", MODELS_WRITE)
def test_every_spelling_of_the_contract_is_read_alike(text: str) -> None:
    assert reading(text) == ParsedAnswer(LONG, "It is 172.20.159.255.", "high")


@pytest.mark.parametrize("text", MODELS_WRITE)
def test_details_stream_as_they_come(text: str) -> None:
    streamed, reader = read(*text)
    assert streamed == LONG
    assert reader.confidence == "high"


@given(TEXTS, st.lists(st.integers(0, 400), max_size=12))
@example(f"**DETAILS:**{LONG}", [10, 11])
@example("KEY_MESSAGE: x\n" + "word " * 400, [700, 799, 802])
def test_however_it_is_cut_the_reading_is_the_same(text: str, cuts: list[int]) -> None:
    places = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(places)]
    streamed, reader = read(*pieces)
    whole_streamed, whole = read(text)
    assert (streamed, reader.parsed()) == (whole_streamed, whole.parsed())
    assert streamed == streamed.strip()


@given(TEXTS)
def test_no_header_ends_before_it_is_looked_for(text: str) -> None:
    sooner = range(min(earliest_end(text), len(text) + 1))
    assert not any(find_header(text[:end]) for end in sooner)


@given(st.text(min_size=1, max_size=200).filter(lambda text: ":" not in text))
def test_a_text_without_the_contract_is_all_details(text: str) -> None:
    assert reading(text).details == text.strip()


def test_text_without_the_contract_has_medium_confidence() -> None:
    assert reading(LONG) == ParsedAnswer(LONG, "", "medium")


def test_text_without_the_contract_streams_once_that_is_certain() -> None:
    reader = ContractReader()
    assert reader.feed("word " * 60) == ""
    assert reader.feed("and more words") == "word " * 60 + "and more words"


@pytest.mark.parametrize("said", ["", "CONFIDENCE:\n", "CONFIDENCE: high | medium | low\n", "CONFIDENCE: very\n"])
def test_a_missing_or_unclear_confidence_is_medium(said: str) -> None:
    assert reading(f"KEY_MESSAGE: x\n{said}DETAILS: {LONG}") == ParsedAnswer(LONG, "x", "medium")


def test_a_confidence_after_the_details_counts_and_is_not_shown() -> None:
    assert reading(f"KEY_MESSAGE: x\nDETAILS: {LONG}\n\n**CONFIDENCE:** low") == ParsedAnswer(LONG, "x", "low")
    assert reading(f"{LONG}\nConfidence: high") == ParsedAnswer(LONG, "", "high")


@pytest.mark.parametrize(
    "details",
    [
        "Too short.",
        f"Error: {LONG}",
        f"[ERROR] {LONG}",
        f"Internal Server Error: {LONG}",
        f"Fehler: {LONG}",
        f"Error 503 {LONG}",
    ],
)
def test_short_details_and_error_texts_are_low(details: str) -> None:
    assert reading(f"KEY_MESSAGE: x\nCONFIDENCE: high\nDETAILS: {details}").confidence == "low"


def test_a_text_about_errors_is_no_error() -> None:
    assert graded("Error handling in Go is explicit: functions return an error value.", "high") == "high"


def test_forty_characters_are_enough() -> None:
    assert graded("x" * 40, "high") == "high"
    assert graded("x" * 39, "high") == "low"


def test_a_model_that_stops_after_its_key_message_has_answered_with_that() -> None:
    assert reading("KEY_MESSAGE: Paris.\nCONFIDENCE: high") == ParsedAnswer("Paris.", "Paris.", "low")
    assert reading("KEY_MESSAGE: Paris is the capi").details == "Paris is the capi"


def test_labels_inside_the_details_are_text() -> None:
    details = f"{LONG}\nCONFIDENCE: low is a label.\nDETAILS: so is this."
    assert reading(f"KEY_MESSAGE: x\nCONFIDENCE: high\nDETAILS: {details}").details == details


def test_details_may_begin_in_bold_or_with_code() -> None:
    assert reading(f"**DETAILS:** **Note** {LONG}").details == f"**Note** {LONG}"
    assert reading("KEY_MESSAGE: x\nCONFIDENCE: high\nDETAILS:\n```py\nx = 1\n```").details == "```py\nx = 1\n```"


def test_a_header_that_never_ends_is_text() -> None:
    endless = "word " * 600
    assert reading(f"KEY_MESSAGE: {endless}").details == endless.strip()
