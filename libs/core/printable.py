"""Escapes control characters in output, so that untrusted text cannot control a terminal."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

# A piece of a character class: all with Unicode's property Bidi_Control.
DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# C0 but tab and line feed, DEL, C1 (CSI and OSC begin there, or with ESC), hidden or reversing characters (bidi marks
# and overrides, invisible operators, byte-order mark, tags), separators at which some terminals break lines, and half
# characters, which no stream can write.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Escape control characters as in JSON (`\u001b`), so that printed JSON keeps its value."""
    return _UNSAFE.sub(_escaped, text)


@contextmanager
def printable_output() -> Iterator[None]:
    """Escape all text written to stdout and stderr within the block."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_PrintableStream.around(stream) for stream in before)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _PrintableStream):
                stream.flush()
                stream.detach()  # the file stays open for later writers
        sys.stdout, sys.stderr = before


class _PrintableStream(TextIOWrapper):
    """A text stream that replaces another one. Bytes written to its buffer are not escaped."""

    @classmethod
    def around(cls, stream: object) -> "_PrintableStream":
        assert isinstance(stream, TextIOWrapper)
        stream.flush()
        return cls(stream.buffer, encoding=stream.encoding, errors=stream.errors, line_buffering=stream.line_buffering)

    def write(self, text: str) -> int:
        super().write(printable(text))
        return len(text)


def _escaped(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
