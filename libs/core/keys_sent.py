"""Where clients put their key."""

from collections.abc import Iterable

_HEADERS = (b"x-api-key", b"anthropic-api-key")


def key_sent(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the key among HTTP headers with lower-case names, empty for none: `x-api-key`, then `anthropic-api-key`,
    then `Authorization: Bearer`."""
    found = {name: value for name, value in headers if name in _HEADERS or name == b"authorization"}
    for name in _HEADERS:
        if key := found.get(name, b"").strip():
            return key.decode("latin-1")
    scheme, _, key = found.get(b"authorization", b"").partition(b" ")
    return key.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
