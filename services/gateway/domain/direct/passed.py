"""What goes on to the model server as it came."""

from collections.abc import Iterable

_PASSED = (b"anthropic-beta", b"anthropic-version")


def passed_headers(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the header lines that are passed on unchanged: they switch features of models and servers on and off."""
    return b"".join(b"%b: %b\r\n" % (name, value) for name, value in headers if name in _PASSED)
