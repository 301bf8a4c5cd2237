"""Which conversation a request belongs to."""

import pytest

from libs.ports.identity import Caller
from services.gateway.domain.body.chat import ChatMessageBody, ContentPart
from services.gateway.domain.question.identity import MAX_NAME_CHARS, SESSION_HEADERS, named_session, session_of

ANN = Caller("acme", user="ann", key_id="k1")
BEN = Caller("acme", user="ben", key_id="k2")
EVE = Caller("umbrella", user="ann", key_id="k1")
KEY = "a signing key"


def said(*texts: str, role: str = "user") -> list[ChatMessageBody]:
    return [ChatMessageBody(role=role, content=text) for text in texts]


@pytest.mark.parametrize("header", SESSION_HEADERS)
def test_every_header_names_a_session(header: str) -> None:
    assert named_session({header: "abc"}, "") == "abc"


def test_the_headers_go_before_the_body_and_in_their_order() -> None:
    headers = dict(zip(SESSION_HEADERS, "abcde", strict=True))
    for header, name in zip(SESSION_HEADERS, "abcde", strict=True):
        assert named_session(headers, "body") == name
        del headers[header]
    assert named_session(headers, "body") == "body"


def test_the_id_of_a_request_names_no_session() -> None:
    assert named_session({"x-request-id": "abc"}, "") == ""


@pytest.mark.parametrize("name", ["", "  ", "x" * (MAX_NAME_CHARS + 1), "a\x00b", "a\nb"])
def test_a_name_that_is_no_name_is_passed_over(name: str) -> None:
    assert named_session({"x-claude-code-session-id": name, "x-session-id": "next"}, "") == "next"
    assert named_session({"x-session-id": name}, name) == ""


def test_a_name_is_one_session_whatever_is_said() -> None:
    assert session_of("s1", said("Hi"), ANN, KEY) == session_of("s1", said("Bye"), BEN, KEY)
    assert session_of("s1", said("Hi"), ANN, KEY) != session_of("s2", said("Hi"), ANN, KEY)


@pytest.mark.parametrize("named", ["s1", ""])
def test_two_tenants_never_share_a_session(named: str) -> None:
    assert session_of(named, said("Hi"), ANN, KEY) != session_of(named, said("Hi"), EVE, KEY)


def test_nobody_without_the_signing_key_can_make_the_session_of_a_name() -> None:
    session = session_of("s1", [], ANN, KEY)
    assert session != session_of("s1", [], ANN, "another key")
    assert "s1" not in session
    assert len(session) == 32


def test_without_a_name_a_conversation_is_known_by_how_it_begins() -> None:
    begun = said("Hi", "How are you?", "Fine.")
    assert session_of("", begun, ANN, KEY) == session_of("", begun + said("And now?"), ANN, KEY)
    assert session_of("", begun, ANN, KEY) != session_of("", said("Hi", "How are you?", "Bad."), ANN, KEY)
    assert session_of("", begun, ANN, KEY) != session_of("", begun, BEN, KEY)


def test_what_others_said_does_not_count() -> None:
    with_answers = [*said("Be brief.", role="system"), *said("Hi"), *said("Hello", role="assistant"), *said("Why?")]
    assert session_of("", with_answers, ANN, KEY) == session_of("", said("Hi", "Why?"), ANN, KEY)


def test_words_that_are_divided_differently_are_another_conversation() -> None:
    assert session_of("", said("ab", "c"), ANN, KEY) != session_of("", said("a", "bc"), ANN, KEY)


def test_parts_of_text_count_and_silence_does_not() -> None:
    parts = [ChatMessageBody(role="user", content=[ContentPart(type="text", text="Hi")])]
    assert session_of("", parts, ANN, KEY) == session_of("", said("Hi"), ANN, KEY)
    assert session_of("", said("", " "), ANN, KEY) == ""


def test_a_conversation_cannot_be_named_into_one_that_has_no_name() -> None:
    unnamed = session_of("", said("Hi"), ANN, KEY)
    assert all(session_of(name, said("Hi"), ANN, KEY) != unnamed for name in ("Hi", "said by ann", "ann"))
