"""Memory ingestion: the summary of a session as knowledge offered to the fleet."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.account import Account
from libs.contracts.finding import Confidence
from libs.contracts.records import KnowledgeOffered

MAX_CHARS = 4000
MAX_BODY_BYTES = 6 * 1024 * 1024  # 440,000 characters as JSON may spell them: 12 bytes for one outside the basic plane
SOURCE = "session_memory"
_HIGH, _MEDIUM = 0.75, 0.45  # the midpoints between .9, .6 and .3, the values of the three words
Share = Annotated[float, Field(ge=0, le=1)]


class IngestBody(BaseModel):
    """The body of POST /v1/memory/ingest."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
    session_summary: str = Field(min_length=1, max_length=40_000, description="Topic of the session")
    key_decisions: list[Annotated[str, Field(max_length=2000)]] = Field(
        default=[], max_length=200, description="What was decided in it"
    )
    domain: str = Field("general", min_length=1, max_length=80, description="The field of knowledge")
    source_model: str = Field("", max_length=200, description="The model that wrote the summary")
    confidence: Confidence | Share = Field("medium", description="high, medium or low, or a number from 0 to 1")


def text_of(body: IngestBody) -> str:
    """Join summary and decisions into one text of at most 4,000 characters."""
    decisions = "\n".join(f"- {decision}" for decision in body.key_decisions if decision.strip())
    return "\n\n".join(filter(None, (body.session_summary.strip(), decisions)))[:MAX_CHARS]


def knowledge_of(body: IngestBody, account: Account) -> KnowledgeOffered:
    """Build the event, without an envelope."""
    return KnowledgeOffered(
        input="Summary of the session",
        answer=text_of(body),
        domain=body.domain,
        source_expert=SOURCE,
        source_model=body.source_model,
        confidence=_level(body.confidence),
        knowledge_type="factual",
        account=account,
    )


def _level(confidence: Confidence | float) -> Confidence:
    if isinstance(confidence, str):
        return confidence
    if confidence >= _HIGH:
        return "high"
    return "medium" if confidence >= _MEDIUM else "low"
