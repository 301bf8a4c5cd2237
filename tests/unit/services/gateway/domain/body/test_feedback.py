"""Feedback: the same word is one event, another word of the same person is the next."""

import pytest

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.records import FeedbackGiven
from libs.core.ids import new_response_id
from libs.testing.fake_clock import TEST_TIME_S
from services.gateway.domain.body.feedback import FeedbackBody, FeedbackPolicy, LatestRating, counted, feedback_of

RATED = Envelope("e-1", new_response_id(1, TEST_TIME_S), "default", "", TEST_TIME_S + 600, "", "t", subject="s")


def given(rating: int, *, user: str = "ada", correction: str | None = None, now: float = TEST_TIME_S) -> FeedbackGiven:
    body = FeedbackBody(response_id=RATED.response_id, rating=rating, correction=correction)
    return feedback_of(body, FeedbackPolicy(), Account(user=user), RATED, now)


def said_one_after_another(*ratings: int) -> list[str]:
    ids, before = [], None
    for rating in ratings:
        word = counted(given(rating), RATED, before)
        before = LatestRating.read(LatestRating(word.changes, word.part_id).note())
        ids.append(word.envelope.event_id)
    return ids


@pytest.mark.parametrize(("rating", "positive"), [(1, False), (2, False), (3, False), (4, True), (5, True)])
def test_from_four_on_it_was_good(rating: int, *, positive: bool) -> None:
    assert given(rating).positive is positive


def test_it_belongs_to_the_tenant_and_the_person_of_the_response() -> None:
    envelope = given(5).envelope
    assert (envelope.tenant, envelope.subject, envelope.causation_id) == ("default", "s", "e-1")


def test_the_same_said_later_is_the_same_event() -> None:
    assert given(5).envelope.event_id == given(5, now=TEST_TIME_S + 9).envelope.event_id
    assert len(set(said_one_after_another(5, 5, 5))) == 1


def test_a_changed_mind_is_another_event_even_when_it_changes_back() -> None:
    assert len(set(said_one_after_another(5, 1, 5))) == 3


def test_two_people_and_two_corrections_are_told_apart() -> None:
    words = [given(5), given(5, user="bob"), given(5, correction="No."), given(5, correction="Yes.")]
    assert len({word.envelope.event_id for word in words}) == 4


def test_it_can_be_acted_on_after_the_deadline_of_its_response() -> None:
    assert given(5).envelope.deadline_at > TEST_TIME_S + 6 * 24 * 3600


@pytest.mark.parametrize("note", [None, b"", b"x", b"x:y", b"\xff:1"])
def test_a_note_that_is_none_of_ours_says_nothing(note: bytes | None) -> None:
    assert LatestRating.read(note) is None
