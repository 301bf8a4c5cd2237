"""Embeddings in OpenAI's and Ollama's protocols."""

import hashlib
from array import array
from base64 import b64encode
from dataclasses import dataclass
from sys import byteorder
from typing import Annotated, Literal

import orjson
from pydantic import Discriminator, Field, Tag

from libs.contracts.staffing import ModelRef
from libs.ports.embeddings import Embedded
from services.gateway.dialects.bodies import StrictBody, text_or_parts
from services.gateway.domain.errors import invalid, model_not_found
from services.gateway.domain.question.estimate import text_tokens

MAX_TEXTS = 2048
MOST_DIMENSIONS = 65_536

Input = Annotated[Annotated[str, Tag("<text>")] | Annotated[list[object], Tag("<parts>")], Discriminator(text_or_parts)]


class EmbeddingsBody(StrictBody):
    """A request as OpenAI's clients send it."""

    model: str
    input: Input
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = Field(None, ge=1, le=MOST_DIMENSIONS)
    user: str | None = None


class OllamaEmbedBody(StrictBody):
    """A request as Ollama's clients send it."""

    model: str
    input: Input
    dimensions: int | None = Field(None, ge=1, le=MOST_DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts to embed, with their characters and their SHA-256."""

    all: tuple[str, ...]
    characters: int
    sha256: str


def texts_of(value: str | list[object]) -> tuple[str, ...]:
    """Validate an input. Raises RequestRefused (400)."""
    texts = [value] if isinstance(value, str) else value
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise invalid(f"The input must have 1 to {MAX_TEXTS} texts.", param="input", code="invalid_value")
    for index, text in enumerate(texts):
        where = "input" if isinstance(value, str) else f"input[{index}]"
        if not isinstance(text, str):
            message = "The input must be text: the tokenizer of token ids is unknown."
            raise invalid(message, param=where, code="unsupported_content")
        if not text:
            raise invalid("The text is empty.", param=where, code="invalid_value")
    return tuple(str(text) for text in texts)


def check_model(named: str, ref: ModelRef) -> None:
    """Raise RequestRefused (404) for any model but the configured one, with or without its node."""
    if named.removesuffix(":latest") not in (ref.model, str(ref)) and named != ref.model:
        raise model_not_found(named)


def measured(texts: tuple[str, ...]) -> Texts:
    """Measure length and hash. Tokenizes nothing: the quota is reserved first."""
    return Texts(texts, sum(map(len, texts)), hashlib.sha256("\0".join(texts).encode(errors="replace")).hexdigest())


def tokens_in(texts: Texts) -> int:
    """Estimate the tokens of the texts. One estimate over the joined texts bounds the cost, however many there are."""
    return max(1, text_tokens(" ".join(texts.all)))


def embeddings_body(model: str, embedded: Embedded, tokens: int, *, base64: bool) -> bytes:
    """Serialize the list object; vectors as numbers, or as base64 of little-endian 32-bit floats."""
    vectors = [_base64(vector) if base64 else vector for vector in embedded.vectors]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return orjson.dumps({"object": "list", "data": data, "model": model, "usage": usage})


def ollama_embeddings_body(model: str, embedded: Embedded, tokens: int) -> bytes:
    """Serialize the embeddings in Ollama's shape."""
    return orjson.dumps({"model": model, "embeddings": embedded.vectors, "prompt_eval_count": tokens})


def _base64(vector: tuple[float, ...]) -> str:
    numbers = array("f", vector)
    if byteorder == "big":
        numbers.byteswap()
    return b64encode(numbers.tobytes()).decode()
