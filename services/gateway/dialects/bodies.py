"""What the bodies of all protocols have in common."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from services.gateway.dialects.naming import in_words
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.body.chat_tools import passed_tools
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.inference_request import InferenceRequest


class StrictBody(BaseModel):
    """A body, or a part of one: no type is guessed, fields that nobody knows are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def text_or_parts(value: object) -> str:
    """Return which kind of content this is; brackets keep the name out of the path of a field."""
    return "<parts>" if isinstance(value, list) else "<text>"


def present(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def parse_request(raw: Mapping[str, object], names: Mapping[str, str]) -> InferenceRequest:
    """Return what a request, translated into OpenAI's chat shape, asks for. Raises RequestRefused (400) with the field
    by its own name; `names` are those that fields of a chat have in the protocol of the request."""
    try:
        return InferenceRequest(read_chat_body(raw), {**raw, **passed_tools(raw)})
    except RequestRefused as refused:
        raise in_words(refused, names) from refused
