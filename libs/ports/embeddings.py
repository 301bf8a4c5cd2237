"""Texts as vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.core.errors import Rejected, Retryable
from libs.ports.llm import ModelRef


class EmbedderUnavailable(Retryable):
    """The server took no connection, or its answer stopped in the middle, or makes no sense."""

    code = "model_unavailable"


class EmbeddingRefused(Rejected):
    """The server will not embed this (4xx): trying again cannot help. The message is the server's, cut."""

    code = "model_refused"


@dataclass(frozen=True, slots=True)
class Embedded:
    """One vector for each text, in their order, all of one length. `tokens` is what the server counted, None for no
    count."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int | None


class Embedder(Protocol):
    """One model that embeds."""

    @property
    def ref(self) -> ModelRef:
        """Return which model it is, and where."""
        ...

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        """Return the vectors of some texts, with so many dimensions if the model can do that.

        Repeating it changes nothing. Raises EmbedderUnavailable, EmbeddingRefused.
        """
        ...
