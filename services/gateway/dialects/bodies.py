"""Common parts of the request bodies of all protocols."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from services.gateway.dialects.naming import in_words
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.body.chat_tools import passed_tools
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.inference_request import InferenceRequest


class StrictBody(BaseModel):
    """A body, or a part of one: types are strict, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def text_or_parts(value: object) -> str:
    """The discriminator of content; brackets exclude the tag from the path of a field."""
    return "<parts>" if isinstance(value, list) else "<text>"


def present(fields: Mapping[str, object]) -> dict[str, object]:
    """Drop the fields that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def parse_request(raw: Mapping[str, object], names: Mapping[str, str]) -> InferenceRequest:
    """Parse a request that is translated into OpenAI's chat shape. Raises RequestRefused (400) with the protocol's name
    of the field; `names` maps chat fields to those of the protocol."""
    try:
        return InferenceRequest(read_chat_body(raw), {**raw, **passed_tools(raw)})
    except RequestRefused as refused:
        raise in_words(refused, names) from refused
