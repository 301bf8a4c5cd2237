"""Feedback on a response: the request body and the event on the log."""

from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.records import FeedbackGiven, Rating
from libs.core.subjects import joined, persons_in

MAX_CORRECTION = 8000
KEPT_S = 7 * 24 * 3600.0  # the retention of the topic: consumers may act on it until then


class FeedbackBody(BaseModel):
    """The body of POST /v1/feedback."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
    response_id: str = Field(min_length=1, max_length=200, description="Response to rate")
    rating: Rating = Field(description="1 (bad) to 5 (good)")
    correction: str | None = Field(None, max_length=MAX_CORRECTION, description="Corrected answer")


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """The lowest positive and the highest negative rating."""

    positive_from: int = 4
    negative_to: int = 2


@dataclass(frozen=True, slots=True)
class LatestRating:
    """The latest rating of a response by one person, and the number of earlier changes. Stored as `<changes>:<id>`."""

    changes: int
    what: str

    @classmethod
    def read(cls, note: bytes | None) -> "LatestRating | None":
        """None for a missing or malformed value."""
        changes, colon, what = (note or b"").decode(errors="replace").partition(":")
        return cls(int(changes), what) if colon and changes.isdecimal() else None

    def note(self) -> bytes:
        return f"{self.changes}:{self.what}".encode()


def with_persons(rated: Envelope, subject: str) -> Envelope:
    """The envelope with the persons of the feedback beside those of the response."""
    return replace(rated, subject=joined((*persons_in(rated.subject), *persons_in(subject))))


def feedback_of(
    body: FeedbackBody, rules: FeedbackPolicy, account: Account, rated: Envelope, now: float
) -> FeedbackGiven:
    """Build the feedback on the response with the envelope `rated`; `now` is Unix time in seconds."""
    return FeedbackGiven(
        response_id=body.response_id,
        rating=body.rating,
        positive=body.rating >= rules.positive_from,
        ts=now,
        correction=body.correction or "",
        account=account,
    ).following(rated, deadline_at=now + KEPT_S)


def counted(feedback: FeedbackGiven, rated: Envelope, before: LatestRating | None) -> FeedbackGiven:
    """Number the feedback as the next change of its person; an unchanged rating keeps its number."""
    if before is None:
        return feedback
    changes = before.changes + (before.what != feedback.part_id)
    deadline_at = feedback.envelope.deadline_at
    return feedback.model_copy(update={"changes": changes}).following(rated, deadline_at=deadline_at)
