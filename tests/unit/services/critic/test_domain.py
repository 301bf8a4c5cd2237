import unicodedata

import pytest

from services.critic.domain import read_verdict


@pytest.mark.parametrize(
    "text",
    [
        *("CONFIRMED", "CONFIRMED.\n", "**CONFIRMED**", " `CONFIRMED`! ", "Confirmed", "## CONFIRMED"),
        *("BESTÄTIGT", "„BESTÄTIGT“.", unicodedata.normalize("NFD", "BESTÄTIGT")),
        *("```\nCONFIRMED\n```", "<think>Is it? Yes.</think>\n\nCONFIRMED"),
    ],
)
def test_confirmed_alone_confirms_whatever_its_markup(text: str) -> None:
    assert read_verdict(text).confirmed


@pytest.mark.parametrize("text", ["CONFIRMED, but the dose is wrong: 400 mg.", "Take 200 mg. CONFIRMED"])
def test_anything_else_is_a_replacement(text: str) -> None:
    verdict = read_verdict(text)
    assert not verdict.confirmed
    assert verdict.replacement == text


@pytest.mark.parametrize(
    "text",
    [
        "CORRECTED: Take 200 mg.",
        "**CORRECTED ANSWER:**\n\nTake 200 mg.",
        "**Corrected**: Take 200 mg.",
        "## Korrigierte Antwort\nTake 200 mg.",
        "KORRIGIERT:\nTake 200 mg.",
        "```\nTake 200 mg.\n```",
        "```markdown\nCORRECTED: Take 200 mg.\n```",
        "CORRECTED:\n```text\nTake 200 mg.\n```",
        "<think>Too much.</think>Take 200 mg.",
        "CONFIRMED\n\nTake 200 mg.",
    ],
)
def test_the_replacement_is_the_answer_alone(text: str) -> None:
    assert read_verdict(text).replacement == "Take 200 mg."


def test_code_and_inner_fences_keep_their_fences() -> None:
    for text in ("```py\nx = 1\n```", "```\na\n```\nand\n```\nb\n```"):
        assert read_verdict(text).replacement == text


def test_a_sentence_that_begins_like_a_label_is_kept() -> None:
    text = "Corrected vision is required by § 12 FeV."
    assert read_verdict(text).replacement == text


@pytest.mark.parametrize(
    "text", ["", " \n", "NOT CONFIRMED", "**Nicht bestätigt.**", "<think>still thinking", "CORRECTED:\n", "```\n\n```"]
)
def test_a_reply_that_corrects_nothing_is_neither(text: str) -> None:
    verdict = read_verdict(text)
    assert not verdict.confirmed
    assert not verdict.replacement
