"""Common parts of the request bodies of all protocols."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class StrictBody(BaseModel):
    """A body, or a part of one: types are strict, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def text_or_parts(value: object) -> str:
    """The discriminator of content; brackets exclude the tag from the path of a field."""
    return "<parts>" if isinstance(value, list) else "<text>"


def present(fields: Mapping[str, object]) -> dict[str, object]:
    """Drop the fields that are None."""
    return {name: value for name, value in fields.items() if value is not None}
