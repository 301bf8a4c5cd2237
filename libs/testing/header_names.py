"""Header names that only a foreign producer writes."""

from typing import Self


class BadName(str):
    """A header name that is sent as the given bytes, whatever they are."""

    __slots__ = ("_raw",)
    _raw: bytes

    def __new__(cls, raw: bytes) -> Self:
        """The raw bytes become the name."""
        name = super().__new__(cls, raw.decode("latin-1"))
        name._raw = raw
        return name

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """The raw bytes, unchanged."""
        del encoding, errors
        return self._raw
