"""Answers without a type in the SDKs: wrappers around theirs, and examples of OpenAI's reference."""

from typing import Literal

from anthropic.types import ModelInfo
from openai.types import Model
from openai.types.shared import ErrorObject
from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenAIError(_Answer):
    """The body of an error."""

    error: ErrorObject


class Models(_Answer):
    """A page of models."""

    object: Literal["list"]
    data: list[Model]


class DeletedResponse(_Answer):
    """The deletion object."""

    id: str
    object: Literal["response.deleted"]
    deleted: Literal[True]


class AnthropicModels(_Answer):
    """A page of models, as Anthropic's clients read it."""

    data: list[ModelInfo]
    has_more: bool
    first_id: str | None
    last_id: str | None
