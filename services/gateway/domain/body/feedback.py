"""What somebody thinks of a response, as they send it and as it stands on the log."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.records import FeedbackGiven, Rating

MAX_CORRECTION = 8000
KEPT_S = 7 * 24 * 3600.0  # as long as the topic keeps it, somebody may act on it


class FeedbackBody(BaseModel):
    """The body of POST /v1/feedback."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
    response_id: str = Field(min_length=1, max_length=200, description="Response to rate")
    rating: Rating = Field(description="1 (bad) to 5 (good)")
    correction: str | None = Field(None, max_length=MAX_CORRECTION, description="Corrected answer")


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """From which rating on an answer was good, and up to which one it was bad."""

    positive_from: int = 4
    negative_to: int = 2


@dataclass(frozen=True, slots=True)
class LatestRating:
    """What a person said last about a response, and how often something else before. Written as `<changes>:<id>`."""

    changes: int
    what: str

    @classmethod
    def read(cls, note: bytes | None) -> "LatestRating | None":
        """Return what a note says, None for none and for one that is not ours."""
        changes, colon, what = (note or b"").decode(errors="replace").partition(":")
        return cls(int(changes), what) if colon and changes.isdecimal() else None

    def note(self) -> bytes:
        """Return what `read` reads."""
        return f"{self.changes}:{self.what}".encode()


def feedback_of(
    body: FeedbackBody, rules: FeedbackPolicy, account: Account, rated: Envelope, now: float
) -> FeedbackGiven:
    """Return the feedback about the response with that envelope; `now` is Unix time in seconds."""
    return FeedbackGiven(
        response_id=body.response_id,
        rating=body.rating,
        positive=body.rating >= rules.positive_from,
        ts=now,
        correction=body.correction or "",
        account=account,
    ).following(rated, deadline_at=now + KEPT_S)


def counted(given: FeedbackGiven, rated: Envelope, before: LatestRating | None) -> FeedbackGiven:
    """Return the feedback as the next word of its person; the same word again is the same feedback."""
    if before is None:
        return given
    changes = before.changes + (before.what != given.part_id)
    deadline_at = given.envelope.deadline_at
    return given.model_copy(update={"changes": changes}).following(rated, deadline_at=deadline_at)
