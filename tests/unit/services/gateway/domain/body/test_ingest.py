"""An ingested session becomes an offer of knowledge."""

import pytest
from pydantic import ValidationError

from libs.contracts.account import Account
from services.gateway.domain.body.ingest import MAX_CHARS, IngestBody, knowledge_of, text_of


def test_summary_and_decisions_make_one_text() -> None:
    body = IngestBody(session_summary=" We met. ", key_decisions=["Use Kafka", " ", "Ship"])
    assert text_of(body) == "We met.\n\n- Use Kafka\n- Ship"


def test_a_long_text_is_cut() -> None:
    assert len(text_of(IngestBody(session_summary="x" * 9000, key_decisions=["y"]))) == MAX_CHARS


@pytest.mark.parametrize(
    ("given", "level"), [("high", "high"), ("low", "low"), (0.9, "high"), (0.6, "medium"), (0.3, "low"), (0.0, "low")]
)
def test_confidence_is_a_word_or_a_number(given: str | float, level: str) -> None:
    body = IngestBody.model_validate({"session_summary": "x", "confidence": given})
    assert knowledge_of(body, Account(user="ada")).confidence == level


@pytest.mark.parametrize("given", ["sure", -0.1, 1.1, True, None])
def test_what_is_no_confidence_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        IngestBody.model_validate({"session_summary": "x", "confidence": given})


def test_it_says_whose_it_is_and_where_it_comes_from() -> None:
    offer = knowledge_of(IngestBody(session_summary="x", domain="math", source_model="m"), Account(user="ada"))
    assert (offer.domain, offer.source_expert, offer.source_model, offer.account.user) == (
        "math",
        "session_memory",
        "m",
        "ada",
    )
