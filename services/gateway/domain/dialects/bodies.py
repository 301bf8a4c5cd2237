"""What the bodies of all protocols have in common."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from services.gateway.domain.ask import Ask
from services.gateway.domain.chat_body import read_chat_body


class StrictBody(BaseModel):
    """A body, or a part of one: no type is guessed, fields that nobody knows are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def text_or_parts(value: object) -> str:
    """Return which kind of content this is; brackets keep the name out of the path of a field."""
    return "<parts>" if isinstance(value, list) else "<text>"


def present(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def asked(raw: Mapping[str, object]) -> Ask:
    """Return what a request, translated into OpenAI's chat shape, asks for. Raises RequestRefused (400)."""
    return Ask(read_chat_body(raw), raw)
