"""The encoding of finished intervals beyond the watermark as the metadata of a committed offset. Pure."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Sequence
from itertools import accumulate

from libs.runtime.ledger.intervals import Interval
from libs.runtime.ledger.partition import Progress

# Format: `1`, a letter for the form, then base85 of a checksum and the body. The body holds runs that begin at the
# watermark: so many offsets unfinished, so many finished, and so on. They are numbers, a bitmap, or either of them
# compressed, whichever is shortest. Runs that do not fit are dropped from the far end, which costs only repeated work.
MAX_METADATA_CHARS = 4096  # UTF-16 characters; the broker's default of offset.metadata.max.bytes
_VERSION = "1"
_CHECKSUM_BYTES = 4
_MOST_BYTES = 1 << 22  # of an uncompressed body
_WIDEST_BITMAP = 1 << 18  # in bits; beyond that numbers are shorter, or nothing fits
_LEVEL = 6
_CAUTION = 0.98  # intervals near the watermark may take more characters than the average
_RUN = re.compile("0+|1+")


def encode(progress: Progress, max_chars: int = MAX_METADATA_CHARS) -> str:
    """At most `max_chars` characters; empty when no interval lies beyond the watermark."""
    count = len(progress.finished)
    while count > 0:
        text = _shortest(progress, count)
        if len(text) <= max_chars:
            return text
        count = min(count - 1, int(count * max_chars / len(text) * _CAUTION))
    return ""


def decode(watermark: int, text: str) -> tuple[Interval, ...]:
    """Intervals finished beyond the watermark; empty for text that cannot be read or has a wrong checksum.

    The checksum covers the watermark: a tool that moves a committed offset but keeps its metadata would otherwise cause
    unfinished records to be skipped.
    """
    form = _FORMS.get(text[1:2])
    if text[:1] != _VERSION or form is None:
        return ()
    try:
        sealed = base64.b85decode(text[2:])
        body = sealed[_CHECKSUM_BYTES:]
        return _intervals(watermark, form(body)) if sealed == _sealed(watermark, body) else ()
    except (ValueError, zlib.error):
        return ()


def _shortest(progress: Progress, count: int) -> str:
    runs = _runs(progress.watermark, progress.finished[:count])
    bodies = {"n": _as_numbers(runs)}
    if sum(runs) <= _WIDEST_BITMAP:
        bodies["b"] = _as_bitmap(runs)
    bodies |= {letter.upper(): zlib.compress(body, _LEVEL) for letter, body in bodies.items()}
    letter = min(bodies, key=lambda form: len(bodies[form]))
    return _VERSION + letter + base64.b85encode(_sealed(progress.watermark, bodies[letter])).decode()


def _sealed(watermark: int, body: bytes) -> bytes:
    checksum = binascii.crc32(body, binascii.crc32(watermark.to_bytes(8, "big")))
    return checksum.to_bytes(_CHECKSUM_BYTES, "big") + body


def _runs(watermark: int, finished: Sequence[Interval]) -> list[int]:
    """Lengths in order: unfinished, finished, unfinished, …"""
    edges = [edge for interval in finished for edge in interval]
    return [after - before for before, after in zip([watermark, *edges[:-1]], edges, strict=True)]


def _intervals(watermark: int, runs: Sequence[int]) -> tuple[Interval, ...]:
    """Raises ValueError if the runs are invalid."""
    if len(runs) % 2 or not all(runs):
        raise ValueError("not pairs of runs")
    edges = list(accumulate(runs, initial=watermark))[1:]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _as_numbers(runs: Sequence[int]) -> bytes:
    """Encode as LEB128: seven bits a byte, the lowest first; the highest bit means that more follow."""
    if max(runs) < 0x80:
        return bytes(runs)
    body = bytearray()
    for number in runs:
        while number > 0x7F:
            body.append(number & 0x7F | 0x80)
            number >>= 7
        body.append(number)
    return bytes(body)


def _from_numbers(body: bytes) -> list[int]:
    runs, number, shift = [], 0, 0
    for byte in body:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            runs.append(number)
            number, shift = 0, 0
    if shift:
        raise ValueError("the last number has no end")
    return runs


def _as_bitmap(runs: Sequence[int]) -> bytes:
    """Encode as one bit per offset from the watermark on, the first one highest; zeroes fill the last byte."""
    bits = "".join("01"[number % 2] * run for number, run in enumerate(runs)) + "0" * (-sum(runs) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _from_bitmap(body: bytes) -> list[int]:
    bits = f"{int.from_bytes(body, 'big'):0{len(body) * 8}b}".rstrip("0")
    if bits.startswith("1"):
        raise ValueError("the watermark itself is finished")
    return [len(run) for run in _RUN.findall(bits)]


def _unpacked(body: bytes) -> bytes:
    packed = zlib.decompressobj()
    whole = packed.decompress(body, _MOST_BYTES)
    if not packed.eof:
        raise ValueError("it is not whole")
    return whole


_FORMS: dict[str, Callable[[bytes], list[int]]] = {
    "n": _from_numbers,
    "b": _from_bitmap,
    "N": lambda body: _from_numbers(_unpacked(body)),
    "B": lambda body: _from_bitmap(_unpacked(body)),
}
