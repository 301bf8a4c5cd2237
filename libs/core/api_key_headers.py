"""Where clients put their key."""

from collections.abc import Sequence

from libs.core.errors import FleetError

_HEADERS = frozenset((b"x-api-key", b"anthropic-api-key", b"authorization"))


class AmbiguousKey(FleetError):
    """A request has a key header twice, or different keys: a proxy before us may have checked the other one."""

    code = "ambiguous_key"

    def __init__(self) -> None:
        super().__init__("Send one API key, in one header.")


def api_key_from(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Return the key among HTTP headers with lower-case names, empty for none: of `x-api-key`, `anthropic-api-key` or
    `Authorization: Bearer`. Raises AmbiguousKey."""
    fields = dict(headers)
    names = fields.keys() & _HEADERS
    if len(names) == 1 and len(fields) == len(headers):  # as nearly always: no header twice
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
