"""The embedding port: texts to vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.contracts.staffing import ModelRef
from libs.core.errors import Rejected, Retryable


class EmbedderUnavailable(Retryable):
    """The server rejects the connection, fails, or loses the response: see EmbeddingLost."""

    code = "model_unavailable"


class EmbeddingLost(EmbedderUnavailable):
    """The server did the work, or may have done it: its response is too late, cut off, too long or invalid."""


class EmbeddingRefused(Rejected):
    """The server rejects the input (4xx); retrying cannot help. The message is the server's, cut."""

    code = "model_refused"


@dataclass(frozen=True, slots=True)
class Embedded:
    """One vector per text, in the order of the texts, all of one length. `tokens` is the server's count; None if it
    reports none.
    """

    vectors: tuple[tuple[float, ...], ...]
    tokens: int | None


class Embedder(Protocol):
    """One embedding model."""

    @property
    def ref(self) -> ModelRef: ...

    async def embed(self, texts: Sequence[str], dimensions: int | None = None) -> Embedded:
        """Vectors of `dimensions` components where the model supports it. Idempotent.

        Raises EmbedderUnavailable (EmbeddingLost if the call has a cost), EmbeddingRefused.
        """
        ...
