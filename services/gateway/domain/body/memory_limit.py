"""The memory limit of request bodies. The number of open requests already bounds small bodies."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.gateway.domain.errors import body_memory_full

FREE_BYTES = 64 * 1024


class BodyShare:
    """The memory of one body."""

    def __init__(self, limit: "BodyMemoryLimit") -> None:
        self._limit = limit
        self._size = 0
        self.taken = 0

    def grow(self, size: int) -> None:
        """Reserve `size` more bytes; the first 64 kB are free. Raises RequestRefused (503) when memory is exhausted."""
        self._size += size
        needed = max(0, self._size - FREE_BYTES) - self.taken
        self._limit.reserve(needed)
        self.taken += needed


class BodyMemoryLimit:
    """Memory for the large bodies of all requests together, in bytes."""

    def __init__(self, size: int) -> None:
        self._left = size

    @contextmanager
    def share(self) -> Iterator[BodyShare]:
        """Yield the share of one body; released at the end."""
        share = BodyShare(self)
        try:
            yield share
        finally:
            self._left += share.taken

    def reserve(self, size: int) -> None:
        """Raises RequestRefused (503) when memory is exhausted."""
        if size > self._left:
            raise body_memory_full()
        self._left -= size
