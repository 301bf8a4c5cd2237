"""Reads the API key from request headers."""

from collections.abc import Sequence

from libs.core.errors import FleetError

_HEADERS = frozenset((b"x-api-key", b"anthropic-api-key", b"authorization"))


class AmbiguousKey(FleetError):
    """A request repeats a key header, or has different keys: a proxy in front may have checked the other one."""

    code = "ambiguous_key"

    def __init__(self) -> None:
        super().__init__("Send one API key, in one header.")


def api_key_from(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The key of `x-api-key`, `anthropic-api-key` or `Authorization: Bearer`; empty if there is none.

    `headers` have lower-case names. Raises AmbiguousKey.
    """
    fields = dict(headers)
    names = fields.keys() & _HEADERS
    if len(names) == 1 and len(fields) == len(headers):  # the usual case: no repeated header
        name = names.pop()
        return _key(name, fields[name])
    sent = [header for header in headers if header[0] in _HEADERS]
    keys = {key for header in sent if (key := _key(*header))}
    if len(keys) > 1 or len({name for name, _ in sent}) < len(sent):
        raise AmbiguousKey
    return keys.pop() if keys else ""


def _key(name: bytes, value: bytes) -> str:
    if name != b"authorization":
        return value.strip().decode("latin-1")
    scheme, _, key = value.partition(b" ")
    return key.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
