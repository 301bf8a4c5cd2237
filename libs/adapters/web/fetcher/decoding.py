"""Decompresses bodies incrementally, within a size limit."""

import zlib

from libs.ports.fetching import FetchError

MAX_RATIO = 100  # deflate reaches 1032; pages and JSON stay below 30
FREE_BYTES = 256 << 10  # smaller results are harmless at any ratio
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_STEP = 64 << 10
_GZIP_FIRST_BYTE = 0x1F


class Body:
    """Decodes a body piece by piece. `encoding` is the Content-Encoding of the answer."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        self._max_bytes = max_bytes
        self._taken = 0
        self._kept = bytearray()
        self._decoder: zlib._Decompress | None = None
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise FetchError("encoding_refused", "the answer is compressed in a way that was not asked for")

    @property
    def _is_plain(self) -> bool:
        return self._encoding in {"", "identity"}

    def feed(self, piece: bytes) -> None:
        """Decode a piece. Raises FetchError: `too_large`, `compression_bomb`, `broken_response`."""
        if self._is_plain:
            self._append(piece)
            return
        try:
            self._decode(piece)
        except zlib.error as error:
            raise FetchError("broken_response", "the compressed answer is broken") from error

    def finish(self) -> bytes:
        """The whole body. Raises FetchError for a truncated one."""
        if self._decoder is not None and not self._decoder.eof:
            raise FetchError("broken_response", "the compressed answer stops in the middle")
        return bytes(self._kept)

    def _decode(self, piece: bytes) -> None:
        """Decode stepwise. A gzip stream may have several members (RFC 1952, 2.2); other trailing bytes are ignored."""
        while piece:
            if self._decoder is None or self._is_another_member(self._decoder, piece):
                self._decoder = zlib.decompressobj(self._window(piece))
            if self._decoder.eof:
                return
            unpacked = self._decoder.decompress(piece, _STEP)
            left = self._decoder.unconsumed_tail or self._decoder.unused_data
            self._taken += len(piece) - len(left)
            piece = left
            self._append(unpacked)

    def _is_another_member(self, decoder: "zlib._Decompress", piece: bytes) -> bool:
        return decoder.eof and self._encoding != "deflate" and piece[0] == _GZIP_FIRST_BYTE

    def _window(self, piece: bytes) -> int:
        """`deflate` is zlib's format (RFC 9110, 8.4.1.2), and raw deflate where servers get that wrong."""
        if self._encoding != "deflate":
            return _GZIP
        return _ZLIB if piece[0] & 0x0F == 8 else _RAW

    def _append(self, piece: bytes) -> None:
        self._kept += piece
        if not self._is_plain and len(self._kept) > max(FREE_BYTES, MAX_RATIO * self._taken):
            raise FetchError("compression_bomb", f"the answer unpacks to more than {MAX_RATIO} times its size")
        if len(self._kept) > self._max_bytes:
            raise FetchError("too_large", f"the answer is larger than {self._max_bytes} bytes")
