from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.advice import advice, with_advice

Language = Literal["en", "de"]
BOTH = ("legal_advisor", "medical_consult")


def test_a_medical_answer_ends_with_the_advice_to_see_a_doctor() -> None:
    assert with_advice("Take 200 mg.\n", ("medical_consult",), "en").endswith("please see a doctor about your case.")


def test_a_legal_answer_ends_with_the_advice_to_seek_counsel() -> None:
    assert with_advice("§ 433 BGB.", ("legal_advisor", "general"), "en").endswith("from a lawyer about your case.")


@pytest.mark.parametrize(("category", "word"), [("medical_consult", "Arzt"), ("legal_advisor", "anwaltlich")])
def test_a_german_answer_gets_german_advice(category: str, word: str) -> None:
    assert word in with_advice("Antwort.", (category,), "de").splitlines()[-1]


def test_other_answers_are_left_alone() -> None:
    assert with_advice("The sky is blue. ", ("general", "science"), "en") == "The sky is blue. "


def test_advice_in_the_middle_of_an_answer_does_not_count() -> None:
    (sentence,) = advice(("medical_consult",), "en")
    answer = with_advice(f"{sentence} And then take ten more.", ("medical_consult",), "en")
    assert answer.count(sentence) == 2
    assert answer.endswith(sentence)


def test_only_what_is_missing_is_added() -> None:
    medical, legal = advice(BOTH, "en")
    assert with_advice(f"Yes.\n\n{medical}", BOTH, "en") == f"Yes.\n\n{medical}\n\n{legal}"
    assert with_advice(f"Yes.\n\n{legal}\n{medical} ", BOTH, "en") == f"Yes.\n\n{legal}\n{medical} "


@given(
    st.text(max_size=80),
    st.lists(st.sampled_from([*BOTH, "general"])),
    st.sampled_from(["en", "de"]),
)
def test_giving_advice_twice_changes_nothing(text: str, categories: list[str], language: Language) -> None:
    once = with_advice(text, categories, language)
    assert with_advice(once, categories, language) == once
    assert once.startswith(text.rstrip())
