"""Request headers that are forwarded to the model server unchanged."""

from collections.abc import Sequence
from operator import itemgetter

_PASSED = frozenset((b"anthropic-beta", b"anthropic-version"))
_name = itemgetter(0)


def passed_headers(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Forwarded header lines: they switch features of models and servers on and off."""
    if _PASSED.isdisjoint(map(_name, headers)):
        return b""
    return b"".join(b"%b: %b\r\n" % (name, value) for name, value in headers if name in _PASSED)
